import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { assertWorkPath } from '../files.ts';
import { syncFolder, writeNewFile } from './durable.ts';
import { isChangeId } from './names.ts';
import { errnoOf, writeError } from './system-error.ts';

/** One file of a change: SHA-256 (hex) of what it was and of what it becomes; `null`: absent. */
export interface Swap {
  /** Relative to the workspace root, with `/`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What is about to happen, on disk before it happens. Holds no content. */
export interface Journal {
  readonly id: string;
  /** `staging`: no target was touched yet. `ready`: everything is staged and verified, targets may be swapped. */
  readonly phase: 'staging' | 'ready';
  /** Folders that the change makes, outermost first. */
  readonly folders: readonly string[];
  readonly swaps: readonly Swap[];
  /** Paths to put into git's index once the change is made. */
  readonly stage: readonly string[];
}

/** Where the journal of one workspace lies. */
export interface JournalPlace {
  readonly stateDir: string;
  /** Absolute. */
  readonly file: string;
}

const VERSION = 1;
const MAX_JOURNAL_BYTES = 16 * 1024 * 1024;
const HASH = /^[0-9a-f]{64}$/;

/**
 * Several workspaces may share one git work tree; each has a journal of its own, named after the way from the
 * state folder to the root, which stays the same when the repository is moved as a whole. `null`: the state
 * folder does not exist, so there is no journal either.
 *
 * @param base the workspace root without symbolic links
 */
export function journalPlace(base: string, stateDir: string): JournalPlace | null {
  let from: string;
  try {
    from = realpathSync.native(stateDir);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw writeError(error, stateDir, stateDir);
  }
  const key = sha256(Buffer.from(relative(from, base))).slice(0, 16);
  return { stateDir: from, file: join(from, `journal-${key}.json`) };
}

/** SHA-256 as hex text. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Replaces the journal and waits until the disk has it. Throws the system's error. */
export function writeJournal(place: JournalPlace, journal: Journal): void {
  const next = `${place.file}.new`;
  rmSync(next, { force: true });
  try {
    writeNewFile(next, Buffer.from(`${JSON.stringify({ version: VERSION, ...journal })}\n`), { mode: 0o666 });
    renameSync(next, place.file);
  } catch (error) {
    try {
      rmSync(next, { force: true });
    } catch {
      // What went wrong first says more. A journal that was never finished decides nothing.
    }
    throw error;
  }
  syncFolder(place.stateDir);
}

/** Removes the journal, and a half-written one. Throws the system's error. */
export function removeJournal(place: JournalPlace): void {
  rmSync(place.file, { force: true });
  rmSync(`${place.file}.new`, { force: true });
  syncFolder(place.stateDir);
}

/** True where a journal, or a half-written one, lies there. */
export function hasJournal(place: JournalPlace): boolean {
  try {
    return readdirSync(place.stateDir).some(
      name => place.file === join(place.stateDir, name.replace(/\.new$/, '')),
    );
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw writeError(error, place.stateDir, place.stateDir);
  }
}

/**
 * @returns `null` where there is none
 * @throws SecretsError `PENDING_JOURNAL` where it is not one that this version wrote
 */
export function readJournal(place: JournalPlace): Journal | null {
  let text: string;
  try {
    if (statSync(place.file).size > MAX_JOURNAL_BYTES) throw unreadable(place);
    text = readFileSync(place.file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw errnoOf(error) === null ? error : unreadable(place, error);
  }
  const journal = parseJournal(text);
  if (journal === null) throw unreadable(place);
  return journal;
}

/** Strict: a journal decides which files are renamed and removed, so a doubtful one decides nothing. */
function parseJournal(text: string): Journal | null {
  try {
    const data: unknown = JSON.parse(text);
    if (!isRecord(data) || data.version !== VERSION) return null;
    const { id, phase, folders, swaps, stage = [] } = data;
    if (typeof id !== 'string' || !isChangeId(id)) return null;
    if (phase !== 'staging' && phase !== 'ready') return null;
    if (!Array.isArray(folders) || !folders.every(isWorkPath)) return null;
    if (!Array.isArray(swaps) || !swaps.every(isSwap)) return null;
    if (!Array.isArray(stage) || !stage.every(isWorkPath)) return null;
    return { id, phase, folders, swaps, stage };
  } catch {
    return null;
  }
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function isSwap(data: unknown): data is Swap {
  return isRecord(data) && isWorkPath(data.path) && isHash(data.before) && isHash(data.after);
}

function isHash(data: unknown): boolean {
  return data === null || (typeof data === 'string' && HASH.test(data));
}

function isWorkPath(data: unknown): data is string {
  if (typeof data !== 'string') return false;
  assertWorkPath(data);
  return true;
}

function unreadable(place: JournalPlace, cause?: unknown): SecretsError {
  return new SecretsError('PENDING_JOURNAL', 'an interrupted change left a journal that cannot be read', {
    file: place.file,
    hint: `look at \`git status\`, put right what is half done, then remove ${place.file}`,
    cause,
  });
}
