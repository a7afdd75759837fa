import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { MAX_FILE_BYTES } from '../files.ts';
import { isGone, parseOwner, thisOwner } from '../transaction/owner.ts';
import { errnoOf, reasonOf } from '../transaction/system-error.ts';
import type { CopyPlace } from './places.ts';

const PREFIX = 'secrets-edit-';
const OWNER_FILE = 'owner.json';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const ZEROS = Buffer.alloc(64 * 1024);

/** A decrypted copy for an editor, alone in a folder of its own. {@link EditCopy.wipe} must be called at the end. */
export interface EditCopy {
  /** Absolute path of the folder; editors put what they cannot help writing there too. */
  readonly folder: string;
  /** Absolute path of the copy. */
  readonly path: string;
  readonly place: CopyPlace;
  /**
   * What the editor left.
   *
   * @throws SecretsError `READ_FAILED` where it is gone, too large, or no regular file any more
   */
  read(): Redacted<Uint8Array>;
  /** Overwrites and removes the copy and all that lies beside it. Synchronous, never throws, may be called again. */
  wipe(): void;
}

/**
 * Writes a copy (mode 0600, made exclusively) into a new folder (mode 0700, random name), in the first of the places
 * that takes it. What a killed run left in one of the places is removed.
 *
 * @param name file name of the copy; its ending tells an editor the language
 * @param suffix random, safe in a file name
 * @throws SecretsError `WRITE_FAILED` where no place takes it
 */
export function createEditCopy(
  places: readonly CopyPlace[],
  name: string,
  bytes: Redacted<Uint8Array>,
  suffix: string,
): EditCopy {
  let failure: unknown = null;
  for (const place of places) {
    removeAbandoned(place.folder);
    const folder = join(place.folder, `${PREFIX}${suffix}`);
    try {
      return fill(place, folder, name, bytes);
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      failure ??= error;
    }
  }
  throw new SecretsError('WRITE_FAILED', `found no place for a private copy: ${reasonOf(failure)}`, {
    hint: 'let XDG_RUNTIME_DIR be a memory-backed folder of yours (mode 0700), or TMPDIR a folder outside the repository',
  });
}

function fill(place: CopyPlace, folder: string, name: string, bytes: Redacted<Uint8Array>): EditCopy {
  // Fails where anything stands there: nobody else can have prepared the folder.
  mkdirSync(folder, { mode: FOLDER_MODE });
  const wipers = [() => wipeFolder(folder)];
  const wipe = () => {
    for (const wiper of wipers) wiper();
  };
  try {
    const owner = writeNew(join(folder, OWNER_FILE), Buffer.from(JSON.stringify(thisOwner('secrets edit'))));
    closeSync(owner);
    const path = join(folder, name);
    const descriptor = openNew(path);
    // An editor that saves by renaming leaves this very file behind, without a name.
    wipers.unshift(once(() => wipeOpen(descriptor)));
    writeAll(descriptor, bytes.reveal());
    return { folder, path, place, read: () => readCopy(path), wipe };
  } catch (error) {
    wipe();
    throw error;
  }
}

function openNew(path: string): number {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const descriptor = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
  fchmodSync(descriptor, FILE_MODE);
  return descriptor;
}

function writeNew(path: string, bytes: Uint8Array): number {
  const descriptor = openNew(path);
  writeAll(descriptor, bytes);
  return descriptor;
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function readCopy(path: string): Redacted<Uint8Array> {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw unreadable('it is no regular file any more');
      if (stats.size > MAX_FILE_BYTES)
        throw unreadable(`it has more than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
      return new Redacted(new Uint8Array(readFileSync(descriptor)));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof SecretsError) throw error;
    throw unreadable(errnoOf(error) === 'ENOENT' ? 'the editor removed it' : reasonOf(error));
  }
}

function unreadable(why: string): SecretsError {
  return new SecretsError('READ_FAILED', `the edited copy cannot be read: ${why}`, {
    hint: 'nothing was written; run the command again',
  });
}

function wipeOpen(descriptor: number): void {
  quietly(() => overwrite(descriptor));
  quietly(() => closeSync(descriptor));
}

/** Overwrites every file that still has a name, then removes the folder. */
function wipeFolder(folder: string): void {
  quietly(() => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) wipeFolder(path);
      else if (entry.isFile()) wipeFile(path);
    }
  });
  quietly(() => rmSync(folder, { recursive: true, force: true }));
}

function wipeFile(path: string): void {
  quietly(() => {
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    wipeOpen(descriptor);
  });
}

function overwrite(descriptor: number): void {
  const { size } = fstatSync(descriptor);
  for (let at = 0; at < size; ) at += writeSync(descriptor, ZEROS, 0, Math.min(ZEROS.length, size - at), at);
}

/** Folders of ours in a place whose program was killed before it could clear up. */
function removeAbandoned(place: string): void {
  quietly(() => {
    for (const name of readdirSync(place)) {
      if (!name.startsWith(PREFIX)) continue;
      const folder = join(place, name);
      if (isAbandoned(folder)) wipeFolder(folder);
    }
  });
}

function isAbandoned(folder: string): boolean {
  try {
    const stats = lstatSync(folder);
    if (!stats.isDirectory() || stats.uid !== process.getuid?.()) return false;
    const owner = parseOwner(readFileSync(join(folder, OWNER_FILE), 'utf8'));
    return owner !== null && isGone(owner, thisOwner('secrets edit'));
  } catch {
    return false;
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // What can be cleared is cleared; there is nobody to tell in a signal handler.
  }
}
