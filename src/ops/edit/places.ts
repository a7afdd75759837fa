import { lstatSync, realpathSync, statfsSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';

/** A folder in which a decrypted copy may be made. */
export interface CopyPlace {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  /** False: what is written there may reach a disk. */
  readonly inMemory: boolean;
}

/** Where to look. */
export interface PlaceRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folders in which no copy may lie, absolute: the work tree. */
  readonly outside: readonly string[];
  /** Memory that all users share, absolute; `/dev/shm`. */
  readonly shared?: string | undefined;
}

/** Of `statfs(2)`: tmpfs and ramfs. */
const MEMORY_TYPES: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);
const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Where a decrypted copy may lie, best first: `$XDG_RUNTIME_DIR` where it is memory and the user's own, `/dev/shm`,
 * then the folders for temporary files. A place in which others could swap the folder for their own is left out, and
 * so is the work tree.
 */
export function copyPlaces(request: PlaceRequest): CopyPlace[] {
  const { env, shared = '/dev/shm' } = request;
  const runtime = env['XDG_RUNTIME_DIR'] ?? '';
  const found = [
    memory(runtime, path => isOurs(path)),
    memory(shared, path => isSafe(path)),
    ...[env['TMPDIR'] ?? '', '/tmp'].map(temporary),
  ];
  const roots = request.outside.map(real).filter(root => root !== null);
  const places = found.filter(place => place !== null);
  const allowed = places.filter(({ folder }) => !roots.some(root => isWithin(folder, root)));
  return allowed.filter(({ folder }, index) => allowed.findIndex(other => other.folder === folder) === index);
}

function memory(path: string, accept: (path: string) => boolean): CopyPlace | null {
  const folder = isAbsolute(path) ? real(path) : null;
  return folder !== null && accept(folder) && isMemory(folder) ? { folder, inMemory: true } : null;
}

function temporary(path: string): CopyPlace | null {
  const folder = isAbsolute(path) ? real(path) : null;
  return folder !== null && isSafe(folder) ? { folder, inMemory: isMemory(folder) } : null;
}

function isMemory(folder: string): boolean {
  try {
    return MEMORY_TYPES.has(statfsSync(folder).type >>> 0);
  } catch {
    return false;
  }
}

/** Belongs to the user, and nobody else can write into it. */
function isOurs(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory()) return false;
  return stats.uid === process.getuid?.() && (stats.mode & OTHERS_MAY_WRITE) === 0;
}

/** The user's own, or one where only owners can rename and remove what is theirs. */
function isSafe(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory()) return false;
  return (
    isOurs(folder) ||
    (stats.mode & STICKY) !== 0 ||
    (stats.uid === 0 && (stats.mode & OTHERS_MAY_WRITE) === 0)
  );
}

function real(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

function isWithin(folder: string, root: string): boolean {
  return folder === root || join(folder, sep).startsWith(join(root, sep));
}
