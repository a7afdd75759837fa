import { accessSync, constants, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { inspectTarget, readWorkFile, shownPath, type Target, type WorkFile } from '../files.ts';
import { writeNewFile } from './durable.ts';
import { type Journal, type Swap, sha256 } from './journal.ts';
import { stagingPath } from './names.ts';
import { cannotLink, changedUnderneath, stagedFiles } from './swap.ts';
import { errnoOf, writeError } from './system-error.ts';

/** One file that a plan wants changed. */
export interface FileChange {
  /** Relative to the workspace root, with `/`. */
  readonly path: string;
  /** What the plan was made against; `null`: nothing may be there. */
  readonly before: WorkFile | null;
  /** `null`: the file is removed. The mode counts for a new file (less the umask); an existing one keeps its own. */
  readonly after: { readonly bytes: Uint8Array; readonly mode: number } | null;
  /** Looks at the new content as it was read back from the disk, and throws where it is wrong. */
  readonly verify?: ((bytes: Uint8Array) => void | Promise<void>) | undefined;
}

/**
 * Compares every target with the state that the plan was made against. Changes that change nothing are left out.
 *
 * @param base the workspace root without symbolic links
 * @returns the changes to make, and the folders that they need, outermost first
 * @throws SecretsError `CHANGED_UNDERNEATH`, `BAD_PATH`, `WRITE_FAILED` for a file that is read-only
 */
export function checkTargets(base: string, changes: readonly FileChange[]) {
  assertApart(changes);
  const folders = new Set<string>();
  const wanted = changes.filter(change => {
    const target = inspectTarget(base, change.path);
    assertUnchanged(target, change);
    if (!changesAnything(change)) return false;
    if (target.file !== null) assertWritable(target.absolute, change.path);
    for (const folder of target.missing) folders.add(folder);
    return true;
  });
  return { changes: wanted, folders: [...folders].sort((a, b) => a.length - b.length) };
}

/** What the journal says of a change. */
export function swapOf({ path, before, after }: FileChange): Swap {
  return {
    path,
    before: before === null ? null : sha256(before.bytes),
    after: after === null ? null : sha256(after.bytes),
  };
}

/**
 * Makes the folders of a change; those that hold only private files are for the owner alone.
 *
 * @throws SecretsError `WRITE_FAILED`
 */
export function makeFolders(base: string, folders: readonly string[], changes: readonly FileChange[]): void {
  for (const folder of folders) {
    const inside = changes.filter(change => change.path.startsWith(`${folder}/`));
    const isPrivate = inside.every(({ after }) => after !== null && (after.mode & 0o077) === 0);
    try {
      mkdirSync(join(base, folder), { mode: isPrivate ? 0o700 : 0o777 });
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw writeError(error, folder, shownPath(folder));
    }
  }
}

/**
 * Writes the next content beside its target, reads it back and verifies it, and gives the present content a
 * second name, from which it can be put back without any space on the disk.
 *
 * @throws SecretsError `WRITE_FAILED`, `CHANGED_UNDERNEATH`, `BAD_PATH`, and what `verify` throws
 */
export async function stageChange(
  base: string,
  journal: Journal,
  index: number,
  change: FileChange,
): Promise<void> {
  const { path, after } = change;
  const target = inspectTarget(base, path);
  assertUnchanged(target, change);
  try {
    const files = stagedFiles(base, journal, swapOf(change), index);
    if (target.file !== null) keepFormer(target.absolute, files.former, target.file);
    if (after !== null) writeNewFile(files.next, after.bytes, likeTarget(target, after.mode));
  } catch (error) {
    throw writeError(error, path, shownPath(path));
  }
  if (after !== null)
    await verifyStaged(base, stagingPath(path, journal.id, index, 'new'), change, after.bytes);
}

async function verifyStaged(
  base: string,
  staged: string,
  change: FileChange,
  expected: Uint8Array,
): Promise<void> {
  const read = await readWorkFile(base, staged);
  if (read === null || !sameBytes(read.bytes, expected)) {
    const message = `${shownPath(change.path)} reads back differently from what was written`;
    throw new SecretsError('WRITE_FAILED', message, {
      file: change.path,
      hint: 'check the disk; nothing was changed',
    });
  }
  await change.verify?.(read.bytes);
}

function likeTarget({ file }: Target, mode: number) {
  return file === null ? { mode } : { mode: file.mode, like: file };
}

function keepFormer(target: string, former: string, file: NonNullable<Target['file']>): void {
  try {
    linkSync(target, former);
  } catch (error) {
    if (!cannotLink(error)) throw error;
    writeNewFile(former, file.bytes, { mode: file.mode, like: file });
  }
}

function assertUnchanged(target: Target, { path, before }: FileChange): void {
  const { file } = target;
  const same = file === null || before === null ? file === before : sameBytes(file.bytes, before.bytes);
  if (!same) throw changedUnderneath(path);
}

function changesAnything({ before, after }: FileChange): boolean {
  if (before === null || after === null) return before !== after;
  return !sameBytes(before.bytes, after.bytes);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Replacing a file needs only a writable folder; a file that was made read-only says all the same: not me. */
function assertWritable(absolute: string, path: string): void {
  try {
    accessSync(absolute, constants.W_OK);
  } catch (error) {
    throw writeError(error, path, shownPath(path));
  }
}

/** No two changes may meet: the order in which they are made must not matter. */
function assertApart(changes: readonly FileChange[]): void {
  const paths = new Set<string>();
  for (const { path } of changes) {
    if (paths.has(path))
      throw new SecretsError('INTERNAL', `${shownPath(path)} is changed twice at once`, { file: path });
    paths.add(path);
  }
  for (const path of paths) {
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = segments.slice(0, depth).join('/');
      if (!paths.has(folder)) continue;
      const message = `${shownPath(folder)} cannot be a file and the folder of ${shownPath(path)} at once`;
      throw new SecretsError('BAD_PATH', message, { file: path });
    }
  }
}
