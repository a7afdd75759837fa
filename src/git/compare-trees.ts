import { SecretsError } from '../errors.ts';
import { splitAtNul } from './changes.ts';
import { type GitResult, gitFailed, runGit, startGit } from './run.ts';
import { type GitPlace, LINK, pathOf, SUBMODULE } from './tree-listing.ts';

/** Two states of a repository. */
export interface Comparison {
  /** The commit that is compared with: where both lines of history parted, if the revision is on another one. */
  readonly base: string;
  /** The commit that was named. */
  readonly since: string;
  /** `null`: the work tree. */
  readonly until: string | null;
}

/** A file that differs between two states. */
export interface FileDifference {
  readonly path: string;
  /** The blob that it was; `null`: it was not there. */
  readonly before: string | null;
  readonly after: 'work-tree' | { readonly blob: string } | null;
}

const RAW = [
  '--raw',
  '-z',
  '-r',
  '--no-ext-diff',
  '--no-textconv',
  '--ignore-submodules=all',
  '--no-renames',
];

/**
 * Finds the two states.
 *
 * @param until `null`: the work tree as it stands
 * @throws SecretsError `BAD_OPTION` for a revision that this clone does not have
 */
export async function resolveComparison(
  place: GitPlace,
  since: string,
  until: string | null,
): Promise<Comparison> {
  const from = await commitOf(place, since);
  const to = until === null ? null : await commitOf(place, until);
  const tip = to ?? (await commitOf(place, 'HEAD'));
  const found = await runGit(place.cwd, ['merge-base', from, tip], place);
  if (found.status > 1) throw gitFailed('find where two lines of history parted', found);
  return { base: found.status === 0 ? found.stdout.trim() : from, since: from, until: to };
}

async function commitOf(place: GitPlace, revision: string): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const result = revision === '' ? null : await runGit(place.cwd, args, place);
  const oid = result?.stdout.trim().split('\n').at(-1) ?? '';
  if (result?.status === 0 && /^[0-9a-f]{40,64}$/.test(oid)) return oid;
  const shallow = await runGit(place.cwd, ['rev-parse', '--is-shallow-repository'], place);
  const hint = shallow.stdout.trim() === 'true' ? SHALLOW_HINT : '`git log --oneline` shows what there is';
  throw new SecretsError('BAD_OPTION', `this clone has no commit ${JSON.stringify(revision)}`, { hint });
}

const SHALLOW_HINT =
  'the clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout, brings the rest';

/** The files that differ, by path. @throws SecretsError `PROGRAM_FAILED` */
export async function differences(place: GitPlace, { base, until }: Comparison): Promise<FileDifference[]> {
  const [command, sides] = until === null ? ['diff-index', [base]] : ['diff-tree', [base, until]];
  const git = startGit(place.cwd, [command, ...RAW, ...sides, '--'], place);
  git.stdin.end();
  const found = new Map<string, FileDifference>();
  const words = splitAtNul(git.stdout);
  for await (const head of words) {
    const difference = await differenceIn(head, words, until === null);
    if (difference !== null) found.set(difference.path, difference);
  }
  const ended = await git.ended;
  if (ended.status !== 0) throw gitFailed('compare two states', ended);
  if (until === null)
    for (const path of await untracked(place)) found.set(path, brandNew(path, found.get(path)));
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `:100644 100644 OLD NEW M`, then the path. */
async function differenceIn(
  head: string,
  words: AsyncGenerator<string>,
  inWorkTree: boolean,
): Promise<FileDifference | null> {
  const [oldMode = '', mode = '', oldOid = '', oid = ''] = head.replace(/^:/, '').split(' ');
  const path = pathOf(await nextWord(words));
  const before = isFile(oldMode) ? oldOid : null;
  if (!isFile(mode)) return before === null ? null : { path, before, after: null };
  // what differs from the index has no name yet
  return before === oid ? null : { path, before, after: inWorkTree ? 'work-tree' : { blob: oid } };
}

function brandNew(path: string, former: FileDifference | undefined): FileDifference {
  return { path, before: former?.before ?? null, after: 'work-tree' };
}

async function untracked(place: GitPlace): Promise<string[]> {
  const args = ['ls-files', '-z', '--others', '--exclude-standard', '--full-name', '--', ':/'];
  const result: GitResult = await runGit(place.cwd, args, { ...place, raw: true, patterns: true });
  if (result.status !== 0) throw gitFailed('list new files', result);
  return result.stdout
    .split('\0')
    .filter(path => path !== '' && !path.endsWith('/'))
    .map(pathOf);
}

async function nextWord(words: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await words.next();
  return done === true ? '' : value;
}

/** Neither nothing nor a link nor a submodule. */
function isFile(mode: string): boolean {
  return mode !== SUBMODULE && mode !== LINK && !/^0+$/.test(mode);
}
