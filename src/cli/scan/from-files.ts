import { join, relative, resolve, sep } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import { workFileNames } from '../../git/tree-listing.ts';
import type { World } from '../world.ts';
import { type DiskFile, filesBelow, lookAt, nameOf, readDiskFile } from './disk-files.ts';
import { namesPiece } from './other-pieces.ts';
import { ALLOW_FILE, type Piece, type Subject } from './subject.ts';

/**
 * Files as they are on the disk: those that git tracks or would, else all below a folder.
 *
 * @param given files and folders; none: everything below git's top, without git below the current folder
 * @throws SecretsError `BAD_PATH` (one is not there), `PROGRAM_FAILED`
 */
export async function fileSubject(world: World, given: readonly string[]): Promise<Subject> {
  const wanted = given.map(path => named(world.cwd, path));
  const top = await findGitTop(world.cwd, world.env);
  const base = top ?? world.cwd;
  const files = top === null ? [] : await repositoryFiles(top, world);
  const chosen = choose(base, files, wanted, top !== null);
  const tree = top === null ? null : diskTree(files);
  const changed = wanted.length === 0 ? null : new Set(chosen.map(({ path }) => path));
  return {
    async *pieces() {
      if (chosen.length > 0)
        yield namesPiece(
          chosen.map(({ path }) => path),
          null,
        );
      for (const file of chosen) yield pieceOf(file);
    },
    async *snapshots() {
      if (tree !== null) yield { commit: null, snapshot: { ...tree, parent: null, changed } };
    },
    isWhole: wanted.length === 0,
    managed: async () => (tree === null ? [] : [{ tree, only: null }]),
    allowFile: async () => allowFileOn(base),
    close: async () => {},
  };
}

/** Something that was named on the command line. */
interface Named {
  readonly absolute: string;
  readonly isFolder: boolean;
}

/** A link to a folder stands for the folder: whoever names it wants to know what is in there. */
function named(cwd: string, path: string): Named {
  const absolute = resolve(cwd, path);
  const found = lookAt(absolute);
  if (found === null)
    throw new SecretsError('BAD_PATH', 'there is no such file or folder', {
      file: relative(cwd, absolute) || '.',
    });
  return { absolute: found.folder ?? absolute, isFolder: found.folder !== null };
}

/** What is not on the disk, deleted or left out of a sparse checkout, is no file of the work tree. */
async function repositoryFiles(top: string, world: World): Promise<DiskFile[]> {
  const names = await workFileNames({ cwd: top, env: world.env, inherited: false });
  return names.flatMap(({ path, name }) => {
    const at = Buffer.concat([Buffer.from(join(top, sep)), name]);
    const found = lookAt(at);
    if (found === null || (found.folder !== null && !found.isLink)) return [];
    return [{ path, at, isLink: found.isLink, problem: found.problem }];
  });
}

/** What was named counts also where git ignores it: it was asked for. */
function choose(
  base: string,
  files: readonly DiskFile[],
  wanted: readonly Named[],
  isRepository: boolean,
): readonly DiskFile[] {
  if (wanted.length === 0) return isRepository ? files : filesBelow(base, nameOf(base));
  const found = new Map<string, DiskFile>();
  const known = new Map(files.map(file => [file.path, file]));
  for (const { absolute, isFolder } of wanted) {
    const path = relative(base, absolute).split(sep).join('/');
    for (const file of isFolder ? inFolder(base, files, absolute, path) : [known.get(path)])
      if (file !== undefined) found.set(file.path, file);
    if (!isFolder && !known.has(path)) {
      const [file] = filesBelow(base, nameOf(absolute));
      if (file !== undefined) found.set(file.path, file);
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function inFolder(
  base: string,
  files: readonly DiskFile[],
  absolute: string,
  path: string,
): readonly DiskFile[] {
  const inside = path === '' ? files : files.filter(file => file.path.startsWith(`${path}/`));
  return inside.length > 0 ? inside : filesBelow(base, nameOf(absolute));
}

function pieceOf(file: DiskFile): Piece {
  return {
    kind: 'file',
    path: file.path,
    commit: null,
    read: async () => readDiskFile(file),
    changed: async () => null,
  };
}

function diskTree(files: readonly DiskFile[]) {
  const byPath = new Map(files.map(file => [file.path, file]));
  return {
    paths: files.map(({ path }) => path),
    links: new Set(files.filter(({ isLink }) => isLink).map(({ path }) => path)),
    async read(path: string) {
      const file = byPath.get(path);
      if (file === undefined) return null;
      const blob = readDiskFile(file);
      return 'bytes' in blob ? blob.bytes : null;
    },
  };
}

function allowFileOn(base: string) {
  const at = nameOf(join(base, ALLOW_FILE));
  const found = lookAt(at);
  if (found === null) return null;
  const blob = readDiskFile({ path: ALLOW_FILE, at, isLink: found.isLink, problem: found.problem });
  if ('bytes' in blob) return { bytes: blob.bytes, isLink: found.isLink };
  throw new SecretsError('READ_FAILED', blob.unreadable, { file: ALLOW_FILE });
}
