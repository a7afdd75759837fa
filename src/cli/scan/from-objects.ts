import { basename } from 'node:path/posix';
import { SecretsError } from '../../errors.ts';
import { BlobReader } from '../../git/blob-reader.ts';
import {
  announcedPaths,
  type Changes,
  type Commit,
  changesBetween,
  changesOfCommits,
  commitsOf,
  stagedChanges,
} from '../../git/changes.ts';
import { allTagMessages, type Message, messagesOf, tagMessages } from '../../git/messages.ts';
import { type ObjectTree, objectTree } from '../../git/object-tree.ts';
import { CommitTrees, reverted } from '../../git/snapshots.ts';
import { headCommit } from '../../git/tips.ts';
import {
  type GitPlace,
  type IndexListing,
  indexEntries,
  type TreeEntry,
  treeEntries,
} from '../../git/tree-listing.ts';
import { changedLines } from '../../scan/changed-lines.ts';
import { allowFileIn, hasAllowFile } from './allow-in-tree.ts';
import { messagePiece, namesPiece } from './other-pieces.ts';
import { otherTrees } from './other-trees.ts';
import type { Piece, Subject } from './subject.ts';

/** The name under which sops looks for its rules. */
const CONFIG = '.sops.yaml';
/** So many files are asked for at once. */
const AHEAD = 32;

/**
 * What is about to be committed.
 *
 * @param endsMerge the commit ends a merge, which may have been resolved by taking one side
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function stagedSubject(place: GitPlace, endsMerge = false): Promise<Subject> {
  // it starts while git lists
  const blobs = new BlobReader(place.cwd, place.env, place.inherited);
  try {
    const [{ changes, isFirst }, index] = await Promise.all([stagedChanges(place), indexEntries(place)]);
    const entries = await committedEntries(place, index, changes, isFirst);
    const staged = objectTree(entries, blobs);
    let before: ObjectTree | undefined;
    const parent = () => {
      before ??= objectTree(reverted(entries, changes), blobs);
      return before;
    };
    return {
      async *pieces() {
        yield* index.unmerged.map(unmergedPiece);
        yield* namesOf(changes);
        yield* piecesOf(changes, blobs, { seen: new Set(), hasAllowFile: hasAllowFile(entries) });
      },
      async *snapshots() {
        const snapshot = { ...staged, parent: isFirst ? null : parent(), changed: pathsOf(changes) };
        yield { commit: null, snapshot };
      },
      merge: async () => (endsMerge ? oneSided(place, entries, blobs) : []),
      isWhole: false,
      async managed() {
        const only = formerPaths(changes);
        const former = only.size === 0 ? [] : [{ tree: parent(), only }];
        // a branch that begins with nothing has no encrypted files; of any other push asks the rest of the repository
        const others = isFirst ? await otherTrees(place, entries, blobs) : [];
        return [{ tree: staged, only: null }, ...former, ...others];
      },
      allowFile: () => allowFileIn(entries, blobs),
      close: () => blobs.close(),
    };
  } catch (error) {
    await blobs.close();
    throw error;
  }
}

async function oneSided(place: GitPlace, entries: readonly TreeEntry[], blobs: BlobReader) {
  const [{ oneSidedFiles }, { resolvedConflicts }, { openRepository }] = await Promise.all([
    import('./one-sided.ts'),
    import('../resolved-conflicts.ts'),
    import('../../git/repository.ts'),
  ]);
  const repository = await openRepository(place.cwd, place.env);
  const decided = repository === null ? new Set<string>() : await resolvedConflicts(repository.stateDir);
  return oneSidedFiles(place, entries, blobs, decided);
}

/** The index without what was only announced; that counts for nothing but where a new rule would govern it. */
async function committedEntries(
  place: GitPlace,
  { entries }: IndexListing,
  changes: Changes,
  isFirst: boolean,
): Promise<readonly TreeEntry[]> {
  if (isFirst || ![...pathsOf(changes)].some(path => basename(path) === CONFIG)) return entries;
  const announced = await announcedPaths(place, changes);
  return entries.filter(({ path }) => !announced.has(path));
}

function unmergedPiece(path: string): Piece {
  const read = async () => ({ unreadable: 'it is in the middle of a merge' });
  return { kind: 'file', path, commit: null, read, changed: async () => null };
}

/** The names of new files, one in each line: what stands in a name is in the history as well. */
function* namesOf({ entries, commit }: Changes): Generator<Piece> {
  const names = entries.filter(({ oldOid }) => oldOid === null).map(({ path }) => path);
  if (names.length > 0) yield namesPiece(names, commit);
}

/** Files that are changed or deleted: their former values are taken away. */
function formerPaths({ entries, deleted }: Changes): Set<string> {
  const changed = entries.filter(({ oldOid }) => oldOid !== null);
  return new Set([...changed, ...deleted].map(({ path }) => path));
}

/**
 * Commits, each against its parents: what one brings and a later one takes away again is in the history all the same.
 *
 * @throws SecretsError `BAD_OPTION` (no revisions that git knows), `PROGRAM_FAILED`
 */
export async function rangeSubject(place: GitPlace, range: string): Promise<Subject> {
  const revisions = range.split(/\s+/).filter(word => word !== '');
  if (revisions.length === 0 || revisions.some(word => word.startsWith('-')))
    throw new SecretsError('BAD_OPTION', 'this names no commits', {
      hint: 'for example: secrets scan --range origin/main..HEAD',
    });
  const commits = await commitsOf(place, revisions);
  const tags = await tagMessages(place, revisions);
  const last = commits.at(-1)?.oid;
  const base = await baseOf(place, commits);
  // a whole history, for a remote that has none of it: what was put right since about readers cannot be put right there
  const counts = (rule: string, commit: string | null) =>
    base !== null || commit === last || rule !== 'managed-recipients';
  return commitsSubject(place, commits, { counts, base, tags, last });
}

/** What the range begins with, and what it changes there as a whole; `null`: it begins with nothing. */
async function baseOf(place: GitPlace, commits: readonly Commit[]): Promise<Base | null> {
  const own = new Set(commits.map(({ oid }) => oid));
  const oid = commits.flatMap(({ parents }) => parents).find(parent => !own.has(parent));
  const last = commits.at(-1);
  if (oid === undefined || last === undefined) return null;
  return { oid, paths: formerPaths(await changesBetween(place, oid, last.oid)) };
}

interface Base {
  readonly oid: string;
  /** Changed or deleted since. */
  readonly paths: ReadonlySet<string>;
}

/** Of the past only what can be read there counts: who could open a file once is no finding of today. */
const READABLE: ReadonlySet<string> = new Set(['managed-plaintext', 'managed-value']);

/** The whole history, every version of a file once; under another name it may be another thing. @throws SecretsError `PROGRAM_FAILED` */
export async function historySubject(place: GitPlace): Promise<Subject> {
  const commits = await commitsOf(place, ['--all']);
  const last = (await headCommit(place)) ?? commits.at(-1)?.oid;
  return commitsSubject(place, commits, {
    counts: rule => READABLE.has(rule),
    base: null,
    tags: allTagMessages(place),
    last,
  });
}

interface CommitsOptions {
  readonly counts: (rule: string, commit: string | null) => boolean;
  readonly base: Base | null;
  readonly tags: Iterable<Message> | AsyncIterable<Message>;
  /** The commit whose allow file counts. */
  readonly last: string | undefined;
}

async function commitsSubject(
  place: GitPlace,
  commits: readonly Commit[],
  { counts, base, tags, last }: CommitsOptions,
): Promise<Subject> {
  const tip = last === undefined ? [] : await treeEntries(place, last);
  const blobs = new BlobReader(place.cwd, place.env, place.inherited);
  return {
    async *pieces() {
      const context = { seen: new Set<string>(), hasAllowFile: hasAllowFile(tip) };
      for await (const { commit, bytes } of messagesOf(place, commits)) yield messagePiece(commit, bytes);
      for await (const { commit, bytes } of tags) yield messagePiece(commit, bytes);
      for await (const changes of changesOfCommits(place, commits)) {
        yield* namesOf(changes);
        yield* piecesOf(changes, blobs, context);
      }
    },
    async *snapshots() {
      yield* snapshotsOf(place, commits, blobs);
    },
    counts,
    isWhole: false,
    async managed() {
      const known = [{ tree: objectTree(tip, blobs), only: null }, ...(await otherTrees(place, tip, blobs))];
      if (base === null || base.paths.size === 0) return known;
      return [...known, { tree: objectTree(await treeEntries(place, base.oid), blobs), only: base.paths }];
    },
    allowFile: () => allowFileIn(tip, blobs),
    close: () => blobs.close(),
  };
}

/**
 * Each commit beside its first parent, as a hook would have seen it; a merge brings what its other parents have. It is
 * held against those too where it changes their rules: who is the first parent is for whoever merges to say.
 */
async function* snapshotsOf(
  place: GitPlace,
  commits: readonly Commit[],
  blobs: BlobReader,
): ReturnType<Subject['snapshots']> {
  const trees = new CommitTrees(place);
  const byOid = new Map(commits.map(commit => [commit.oid, commit]));
  for await (const ownChanges of changesOfCommits(place, commits)) {
    const commit = byOid.get(ownChanges.commit ?? '');
    if (commit === undefined) continue;
    const { before, changes, after } = await trees.step(commit, ownChanges);
    const parent = before === null ? null : objectTree([...before.values()], blobs);
    const here = objectTree([...after.values()], blobs);
    yield { commit: commit.oid, snapshot: { ...here, parent, changed: pathsOf(changes) } };
    for (const side of commit.parents.slice(1)) {
      const { files, changes: since } = await trees.beside(side, commit.oid);
      // where the rules are those of the other parent too, there is nothing that it could want more
      if (![...pathsOf(since)].some(path => basename(path) === CONFIG)) continue;
      const other = objectTree([...files.values()], blobs);
      yield { commit: commit.oid, snapshot: { ...here, parent: other, changed: pathsOf(since) } };
    }
  }
}

function pathsOf({ entries, deleted }: Changes): Set<string> {
  return new Set([...entries, ...deleted].map(({ path }) => path));
}

interface PieceContext {
  /** Versions that were looked at. */
  readonly seen: Set<string>;
  readonly hasAllowFile: boolean;
}

async function* piecesOf(
  changes: Changes,
  blobs: BlobReader,
  { seen, hasAllowFile: isAllowed }: PieceContext,
): AsyncGenerator<Piece> {
  const gone = formerPlaces(changes);
  const movedHere = new Set(changes.entries.filter(({ oldOid }) => oldOid === null).map(({ path }) => path));
  const versions = changes.entries
    .map(({ path, oid, oldOid, ...rest }) => ({ path, oid, oldOid: oldOid ?? gone({ path, oid, ...rest }) }))
    // what was allowed at its old path is not at the new one
    .map(each =>
      isAllowed && each.oldOid === each.oid && movedHere.has(each.path) ? { ...each, oldOid: null } : each,
    )
    // a moved file brings nothing, and neither does one that only became executable
    .filter(({ path, oid, oldOid }) => oldOid !== oid && isNew(seen, `${oldOid} ${oid} ${path}`));
  for (const [index, { path, oid, oldOid }] of versions.entries()) {
    if (index % AHEAD === 0)
      blobs.prefetch(
        versions.slice(index, index + AHEAD).flatMap(each => [each.oid, each.oldOid ?? []].flat()),
      );
    yield {
      kind: 'file',
      path,
      commit: changes.commit,
      read: () => blobs.read(oid),
      async changed(bytes) {
        const before = oldOid === null ? null : await blobs.read(oldOid);
        return before === null || !('bytes' in before) ? null : changedLines(before.bytes, bytes);
      },
    };
  }
}

function isNew(seen: Set<string>, what: string): boolean {
  const size = seen.size;
  return seen.add(what).size > size;
}

/** What a new file was before it moved: a deleted one with the same contents, else the only one of its name. */
function formerPlaces({ deleted }: Changes): (entry: TreeEntry) => string | null {
  const oids = new Set(deleted.map(({ oid }) => oid));
  const names = new Map<string, TreeEntry | null>();
  for (const entry of deleted) {
    const name = basename(entry.path);
    names.set(name, names.has(name) ? null : entry);
  }
  return ({ oid, path }) => (oids.has(oid) ? oid : (names.get(basename(path))?.oid ?? null));
}
