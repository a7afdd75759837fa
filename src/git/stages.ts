import { type Environment, gitFailed, runGit } from './run.ts';

/** A file that a merge left unfinished: the hashes of its versions; `null` where a side does not have it. */
export interface UnmergedEntry {
  /** Relative to the folder that was asked for. */
  readonly path: string;
  readonly base: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
}

const STAGES = { '1': 'base', '2': 'ours', '3': 'theirs' } as const;

/**
 * What git's index keeps of files in conflict, below a folder.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function unmergedEntries(root: string, env: Environment): Promise<UnmergedEntry[]> {
  const result = await runGit(root, ['ls-files', '-z', '--unmerged'], { env });
  if (result.status !== 0) throw gitFailed('list its conflicts', result);
  const found = new Map<string, { base: string | null; ours: string | null; theirs: string | null }>();
  for (const line of result.stdout.split('\0').slice(0, -1)) {
    const [, mode = '', oid = '', stage = '', path = ''] =
      /^(\d+) ([0-9a-f]+) ([123])\t(.*)$/s.exec(line) ?? [];
    // Links and submodules have no contents to merge.
    if (!mode.startsWith('100')) continue;
    const entry = found.get(path) ?? { base: null, ours: null, theirs: null };
    if (stage === '1' || stage === '2' || stage === '3') entry[STAGES[stage]] = oid;
    found.set(path, entry);
  }
  return Array.from(found, ([path, entry]) => ({ path, ...entry }));
}

/** The contents that git keeps under a hash; `null` for no hash. @throws SecretsError `PROGRAM_FAILED` */
export async function readBlob(
  root: string,
  env: Environment,
  oid: string | null,
): Promise<Uint8Array | null> {
  if (oid === null) return null;
  const result = await runGit(root, ['cat-file', 'blob', oid], { env, raw: true });
  if (result.status !== 0) throw gitFailed('read a version of a file', result);
  return new Uint8Array(Buffer.from(result.stdout, 'latin1'));
}
