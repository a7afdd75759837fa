import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SecretsError } from '../errors.ts';
import { STAGING_NAME } from './transaction/names.ts';
import { errnoOf, reasonOf } from './transaction/system-error.ts';

/** A larger file is no secret and no configuration; reading it whole could exhaust the memory. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A regular file below the workspace root, read once. */
export interface WorkFile {
  readonly bytes: Uint8Array;
  /** Permission bits, `0o644`. */
  readonly mode: number;
}

/** What stands at a path that is about to be written. */
export interface Target {
  /** Absolute path, free of symbolic links. */
  readonly absolute: string;
  /** `null`: nothing is there. */
  readonly file: (WorkFile & { readonly uid: number; readonly gid: number }) | null;
  /** Folders on the way that do not exist yet, outermost first, relative to the root. */
  readonly missing: readonly string[];
}

/**
 * Reads a file of the work tree.
 *
 * @param root the workspace root, absolute
 * @param path relative to the root, with `/`
 * @returns `null` where nothing is there
 * @throws SecretsError `BAD_PATH` where the path leaves the root (by `..` or through a symbolic link), enters
 * git's own folder, or meets a folder, a device or a pipe where a file should be; `READ_FAILED`
 */
export async function readWorkFile(root: string, path: string): Promise<WorkFile | null> {
  assertWorkPath(path);
  const base = realRoot(root);
  const real = resolveInside(base, path);
  if (real === null) return null;
  return readResolved(real, path, () => resolveInside(base, path) === real);
}

/**
 * What stands at a path that is about to be written. Stricter than {@link readWorkFile}: a symbolic link
 * anywhere on the way is refused, because replacing it would change it into a file.
 *
 * @param base the workspace root as {@link realRoot} gives it
 * @throws SecretsError `BAD_PATH`, `READ_FAILED`
 */
export function inspectTarget(base: string, path: string): Target {
  assertWorkPath(path);
  const folders = path.split('/').slice(0, -1);
  const absolute = join(base, path);
  for (let depth = 1; depth <= folders.length; depth++) {
    const folder = folders.slice(0, depth).join('/');
    const stats = lstatIfThere(join(base, folder), path);
    if (stats === null) return { absolute, file: null, missing: prefixes(folders, depth) };
    if (stats.isSymbolicLink()) throw linkError(folder, path);
    if (!stats.isDirectory()) throw notAFolder(folder, path);
  }
  const stats = lstatIfThere(absolute, path);
  if (stats === null) return { absolute, file: null, missing: [] };
  if (stats.isSymbolicLink()) throw linkError(path, path);
  return { absolute, file: readOwned(absolute, path), missing: [] };
}

/**
 * The workspace root without symbolic links.
 *
 * @throws SecretsError `READ_FAILED`
 */
export function realRoot(root: string): string {
  try {
    return realpathSync.native(root);
  } catch (error) {
    throw readError(error, root);
  }
}

/**
 * Refuses a path that is not a plain relative path inside the work tree, by its text alone.
 *
 * @throws SecretsError `BAD_PATH`
 */
export function assertWorkPath(path: string): void {
  if (path.startsWith('/')) throw badPath(path, 'is absolute; a path relative to the repository is needed');
  if (path.includes('\0')) throw badPath(path, 'contains a NUL character');
  for (const segment of path.split('/')) {
    if (segment === '..') throw badPath(path, 'leaves the repository');
    if (segment === '' || segment === '.') throw badPath(path, 'is not a plain relative path');
    if (segment.toLowerCase() === '.git') throw badPath(path, "lies in git's own folder");
  }
}

/** True for the name of a file that a running or interrupted change left beside its target. */
export function isStagingPath(path: string): boolean {
  return STAGING_NAME.test(path.slice(path.lastIndexOf('/') + 1));
}

/** A path as a message shows it: control characters in a file name must not reach the terminal. */
export function shownPath(path: string): string {
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(path)
    ? JSON.stringify(path).replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escapeCharacter)
    : path;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function prefixes(folders: readonly string[], from: number): string[] {
  return folders.slice(from - 1).map((_, index) => folders.slice(0, from + index).join('/'));
}

/** The path without symbolic links; `null` where nothing is there. */
function resolveInside(base: string, path: string): string | null {
  const full = join(base, path);
  let real: string;
  try {
    real = realpathSync.native(full);
  } catch (error) {
    return explainUnresolved(error, base, path);
  }
  if (real === full) return real;
  const inside = relative(base, real);
  if (inside === '..' || inside.startsWith(`..${sep}`)) {
    throw badPath(path, 'leads out of the repository through a symbolic link');
  }
  if (inside !== '') assertWorkPath(inside.split(sep).join('/'));
  return real;
}

function explainUnresolved(error: unknown, base: string, path: string): null {
  const code = errnoOf(error);
  if (code === 'ELOOP') throw badPath(path, 'runs in a circle of symbolic links');
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw readError(error, path);
  // A link that leads nowhere also gives ENOENT; calling it absent would let the caller write through it.
  const segments = path.split('/');
  for (let depth = 1; depth <= segments.length; depth++) {
    const part = segments.slice(0, depth).join('/');
    const stats = lstatIfThere(join(base, part), path);
    if (stats === null) return null;
    if (stats.isSymbolicLink()) throw badPath(path, whereLinkLeads(base, part));
    if (depth < segments.length && !stats.isDirectory()) throw notAFolder(part, path);
  }
  return null;
}

/** Nothing is behind the link, but it may stand for a folder that lacks only the file. */
function whereLinkLeads(base: string, link: string): string {
  try {
    const inside = relative(base, realpathSync.native(join(base, link)));
    if (inside === '..' || inside.startsWith(`..${sep}`))
      return 'leads out of the repository through a symbolic link';
    return `lies behind the symbolic link ${shownPath(link)}`;
  } catch {
    return 'leads nowhere through a symbolic link';
  }
}

function lstatIfThere(absolute: string, path: string): Stats | null {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return null;
    throw readError(error, path);
  }
}

function readOwned(absolute: string, path: string): Target['file'] {
  const file = readResolved(absolute, path, () => true);
  return file === null ? null : { ...file, uid: file.stats.uid, gid: file.stats.gid };
}

/**
 * Opens a path that is free of links, makes sure that it still is, and reads it. Opening a pipe or a device
 * can hang or do things, so the kind is looked at before and again on the open file.
 */
function readResolved(
  real: string,
  path: string,
  unmoved: () => boolean,
): (WorkFile & { stats: Stats }) | null {
  const before = lstatIfThere(real, path);
  if (before === null) return null;
  assertRegular(before, path);
  let descriptor: number;
  try {
    descriptor = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw readError(error, path);
  }
  try {
    const stats = fstatSync(descriptor);
    assertRegular(stats, path);
    if (!unmoved()) throw movedError(path);
    return { bytes: readBounded(descriptor, stats.size, path), mode: stats.mode & 0o7777, stats };
  } catch (error) {
    throw readError(error, path);
  } finally {
    closeSync(descriptor);
  }
}

function assertRegular(stats: Stats, path: string): void {
  if (stats.isSymbolicLink()) throw movedError(path);
  if (stats.isDirectory()) throw badPath(path, 'is a folder, a file is needed');
  if (!stats.isFile()) throw badPath(path, 'is not a regular file');
}

function readBounded(descriptor: number, size: number, path: string): Uint8Array {
  if (size > MAX_FILE_BYTES) throw tooLarge(path);
  // One byte more than expected, so that a file that grows while it is read is noticed.
  let buffer = Buffer.alloc(size + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return new Uint8Array(buffer.buffer, buffer.byteOffset, length);
    length += count;
    if (length > MAX_FILE_BYTES) throw tooLarge(path);
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(length)]);
  }
}

function badPath(path: string, problem: string, hint?: string): SecretsError {
  return new SecretsError('BAD_PATH', `${shownPath(path)} ${problem}`, { file: path, hint });
}

function notAFolder(folder: string, path: string): SecretsError {
  const message = `${shownPath(folder)} is a file, a folder is needed for ${shownPath(path)}`;
  return new SecretsError('BAD_PATH', message, {
    file: path,
    hint: `move ${shownPath(folder)} away or take another name`,
  });
}

function linkError(link: string, path: string): SecretsError {
  const what = link === path ? 'is a symbolic link' : `lies behind the symbolic link ${shownPath(link)}`;
  return badPath(path, `${what}, which is not written through`, 'replace the link by a real file or folder');
}

function movedError(path: string): SecretsError {
  return new SecretsError('CHANGED_UNDERNEATH', `${shownPath(path)} was moved while it was read`, {
    file: path,
    hint: 'run the command again',
  });
}

function tooLarge(path: string): SecretsError {
  return new SecretsError(
    'READ_FAILED',
    `${shownPath(path)} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`,
    {
      file: path,
    },
  );
}

function readError(error: unknown, path: string): unknown {
  if (error instanceof SecretsError || errnoOf(error) === null) return error;
  const code = errnoOf(error) === 'ENAMETOOLONG' ? 'BAD_PATH' : 'READ_FAILED';
  return new SecretsError(code, `could not read ${shownPath(path)}: ${reasonOf(error)}`, {
    file: path,
    cause: error,
  });
}
