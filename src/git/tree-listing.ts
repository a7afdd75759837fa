import { type Environment, gitFailed, runGit } from './run.ts';

/** Where a listing is made. */
export interface GitPlace {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Environment;
  /** True inside a hook: the index is the one that git names. */
  readonly inherited: boolean;
}

/** A file of a tree or of the index. */
export interface TreeEntry {
  /** Relative to git's top; bytes that are no UTF-8 stand as `\xNN`. */
  readonly path: string;
  readonly oid: string;
  readonly isLink: boolean;
}

/** What an index holds. */
export interface IndexListing {
  readonly entries: readonly TreeEntry[];
  /** Files in the middle of a merge, which nobody can commit. */
  readonly unmerged: readonly string[];
}

/** A file of the work tree. */
export interface WorkFileName {
  /** As in {@link TreeEntry.path}. */
  readonly path: string;
  /** The bytes of its name, relative to git's top. */
  readonly name: Buffer;
}

/** Modes, as git prints them. */
export const LINK = '120000';
export const SUBMODULE = '160000';
/** No repository has it. */
const NO_OBJECT = '0'.repeat(40);
const ASCII = /^[\x20-\x7e]*$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Every file of the index. @throws SecretsError `PROGRAM_FAILED` */
export async function indexEntries(place: GitPlace): Promise<IndexListing> {
  const args = ['ls-files', '-z', '--stage', '--full-name', '--', ':/'];
  const result = await runGit(place.cwd, args, { ...place, raw: true, patterns: true });
  if (result.status !== 0) throw gitFailed('list its index', result);
  const entries: TreeEntry[] = [];
  const unmerged = new Set<string>();
  for (const line of result.stdout.split('\0')) {
    const [, mode = '', oid = '', stage = '', path = ''] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? [];
    if (path === '') continue;
    if (stage !== '0') unmerged.add(pathOf(path));
    else if (mode !== SUBMODULE) entries.push(entryOf(mode, oid, path));
  }
  return { entries, unmerged: [...unmerged] };
}

/** Every file of a commit or tree. @throws SecretsError `PROGRAM_FAILED` */
export async function treeEntries(place: GitPlace, treeish: string): Promise<TreeEntry[]> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', treeish];
  const result = await runGit(place.cwd, args, { ...place, raw: true });
  if (result.status !== 0) throw gitFailed('list a commit', result);
  return result.stdout.split('\0').flatMap(line => {
    const [, mode = '', type = '', oid = '', path = ''] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return type === 'blob' ? [entryOf(mode, oid, path)] : [];
  });
}

/**
 * Files that git tracks, whether they are on the disk or not, and those that it would track. A repository inside this
 * one is its own business.
 *
 * @param place its `cwd` is git's top
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function workFileNames(place: GitPlace): Promise<WorkFileName[]> {
  const list = async (...args: string[]) => {
    const result = await runGit(place.cwd, ['ls-files', '-z', ...args], { ...place, raw: true });
    if (result.status !== 0) throw gitFailed('list its files', result);
    return result.stdout.split('\0').slice(0, -1);
  };
  const [index, others] = await Promise.all([list('--stage'), list('--others', '--exclude-standard')]);
  const tracked = index
    .filter(line => !line.startsWith(`${SUBMODULE} `))
    .map(line => line.slice(line.indexOf('\t') + 1));
  const names = new Set([...tracked, ...others.filter(name => !name.endsWith('/'))]);
  return [...names].sort().map(name => ({ path: pathOf(name), name: Buffer.from(name, 'latin1') }));
}

/** @param latin1Path one character for each byte of the name */
export function entryOf(mode: string, oid: string, latin1Path: string): TreeEntry {
  return { path: pathOf(latin1Path), oid, isLink: mode === LINK };
}

/**
 * Entries by their paths. Two names that are spelled alike, as `\\xe9` and the byte itself are, cannot be told apart:
 * then neither can be read.
 */
export function entriesByPath(entries: readonly TreeEntry[]): Map<string, TreeEntry> {
  const byPath = new Map<string, TreeEntry>();
  for (const entry of entries)
    byPath.set(entry.path, byPath.has(entry.path) ? { ...entry, oid: NO_OBJECT } : entry);
  return byPath;
}

/** Names of files are bytes; what is no UTF-8 is shown by its bytes. */
export function pathOf(latin1: string): string {
  if (ASCII.test(latin1)) return latin1;
  try {
    return UTF8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return latin1.replace(/[\x80-\xff]/g, byte => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  }
}
