import { closeSync, constants, fchmodSync, fchownSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { errnoOf } from './system-error.ts';

/** How a new file is made. */
export interface NewFile {
  /** Permission bits. */
  readonly mode: number;
  /** Set exactly as given, whatever the umask is; with the owner where the system allows it. */
  readonly like?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Some file systems cannot sync a folder and say so; there is nothing more that could be done on them. */
const CANNOT_SYNC_FOLDER = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'ENOSYS']);

/**
 * Writes a file that must not exist yet, and waits until the disk has it. Throws the system's error.
 *
 * @param path absolute
 */
export function writeNewFile(path: string, bytes: Uint8Array, { mode, like }: NewFile): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  // A copy of an existing file is for the owner alone until its mode is known to be right.
  const descriptor = openSync(path, flags, like === undefined ? mode : 0o600);
  try {
    writeAll(descriptor, bytes);
    if (like !== undefined) {
      giveTo(descriptor, like.uid, like.gid);
      fchmodSync(descriptor, mode);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until the disk has the names in a folder. Throws the system's error. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!CANNOT_SYNC_FOLDER.has(errnoOf(error) ?? '')) throw error;
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written, bytes.length - written);
}

/** Only root may give a file away, and a member may set the group; anybody else's file stays the writer's. */
function giveTo(descriptor: number, uid: number, gid: number): void {
  for (const [user, group] of [
    [-1, gid],
    [uid, -1],
  ] as const) {
    try {
      fchownSync(descriptor, user, group);
    } catch (error) {
      if (errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'EINVAL') throw error;
    }
  }
}
