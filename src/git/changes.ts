import { SecretsError } from '../errors.ts';
import { type GitResult, gitFailed, runGit, startGit } from './run.ts';
import { entryOf, type GitPlace, LINK, SUBMODULE, type TreeEntry } from './tree-listing.ts';

/** A file that differs between two trees. */
interface ChangedEntry extends TreeEntry {
  /** What it was before; `null` for a new one. */
  readonly oldOid: string | null;
  readonly wasLink: boolean;
}

/** What a commit, or the index, does to its parent. */
export interface Changes {
  /** `null` for the index. */
  readonly commit: string | null;
  readonly entries: readonly ChangedEntry[];
  /** Files that are gone. */
  readonly deleted: readonly TreeEntry[];
}

/** A commit and what it comes after. */
export interface Commit {
  readonly oid: string;
  /** In git's order; none for the first commit. */
  readonly parents: readonly string[];
}

const RAW = ['--raw', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all'];
const OID = /^[0-9a-f]{40,64}$/;

/**
 * What is staged, against `HEAD`.
 *
 * @returns `isFirst`: there is no commit yet, and everything is new
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function stagedChanges(place: GitPlace): Promise<{ changes: Changes; isFirst: boolean }> {
  const againstHead = await diffIndex(place, 'HEAD');
  if (againstHead.status === 0) return { changes: changesIn(againstHead.stdout), isFirst: false };
  const empty = await runGit(place.cwd, ['hash-object', '-t', 'tree', '--stdin'], place);
  if (empty.status !== 0) throw gitFailed('name the empty tree', empty);
  const againstNothing = await diffIndex(place, empty.stdout.trim());
  if (againstNothing.status !== 0) throw gitFailed('list what is staged', againstNothing);
  return { changes: changesIn(againstNothing.stdout), isFirst: true };
}

/** Paths that were announced with `git add -N`: the index lists them, and no commit takes them. */
export async function announcedPaths(place: GitPlace, { entries }: Changes): Promise<Set<string>> {
  const result = await diffIndex(place, 'HEAD', '--ita-visible-in-index');
  if (result.status !== 0) throw gitFailed('list what is staged', result);
  const staged = new Set(entries.map(({ path }) => path));
  const all = changesIn(result.stdout).entries.map(({ path }) => path);
  return new Set(all.filter(path => !staged.has(path)));
}

function diffIndex(place: GitPlace, tree: string, visible = '--ita-invisible-in-index') {
  const args = ['diff-index', '--cached', visible, ...RAW, '--diff-filter=ACDMRT', tree, '--'];
  return runGit(place.cwd, args, { ...place, raw: true });
}

/**
 * The commits of a range, the oldest first.
 *
 * @param revisions as `git rev-list` takes them, `A..B` or `B`, `^A`
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function commitsOf(place: GitPlace, revisions: readonly string[]): Promise<Commit[]> {
  const args = ['rev-list', '--reverse', '--topo-order', '--parents', ...revisions, '--'];
  const result = await runGit(place.cwd, args, place);
  if (result.status !== 0) throw gitFailed('list the commits', result);
  return result.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [oid = '', ...parents] = line.split(' ');
      return { oid, parents };
    });
}

/** What differs between two commits. @throws SecretsError `PROGRAM_FAILED` */
export async function changesBetween(place: GitPlace, before: string, after: string): Promise<Changes> {
  const args = ['diff-tree', '-r', ...RAW, before, after, '--'];
  const result = await runGit(place.cwd, args, { ...place, raw: true });
  if (result.status !== 0) throw gitFailed('compare two commits', result);
  return { ...changesIn(result.stdout), commit: after };
}

/**
 * What each commit does to its parents, one after the other; of a merge only what is in none of them. Every commit is
 * given, also one that does nothing.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function* changesOfCommits(
  place: GitPlace,
  commits: readonly Commit[],
): AsyncGenerator<Changes> {
  const git = startGit(place.cwd, ['diff-tree', '--stdin', '--always', '-r', '-c', '--root', ...RAW], place);
  git.stdin.end(commits.map(({ oid }) => `${oid}\n`).join(''));
  let commit: string | null = null;
  let words: string[] = [];
  let seen = 0;
  for await (const word of splitAtNul(git.stdout)) {
    if (words.length % 2 === 0 && OID.test(word)) {
      if (commit !== null) yield changesOf(commit, words);
      commit = word;
      words = [];
      // git passes over what it cannot read, and says nothing of it
      if (commits[seen]?.oid !== commit) break;
      seen += 1;
    } else words.push(word);
  }
  if (seen < commits.length) throw unreadCommit(commits[seen]?.oid ?? '', await git.ended);
  if (commit !== null) yield changesOf(commit, words);
  const ended = await git.ended;
  if (ended.status !== 0) throw gitFailed('read its history', ended);
}

function unreadCommit(oid: string, ended: Omit<GitResult, 'stdout'>): SecretsError {
  if (ended.status !== 0) return gitFailed('read its history', ended);
  return new SecretsError('PROGRAM_FAILED', `git could not read the commit ${oid.slice(0, 12)}`);
}

/** The words of a stream, one character for each byte. */
export async function* splitAtNul(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const words = (rest + Buffer.from(chunk as Buffer).toString('latin1')).split('\0');
    rest = words.pop() ?? '';
    yield* words;
  }
  if (rest !== '') yield rest;
}

function changesIn(stdout: string): Changes {
  return changesOf(null, stdout.split('\0'));
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
    const wasFile = isFile(oldMode);
    if (isFile(mode)) {
      const old = { oldOid: wasFile ? oldOid : null, wasLink: oldMode === LINK };
      entries.push({ ...entryOf(mode, oid, path), ...old });
    } else if (wasFile) deleted.push(entryOf(oldMode, oldOid, path));
  }
  return { commit, entries, deleted };
}

/** Neither nothing nor a submodule. */
function isFile(mode: string): boolean {
  return mode !== SUBMODULE && !/^0+$/.test(mode);
}
