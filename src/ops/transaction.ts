import { randomBytes } from 'node:crypto';
import { SecretsError } from '../errors.ts';
import { realRoot, shownPath } from './files.ts';
import {
  hasJournal,
  type Journal,
  type JournalPlace,
  journalPlace,
  removeJournal,
  writeJournal,
} from './transaction/journal.ts';
import { withLock } from './transaction/lock.ts';
import { type Settlement, settleJournal } from './transaction/settle.ts';
import { checkTargets, type FileChange, makeFolders, stageChange, swapOf } from './transaction/staging.ts';
import { removeFolders, removeStaged, swapBack, swapIn, syncFolders } from './transaction/swap.ts';
import { writeError } from './transaction/system-error.ts';

export type { Settlement } from './transaction/settle.ts';
export type { FileChange } from './transaction/staging.ts';

/** Puts paths into git's index. */
export type Stage = (paths: readonly string[]) => Promise<void>;

/** Several files that change together. */
export interface ChangeRequest {
  /** The workspace root, absolute. */
  readonly root: string;
  /** Where the lock and the journal lie. */
  readonly stateDir: string;
  /** Made in this order; readers see each file either as it was or as it becomes. */
  readonly changes: readonly FileChange[];
  /** Paths for {@link Stage}; whoever settles an interrupted change that is complete stages them too. */
  readonly stage?: readonly string[] | undefined;
  /** Called when every target is in place, before the journal goes. What it throws undoes nothing. */
  readonly onSwapped?: Stage | undefined;
  /** For tests: called with the name of each step that is done. */
  readonly onStep?: ((step: string) => void | Promise<void>) | undefined;
}

/**
 * Makes all changes or none. Each new content is written beside its target, synced, read back and verified;
 * then a journal is written, the targets are replaced, the folders synced, and the journal removed. A process
 * that dies on the way leaves what {@link settle} turns into exactly the old or the new state. Where an error is
 * thrown, everything is as it was.
 *
 * Runs under the lock of `stateDir`. A plan is made from files, so make it and apply it under one `withLock`.
 *
 * @throws SecretsError `CHANGED_UNDERNEATH`, `BAD_PATH`, `WRITE_FAILED`, `LOCKED`, `PENDING_JOURNAL`, and what a
 * `verify` throws
 */
export async function applyChanges(request: ChangeRequest): Promise<void> {
  if (request.changes.length === 0) return;
  const base = realRoot(request.root);
  await withLock(request.stateDir, async () => {
    const place = journalPlace(base, request.stateDir);
    if (place === null) throw new SecretsError('WRITE_FAILED', `${request.stateDir} is gone`);
    if (hasJournal(place)) await settleJournal(base, place, request.onSwapped);
    await change(base, place, request);
  });
}

/**
 * Brings what an interrupted change left to exactly the old or the new state. Costs one look at a folder where
 * there is nothing to settle; else takes the lock, so that a change which is still running is waited for.
 *
 * @param stage called for a change that was completed
 * @throws SecretsError `PENDING_JOURNAL` where a file was edited since, `LOCKED`, `WRITE_FAILED`
 */
export async function settle(root: string, stateDir: string, stage?: Stage): Promise<Settlement> {
  const base = realRoot(root);
  const place = journalPlace(base, stateDir);
  if (place === null || !hasJournal(place)) return 'nothing';
  return withLock(stateDir, () => settleJournal(base, place, stage));
}

async function change(base: string, place: JournalPlace, request: ChangeRequest): Promise<void> {
  const step = request.onStep ?? (() => {});
  const { changes, folders } = checkTargets(base, request.changes);
  await step('checked');
  if (changes.length === 0) return;
  const id = randomBytes(8).toString('hex');
  const stage = request.stage ?? [];
  const staging: Journal = { id, phase: 'staging', folders, swaps: changes.map(swapOf), stage };
  const ready: Journal = { ...staging, phase: 'ready' };
  try {
    writeOrExplain(place, staging);
    await step('announced');
    makeFolders(base, folders, changes);
    await step('folders');
    for (const [index, each] of changes.entries()) {
      await stageChange(base, staging, index, each);
      await step(`staged ${index}`);
    }
    syncFolders(base, staging);
    await step('synced');
    writeOrExplain(place, ready);
    await step('ready');
    await swapAll(base, ready, step);
  } catch (error) {
    throw undo(base, place, staging, error);
  }
  try {
    await request.onSwapped?.(stage);
  } finally {
    finish(base, place, ready);
  }
  await step('done');
}

async function swapAll(
  base: string,
  journal: Journal,
  step: (step: string) => void | Promise<void>,
): Promise<void> {
  for (const [index, swap] of journal.swaps.entries()) {
    try {
      swapIn(base, journal, index);
    } catch (error) {
      throw writeError(error, swap.path, shownPath(swap.path));
    }
    await step(`swapped ${index}`);
  }
  syncFolders(base, journal);
  await step('swapped');
}

function writeOrExplain(place: JournalPlace, journal: Journal): void {
  try {
    writeJournal(place, journal);
  } catch (error) {
    throw writeError(error, place.file, `the journal ${place.file}`);
  }
}

/** Puts everything back; gives the error to throw. */
function undo(base: string, place: JournalPlace, journal: Journal, error: unknown): unknown {
  try {
    for (let index = journal.swaps.length - 1; index >= 0; index--) swapBack(base, journal, index);
    removeStaged(base, journal);
    removeFolders(base, journal);
    syncFolders(base, journal);
    removeJournal(place);
  } catch (cause) {
    return new SecretsError('PENDING_JOURNAL', `${messageOf(error)}; putting everything back failed too`, {
      file: error instanceof SecretsError ? error.file : undefined,
      hint: 'run any `secrets` command once the cause is gone: it settles what is half done',
      cause,
    });
  }
  return writeError(error, journal.swaps[0]?.path ?? '', 'the change');
}

function messageOf(error: unknown): string {
  return error instanceof SecretsError ? error.message : 'writing failed';
}

/** The new state is on the disk; what is left to do is sweeping, which the next command can do as well. */
function finish(base: string, place: JournalPlace, journal: Journal): void {
  try {
    removeStaged(base, journal);
    removeJournal(place);
  } catch {
    // The journal is still there, and settling it sweeps again.
  }
}
