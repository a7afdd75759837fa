import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decisionId } from '../ops/drivers/left-out.ts';
import { replaceFile } from '../ops/replace-file.ts';

/** Lies in the state folder: what was decided by `secrets resolve`, so that the hook does not ask again. */
const FILE = 'resolved-conflicts.json';
/** The last ones; a merge has few. */
const MOST = 1000;

/** Both versions of a file that was in conflict, and what was made of them. */
interface Decision {
  readonly ours: Uint8Array | null;
  readonly theirs: Uint8Array | null;
  readonly result: Uint8Array | null;
}

/** Ids of what was decided here; none where the file is not there, or is not ours. */
export async function resolvedConflicts(stateDir: string): Promise<Set<string>> {
  try {
    const ids: unknown = JSON.parse(await readFile(join(stateDir, FILE), 'utf8'));
    return new Set(Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

/** Remembers that somebody decided these. */
export async function noteResolved(stateDir: string, decisions: readonly Decision[]): Promise<void> {
  const ids = await resolvedConflicts(stateDir);
  for (const { ours, theirs, result } of decisions)
    if (ours !== null && theirs !== null && result !== null) ids.add(decisionId(ours, theirs, result));
  await mkdir(stateDir, { recursive: true });
  const text = JSON.stringify([...ids].slice(-MOST));
  await replaceFile(join(stateDir, FILE), new TextEncoder().encode(text), 0o600);
}
