import { constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SecretsError } from '../../errors.ts';
import type { Blob } from '../../git/blob-reader.ts';
import { findGitTop, openRepository } from '../../git/repository.ts';
import type { World } from '../world.ts';
import { ALLOW_FILE, type Piece, type Subject } from './subject.ts';

/** More than this is not held in memory. */
const LARGEST = 512 * 1024 * 1024;
const OF_GIT = '.git';

/**
 * Files as they are on the disk: those that git tracks or would, else all below a folder.
 *
 * @param given files and folders; none: everything below git's top, without git below the current folder
 * @throws SecretsError `BAD_PATH` (one is not there), `PROGRAM_FAILED`
 */
export async function fileSubject(world: World, given: readonly string[]): Promise<Subject> {
  const top = await findGitTop(world.cwd, world.env);
  const base = top ?? world.cwd;
  const wanted = given.map(path => resolve(world.cwd, path));
  for (const path of wanted) await refuseMissing(path, world.cwd);
  const paths = top === null ? [] : await repositoryPaths(top, world);
  const chosen = await choose(base, paths, wanted, top !== null);
  return {
    async *pieces() {
      for (const path of chosen) yield pieceOf(base, path);
    },
    async *snapshots() {
      if (top === null) return;
      const changed = wanted.length === 0 ? null : new Set(chosen);
      yield { commit: null, snapshot: { ...(await diskTree(base, paths)), parent: null, changed } };
    },
    managed: top === null ? null : await diskTree(base, paths),
    allowFile: () => allowFileOn(base),
    close: async () => {},
  };
}

async function refuseMissing(path: string, cwd: string): Promise<void> {
  try {
    await lstat(path);
  } catch {
    const file = relative(cwd, path) || '.';
    throw new SecretsError('BAD_PATH', 'there is no such file or folder', { file });
  }
}

async function repositoryPaths(top: string, world: World): Promise<string[]> {
  const repository = await openRepository(top, world.env);
  return repository === null ? [] : repository.listFiles();
}

/** What was named counts also where git ignores it: it was asked for. */
async function choose(
  base: string,
  paths: readonly string[],
  wanted: readonly string[],
  isRepository: boolean,
): Promise<string[]> {
  if (wanted.length === 0) return isRepository ? [...paths] : (await below(base, base)).sort();
  const found = new Set<string>();
  for (const path of wanted) {
    const name = shown(base, path);
    const inside = paths.filter(other => name === '' || other === name || other.startsWith(`${name}/`));
    const there = inside.length > 0 && (await lstat(path)).isDirectory() ? inside : await below(base, path);
    for (const each of there) found.add(each);
  }
  return [...found].sort();
}

function shown(base: string, path: string): string {
  return relative(base, path).split(sep).join('/');
}

async function below(base: string, path: string): Promise<string[]> {
  if (!(await lstat(path)).isDirectory()) return [shown(base, path)];
  const found: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name === OF_GIT) continue;
    const inside = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await below(base, inside)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(shown(base, inside));
  }
  return found;
}

function pieceOf(base: string, path: string): Piece {
  return { path, commit: null, read: () => readFileAt(join(base, path)), changed: async () => null };
}

/** The target of a link stands for the link, as in git; a pipe or a device would never end. */
async function readFileAt(path: string): Promise<Blob> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return { bytes: Buffer.from(await readlink(path)) };
    if (!found.isFile()) return { unreadable: 'it is no regular file' };
    if (found.size > LARGEST) return { unreadable: `it has ${Math.round(found.size / 1024 / 1024)} MiB` };
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return { bytes: await handle.readFile() };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return code === 'ENOENT' ? { bytes: new Uint8Array() } : { unreadable: `it cannot be read (${code})` };
  }
}

async function diskTree(base: string, paths: readonly string[]) {
  const links = new Set<string>();
  for (const path of paths)
    if ((await lstat(join(base, path)).catch(() => null))?.isSymbolicLink() === true) links.add(path);
  return {
    paths,
    links,
    async read(path: string) {
      const blob = await readFileAt(join(base, path));
      return 'bytes' in blob ? blob.bytes : null;
    },
  };
}

async function allowFileOn(base: string) {
  const path = join(base, ALLOW_FILE);
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  const blob = await readFileAt(path);
  if ('bytes' in blob) return { bytes: blob.bytes, isLink: found.isSymbolicLink() };
  throw new SecretsError('READ_FAILED', blob.unreadable, { file: ALLOW_FILE });
}
