import { SecretsError } from '../../errors.ts';
import { shownPath } from '../files.ts';
import { type Journal, type JournalPlace, readJournal, removeJournal, type Swap } from './journal.ts';
import { stagingPath } from './names.ts';
import {
  hashAt,
  removeFolders,
  removeStaged,
  type Standing,
  standing,
  swapBack,
  swapIn,
  syncFolders,
} from './swap.ts';
import { errnoOf, writeError } from './system-error.ts';

/** What {@link settleJournal} found and did. */
export type Settlement = 'nothing' | 'rolled back' | 'completed';

/**
 * Settles what an interrupted change left. Needs the lock. A change that was still being staged is dropped; one
 * that was ready is completed, or where that cannot be done any more, taken back.
 *
 * @param base the workspace root without symbolic links
 * @param stage called for a change that was completed
 * @throws SecretsError `PENDING_JOURNAL`, `WRITE_FAILED`
 */
export async function settleJournal(
  base: string,
  place: JournalPlace,
  stage?: (paths: readonly string[]) => Promise<void>,
): Promise<Settlement> {
  const journal = readJournal(place);
  try {
    if (journal === null) {
      // Another process settled it, or the first journal was never finished.
      removeJournal(place);
      return 'nothing';
    }
    const result = journal.phase === 'ready' ? settleReady(base, place, journal) : 'rolled back';
    removeStaged(base, journal);
    if (result === 'rolled back') removeFolders(base, journal);
    syncFolders(base, journal);
    // Before the journal goes: whoever dies in between stages again, which does no harm.
    if (result === 'completed') await stage?.(journal.stage);
    removeJournal(place);
    return result;
  } catch (error) {
    throw writeError(error, place.file, 'what an interrupted change left');
  }
}

function settleReady(base: string, place: JournalPlace, journal: Journal): Settlement {
  const states = journal.swaps.map(swap => standing(base, swap));
  const edited = journal.swaps.find((_, index) => states[index] === 'other');
  if (edited !== undefined) throw editedSince(edited, place);
  const has = (kind: 'new' | 'old') => (swap: Swap, index: number) =>
    hasStaged(base, journal, swap, index, kind);
  if (journal.swaps.every(anyOf(states, 'new', has('new'))) && complete(base, journal)) return 'completed';
  const again = journal.swaps.map(swap => standing(base, swap));
  if (!journal.swaps.every(anyOf(again, 'old', has('old')))) throw lost(journal, place);
  for (let index = journal.swaps.length - 1; index >= 0; index--) swapBack(base, journal, index);
  syncFolders(base, journal);
  return 'rolled back';
}

function anyOf(
  states: readonly Standing[],
  wanted: Standing,
  otherwise: (swap: Swap, index: number) => boolean,
) {
  return (swap: Swap, index: number) => states[index] === wanted || otherwise(swap, index);
}

/** False where the system refuses a swap, a target that became immutable for instance. */
function complete(base: string, journal: Journal): boolean {
  try {
    journal.swaps.forEach((_, index) => {
      swapIn(base, journal, index);
    });
    syncFolders(base, journal);
    return true;
  } catch (error) {
    if (errnoOf(error) !== null) return false;
    throw error;
  }
}

/** True where the hidden file holds exactly what the journal says; for an absent state there is none to hold. */
function hasStaged(base: string, journal: Journal, swap: Swap, index: number, kind: 'new' | 'old'): boolean {
  const expected = kind === 'new' ? swap.after : swap.before;
  return expected === null || hashAt(base, stagingPath(swap.path, journal.id, index, kind)) === expected;
}

function editedSince({ path }: Swap, place: JournalPlace): SecretsError {
  const file = shownPath(path);
  return new SecretsError('PENDING_JOURNAL', `a change was interrupted, and ${file} was edited since`, {
    file: path,
    hint:
      `put ${file} back as it was (\`git checkout -- ${file}\`) and run the command again, ` +
      `or keep every file as it is now by removing ${place.file}`,
  });
}

function lost(journal: Journal, place: JournalPlace): SecretsError {
  const files = journal.swaps.map(swap => shownPath(swap.path)).join(', ');
  return new SecretsError(
    'PENDING_JOURNAL',
    `a change was interrupted and can neither be completed nor undone: ${files}`,
    {
      hint: `compare these files with \`git diff\`, put them right, then remove ${place.file}`,
    },
  );
}
