import { createHash } from 'node:crypto';
import { SecretsError } from '../../errors.ts';
import { readSopsFile, type SopsFile } from '../../sops/document.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { leaves } from '../../sops/tree-path.ts';
import { pathName, shellWord } from '../guard/names.ts';
import type { ManagedFinding } from '../guard/snapshot.ts';
import type { Sides } from './open-sides.ts';

/** So many names of one file are told. */
const NAMED = 5;

/** A file that both sides of a merge changed, and of which one side is about to be committed as it is. */
export interface OneSided {
  /** Relative to git's top. */
  readonly path: string;
  readonly sides: Sides<Uint8Array>;
  /** The side whose bytes are kept. */
  readonly kept: 'ours' | 'theirs';
}

/** What tells a conflict again after it was resolved, and what came out: a merge may be begun anew. */
export function decisionId(ours: Uint8Array, theirs: Uint8Array, result: Uint8Array): string {
  return [ours, theirs, result].map(bytes => createHash('sha256').update(bytes).digest('hex')).join('-');
}

/**
 * The driver leaves our version of a file in conflict, without markers in it, so that `git add` takes all that the
 * other side changed away without a word. Names are compared by their ciphertext; no key is needed.
 *
 * @returns `null` where nothing is left out, or the file is none of sops
 */
export async function leftOut({ path, sides, kept }: OneSided): Promise<ManagedFinding | null> {
  const format = formatOfPath(path);
  try {
    const lost = await readSopsFile(kept === 'ours' ? sides.theirs : sides.ours, format);
    await readSopsFile(kept === 'ours' ? sides.ours : sides.theirs, format);
    const base = sides.base === null ? null : await readSopsFile(sides.base, format);
    const names = format === 'binary' ? ['the whole file'] : changedNames(base, lost);
    return names.length === 0 ? null : finding(path, kept, names);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

function changedNames(base: SopsFile | null, side: SopsFile): string[] {
  const [before, after] = [base, side].map(valuesByName);
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...names].filter(name => before?.get(name) !== after?.get(name)).sort();
}

function valuesByName(file: SopsFile | null): Map<string, string> {
  const values = new Map<string, string>();
  for (const document of file?.documents ?? [])
    for (const { path, value } of leaves(document)) {
      const name = pathName(path.map(String));
      values.set(name, `${values.get(name) ?? ''}\0${textOf(value)}`);
    }
  return values;
}

/** Of one scalar, its type included. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)) ?? '';
}

function finding(file: string, kept: 'ours' | 'theirs', names: readonly string[]): ManagedFinding {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const whose = kept === 'ours' ? 'the other branch' : 'this branch';
  return {
    rule: 'merge-dropped',
    file,
    line: 1,
    column: 1,
    message: `the merge takes one side as it is, without what ${whose} changed: ${names.slice(0, NAMED).join(', ')}${more}`,
    fix: `git checkout --merge -- FILE, then secrets resolve FILE; where that side alone is meant: SECRETS_SKIP=merge-dropped git commit`.replaceAll(
      'FILE',
      shellWord(file),
    ),
  };
}
