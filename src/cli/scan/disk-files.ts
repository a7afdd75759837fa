import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { relative, sep } from 'node:path';
import type { Blob } from '../../git/blob-reader.ts';
import { pathOf } from '../../git/tree-listing.ts';

/** A file on the disk. */
export interface DiskFile {
  /** Relative to git's top, with `/`; bytes that are no UTF-8 stand as `\xNN`. */
  readonly path: string;
  /** The bytes of its absolute name. */
  readonly at: Buffer;
  readonly isLink: boolean;
  /** Why it cannot even be looked at; `null`: it can. */
  readonly problem: string | null;
}

/** What stands at a path. */
interface Found {
  readonly isLink: boolean;
  /** The folder itself, also behind a link; `null`: it is none. */
  readonly folder: string | null;
  readonly problem: string | null;
}

/** More than this is not held in memory. */
const LARGEST = 512 * 1024 * 1024;
const SEPARATOR = Buffer.from(sep);
const OF_GIT = '.git';

/** The bytes of a name. */
export function nameOf(path: string): Buffer {
  return Buffer.from(path, 'utf8');
}

/** @returns `null` where nothing is there */
export function lookAt(at: Buffer | string): Found | null {
  try {
    const found = lstatSync(at);
    const isLink = found.isSymbolicLink();
    const isFolder = (isLink ? behind(at) : found)?.isDirectory() === true;
    return { isLink, folder: isFolder ? realpathSync(at, 'utf8') : null, problem: null };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return { isLink: false, folder: null, problem: `it cannot be read (${code})` };
  }
}

function behind(at: Buffer | string): Stats | null {
  try {
    return statSync(at);
  } catch {
    return null;
  }
}

/** All files below a folder but those of git itself, or the one file. A folder that cannot be opened is listed as a file. */
export function filesBelow(base: string, at: Buffer): DiskFile[] {
  const found: DiskFile[] = [];
  const open = [at];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const here = next;
    try {
      if (!lstatSync(here).isDirectory()) {
        found.push(fileAt(base, here, lookAt(here)?.isLink === true, null));
        continue;
      }
      for (const entry of readdirSync(here, { withFileTypes: true, encoding: 'buffer' })) {
        if (entry.name.toString('latin1') === OF_GIT) continue;
        const inside = Buffer.concat([here, SEPARATOR, entry.name]);
        if (entry.isDirectory()) open.push(inside);
        else if (entry.isFile() || entry.isSymbolicLink())
          found.push(fileAt(base, inside, entry.isSymbolicLink(), null));
      }
    } catch (error) {
      found.push(fileAt(base, here, false, `it cannot be read (${codeOf(error)})`));
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function fileAt(base: string, at: Buffer, isLink: boolean, problem: string | null): DiskFile {
  // as latin1 every byte is a character of its own, so that nothing is lost on the way
  const inside = relative(nameOf(base).toString('latin1'), at.toString('latin1'));
  return { path: pathOf(inside.split(sep).join('/')) || '.', at, isLink, problem };
}

/** The target of a link stands for the link, as in git; a pipe or a device would never end. */
export function readDiskFile({ at, isLink, problem }: DiskFile): Blob {
  if (problem !== null) return { unreadable: problem };
  try {
    return isLink ? { bytes: readlinkSync(at, 'buffer') } : readRegular(at);
  } catch (error) {
    const code = codeOf(error);
    // it was there when the files were listed
    return { unreadable: code === 'ENOENT' ? 'it is gone' : `it cannot be read (${code})` };
  }
}

function readRegular(at: Buffer): Blob {
  const file = openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return { unreadable: 'it is no regular file' };
    if (found.size > LARGEST) return { unreadable: `it has ${Math.round(found.size / 1024 / 1024)} MiB` };
    return { bytes: readFileSync(file) };
  } finally {
    closeSync(file);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
