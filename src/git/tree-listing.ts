import { type Environment, gitFailed, runGit, startGit } from './run.ts';

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

/** A file that differs between two trees. */
export interface ChangedEntry extends TreeEntry {
  /** What it was before; `null` for a new one. */
  readonly oldOid: string | null;
}

/** What a commit, or the index, does to its parent. */
export interface Changes {
  /** `null` for the index. */
  readonly commit: string | null;
  readonly entries: readonly ChangedEntry[];
  /** Files that are gone. */
  readonly deleted: readonly TreeEntry[];
}

const LINK = '120000';
const SUBMODULE = '160000';
const RAW = ['--raw', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all'];
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The tree of `HEAD`; the empty tree where there is no commit yet. @throws SecretsError `PROGRAM_FAILED` */
export async function headTree(place: GitPlace): Promise<{ tree: string; isEmpty: boolean }> {
  const head = await runGit(place.cwd, ['rev-parse', '--verify', '--quiet', 'HEAD^{tree}'], place);
  if (head.status === 0) return { tree: head.stdout.trim(), isEmpty: false };
  const empty = await runGit(place.cwd, ['hash-object', '-t', 'tree', '--stdin'], place);
  if (empty.status !== 0) throw gitFailed('name the empty tree', empty);
  return { tree: empty.stdout.trim(), isEmpty: true };
}

/** What is staged, against a tree. @throws SecretsError `PROGRAM_FAILED` */
export async function stagedChanges(place: GitPlace, tree: string): Promise<Changes> {
  const args = ['diff-index', '--cached', ...RAW, '--diff-filter=ACDMRT', tree, '--'];
  const result = await runGit(place.cwd, args, { ...place, raw: true });
  if (result.status !== 0) throw gitFailed('list what is staged', result);
  return changesOf(null, result.stdout.split('\0'));
}

/** Every file of the index. @throws SecretsError `PROGRAM_FAILED` */
export async function indexEntries(place: GitPlace): Promise<TreeEntry[]> {
  const args = ['ls-files', '-z', '--stage', '--full-name', '--', ':/'];
  const result = await runGit(place.cwd, args, { ...place, raw: true, patterns: true });
  if (result.status !== 0) throw gitFailed('list its index', result);
  return result.stdout.split('\0').flatMap(line => {
    const [, mode = '', oid = '', stage = '', path = ''] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? [];
    return path === '' || stage !== '0' || mode === SUBMODULE ? [] : [entryOf(mode, oid, path)];
  });
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
 * The commits of a range, the oldest first.
 *
 * @param revisions as `git rev-list` takes them, `A..B` or `B`, `^A`
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function commitsOf(place: GitPlace, revisions: readonly string[]): Promise<string[]> {
  const args = ['rev-list', '--reverse', '--topo-order', ...revisions, '--'];
  const result = await runGit(place.cwd, args, place);
  if (result.status !== 0) throw gitFailed('list the commits', result);
  return result.stdout.split('\n').filter(line => line !== '');
}

/** The first parent of a commit; `null` where it has none. @throws SecretsError `PROGRAM_FAILED` */
export async function firstParent(place: GitPlace, commit: string): Promise<string | null> {
  const result = await runGit(place.cwd, ['rev-parse', '--verify', '--quiet', `${commit}^1`], place);
  return result.status === 0 ? result.stdout.trim() : null;
}

/**
 * What each commit does to its parents, one after the other; of a merge only what is in none of them.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function* changesOfCommits(
  place: GitPlace,
  commits: readonly string[],
): AsyncGenerator<Changes> {
  const git = startGit(place.cwd, ['diff-tree', '--stdin', '-r', '-c', '--root', ...RAW], place);
  git.stdin.end(commits.map(commit => `${commit}\n`).join(''));
  let commit: string | null = null;
  let words: string[] = [];
  for await (const word of splitAtNul(git.stdout)) {
    if (words.length % 2 === 0 && /^[0-9a-f]{40,64}$/.test(word)) {
      if (commit !== null) yield changesOf(commit, words);
      commit = word;
      words = [];
    } else words.push(word);
  }
  if (commit !== null) yield changesOf(commit, words);
  const ended = await git.ended;
  if (ended.status !== 0) throw gitFailed('read its history', ended);
}

async function* splitAtNul(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const words = (rest + Buffer.from(chunk as Buffer).toString('latin1')).split('\0');
    rest = words.pop() ?? '';
    yield* words;
  }
  if (rest !== '') yield rest;
}

/** `:100644 100644 OLD NEW M`, then the path; of a merge a mode and a hash more for each parent. */
function changesOf(commit: string | null, words: readonly string[]): Changes {
  const entries: ChangedEntry[] = [];
  const deleted: TreeEntry[] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    const [head = '', path = ''] = [words[index], words[index + 1]];
    const parents = /^:+/.exec(head)?.[0].length ?? 0;
    const fields = head.slice(parents).split(' ');
    const [oldMode = '', oldOid = ''] = [fields[0], fields[parents + 1]];
    const [mode = '', oid = ''] = [fields[parents], fields[parents * 2 + 1]];
    if (/^0+$/.test(mode)) {
      if (oldMode !== SUBMODULE) deleted.push(entryOf(oldMode, oldOid, path));
    } else if (mode !== SUBMODULE) {
      const isNew = /^0+$/.test(oldMode) || oldMode === SUBMODULE;
      entries.push({ ...entryOf(mode, oid, path), oldOid: isNew ? null : oldOid });
    }
  }
  return { commit, entries, deleted };
}

function entryOf(mode: string, oid: string, latin1Path: string): TreeEntry {
  return { path: pathOf(latin1Path), oid, isLink: mode === LINK };
}

/** Names of files are bytes; what is no UTF-8 is shown by its bytes. */
function pathOf(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  try {
    return UTF8.decode(bytes);
  } catch {
    return latin1.replace(/[\x80-\xff]/g, byte => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  }
}
