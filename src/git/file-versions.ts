import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { splitAtNul } from './changes.ts';
import { gitFailed, runGit, startGit } from './run.ts';
import { type GitPlace, LINK, pathOf, SUBMODULE } from './tree-listing.ts';

/** A commit, as far as people ask for it. */
export interface CommitStamp {
  readonly oid: string;
  /** When its author made it, ISO 8601 in UTC; a rebase leaves that as it is. */
  readonly date: string;
}

/** What a commit did to one file. */
export interface FileVersion {
  readonly commit: CommitStamp;
  readonly path: string;
  /** The name that it had in the first parent; the same as `path` where it was not renamed. */
  readonly from: string;
  /** `null`: the commit takes the file away. */
  readonly oid: string | null;
  /** The blobs of the parents; none where no parent had the file. */
  readonly before: readonly string[];
}

const HEAD_LINE = /^[0-9a-f]{40,64}$/;
const RAW = ['--raw', '-z', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all'];
/** Beyond so many new and deleted files in one commit only those that stayed the same are paired. */
const RENAMES = ['-M50%', '-l1000'];
/** A file that was renamed more often loses its history there. */
const MOST_RENAMES = 100;

/**
 * What every commit before a revision did to every file, the newest first; of a merge only what is in none of its parents.
 * One pass, which may be left at any time.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function* allVersions(place: GitPlace, revision: string): AsyncGenerator<FileVersion> {
  yield* versionsOf(place, await stampsOf(place, [revision]), []);
}

/**
 * The same of one file, under the names that it had before too.
 *
 * @param path relative to git's top
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function* versionsOfFile(
  place: GitPlace,
  revision: string,
  path: string,
): AsyncGenerator<FileVersion> {
  let [from, name] = [revision, path];
  for (let turn = 0; turn < MOST_RENAMES; turn++) {
    let renamed: FileVersion | null = null;
    for await (const version of versionsOf(place, await stampsOf(place, [from], name), [name])) {
      if (version.before.length === 0) renamed = await renameIn(place, version);
      yield renamed ?? version;
      if (renamed !== null) break;
    }
    if (renamed === null) return;
    [from, name] = [`${renamed.commit.oid}^`, renamed.from];
  }
}

/** The commits at which a shallow clone ends: what they bring may be older. */
export async function shallowBorder(place: GitPlace): Promise<Set<string>> {
  const asked = await runGit(place.cwd, ['rev-parse', '--git-path', 'shallow'], place);
  if (asked.status !== 0) throw gitFailed('say whether the clone is shallow', asked);
  try {
    const text = await readFile(resolve(place.cwd, asked.stdout.replace(/\n$/, '')), 'latin1');
    return new Set(text.split('\n').filter(line => line !== ''));
  } catch {
    // a whole clone has no such file
    return new Set();
  }
}

async function renameIn(place: GitPlace, birth: FileVersion): Promise<FileVersion | null> {
  for await (const version of versionsOf(place, [birth.commit], []))
    if (version.path === birth.path && version.from !== birth.path) return version;
  return null;
}

/** The commits that led to a revision, children before their parents. */
async function stampsOf(
  place: GitPlace,
  revisions: readonly string[],
  path?: string,
): Promise<CommitStamp[]> {
  const limit = path === undefined ? [] : [path];
  const args = ['rev-list', '--topo-order', '--format=%at', ...revisions, '--', ...limit];
  const result = await runGit(place.cwd, args, place);
  if (result.status !== 0) throw gitFailed('read its history', result);
  const lines = result.stdout.split('\n');
  const stamps: CommitStamp[] = [];
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const [line = '', time = ''] = [lines[index], lines[index + 1]];
    stamps.push({ oid: line.replace(/^commit /, ''), date: dateOf(Number(time)) });
  }
  return stamps;
}

function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

async function* versionsOf(
  place: GitPlace,
  commits: readonly CommitStamp[],
  paths: readonly string[],
): AsyncGenerator<FileVersion> {
  if (commits.length === 0) return;
  const args = ['diff-tree', '--stdin', '--always', '-r', '-c', '--root', ...RENAMES, ...RAW, '--', ...paths];
  const git = startGit(place.cwd, args, place);
  git.stdin.end(commits.map(({ oid }) => `${oid}\n`).join(''));
  const words = splitAtNul(git.stdout);
  let seen = 0;
  let commit: CommitStamp | undefined;
  for await (const word of words) {
    if (HEAD_LINE.test(word)) {
      commit = commits[seen];
      if (commit?.oid !== word) break;
      seen += 1;
    } else if (commit !== undefined) {
      const version = await versionIn(commit, word, words);
      if (version !== null) yield version;
    }
  }
  const ended = await git.ended;
  if (ended.status !== 0 || seen < commits.length) throw gitFailed('read its history', ended);
}

/** `:100644 100644 OLD NEW R100`, then the old path and the new one; of a merge a mode and a hash more for each parent. */
async function versionIn(
  commit: CommitStamp,
  head: string,
  words: AsyncGenerator<string>,
): Promise<FileVersion | null> {
  const parents = /^:+/.exec(head)?.[0].length ?? 0;
  const fields = head.slice(parents).split(' ');
  const status = fields.at(-1) ?? '';
  const first = await nextWord(words);
  const isRename = parents === 1 && /^[RC]/.test(status);
  const path = isRename ? await nextWord(words) : first;
  const [mode = '', oid = ''] = [fields[parents], fields[parents * 2 + 1]];
  const before = fields.slice(parents + 1, parents * 2 + 1).filter((_, index) => isFile(fields[index] ?? ''));
  if (!isFile(mode) && before.length === 0) return null;
  return { commit, path: pathOf(path), from: pathOf(first), oid: isFile(mode) ? oid : null, before };
}

async function nextWord(words: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await words.next();
  return done === true ? '' : value;
}

/** Neither nothing nor a link nor a submodule. */
function isFile(mode: string): boolean {
  return mode !== SUBMODULE && mode !== LINK && !/^0+$/.test(mode);
}
