import { linkSync, lstatSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { inspectTarget, shownPath } from '../files.ts';
import { syncFolder } from './durable.ts';
import { type Journal, type Swap, sha256 } from './journal.ts';
import { stagingPath } from './names.ts';
import { errnoOf } from './system-error.ts';

/** What stands at a target, compared with the two states that a journal knows. */
export type Standing = 'old' | 'new' | 'other';

/** Where links are not supported, or not to this file, the answer is one of these. */
const CANNOT_LINK = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** True for an error that says that a second name for a file cannot be had here. */
export function cannotLink(error: unknown): boolean {
  return CANNOT_LINK.has(errnoOf(error) ?? '');
}

/** Absolute paths of the hidden files of one swap. */
export function stagedFiles(base: string, journal: Pick<Journal, 'id'>, swap: Swap, index: number) {
  const target = join(base, swap.path);
  const name = (kind: 'new' | 'old') => stagingPath(target, journal.id, index, kind);
  return { target, next: name('new'), former: name('old') };
}

/** Which of the two states a target is in. A link, a folder or an unreadable file is neither. */
export function standing(base: string, swap: Swap): Standing {
  const hash = hashAt(base, swap.path);
  if (hash === swap.before) return 'old';
  return hash === swap.after ? 'new' : 'other';
}

/** SHA-256 of the file at a path, `null` where nothing is there, `undefined` for what is no plain file. */
export function hashAt(base: string, path: string): string | null | undefined {
  try {
    const { file } = inspectTarget(base, path);
    return file === null ? null : sha256(file.bytes);
  } catch (error) {
    if (error instanceof SecretsError) return undefined;
    throw error;
  }
}

/**
 * Puts the staged content in place, unless it is there already. Throws the system's error.
 *
 * @throws SecretsError `CHANGED_UNDERNEATH` where the target is not what it was
 */
export function swapIn(base: string, journal: Journal, index: number): void {
  const swap = journal.swaps[index];
  if (swap === undefined) return;
  const { target, next } = stagedFiles(base, journal, swap, index);
  const now = standing(base, swap);
  if (now === 'other') throw changedUnderneath(swap.path);
  if (now === 'old') {
    if (swap.after === null) unlinkSync(target);
    else if (swap.before === null) putNew(next, target, swap.path);
    else renameSync(next, target);
  }
  rmSync(next, { force: true });
}

/** A link, unlike a rename, never replaces a file that appeared at the last moment. */
function putNew(next: string, target: string, path: string): void {
  try {
    linkSync(next, target);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw changedUnderneath(path);
    if (!cannotLink(error)) throw error;
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw changedUnderneath(path);
    renameSync(next, target);
  }
}

/** Puts the former content back, unless it is there already. Throws the system's error. */
export function swapBack(base: string, journal: Journal, index: number): void {
  const swap = journal.swaps[index];
  if (swap === undefined || standing(base, swap) !== 'new') return;
  const { target, former } = stagedFiles(base, journal, swap, index);
  if (swap.before === null) unlinkSync(target);
  else renameSync(former, target);
}

/** Waits until the disk has every name that a change touched. Throws the system's error. */
export function syncFolders(base: string, journal: Journal): void {
  const folders = new Set<string>();
  for (const swap of journal.swaps) folders.add(dirname(join(base, swap.path)));
  for (const folder of journal.folders) folders.add(dirname(join(base, folder)));
  for (const folder of folders) {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) syncFolder(folder);
  }
}

/** Removes the hidden files. Throws the system's error. */
export function removeStaged(base: string, journal: Journal): void {
  journal.swaps.forEach((swap, index) => {
    const { next, former } = stagedFiles(base, journal, swap, index);
    if (!reachable(base, swap.path)) return;
    rmSync(next, { force: true });
    rmSync(former, { force: true });
  });
}

/** Removes the folders that the change made, those that nobody put anything into. */
export function removeFolders(base: string, journal: Journal): void {
  for (const folder of [...journal.folders].reverse()) {
    if (!reachable(base, folder)) continue;
    try {
      rmdirSync(join(base, folder));
    } catch {
      // Not empty or gone: it is not ours any more. Where it cannot be removed, an empty folder is no harm.
    }
  }
}

/** False where the way to a path is blocked or leads through a link: nothing of ours can be there. */
function reachable(base: string, path: string): boolean {
  try {
    return (
      inspectTarget(base, `${path.slice(0, path.lastIndexOf('/') + 1)}.secrets-probe`).missing.length === 0
    );
  } catch (error) {
    if (error instanceof SecretsError) return false;
    throw error;
  }
}

/** The target is not what the plan was made against. */
export function changedUnderneath(path: string): SecretsError {
  return new SecretsError(
    'CHANGED_UNDERNEATH',
    `${shownPath(path)} was changed by something else in the meantime`,
    {
      file: path,
      hint: 'run the command again; nothing was changed by this one',
    },
  );
}
