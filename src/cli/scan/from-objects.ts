import { basename } from 'node:path/posix';
import { SecretsError } from '../../errors.ts';
import { BlobReader } from '../../git/blob-reader.ts';
import {
  announcedPaths,
  type Changes,
  type Commit,
  changesOfCommits,
  commitsOf,
  stagedChanges,
} from '../../git/changes.ts';
import { objectTree } from '../../git/object-tree.ts';
import { CommitTrees, reverted } from '../../git/snapshots.ts';
import {
  type GitPlace,
  type IndexListing,
  indexEntries,
  type TreeEntry,
  treeEntries,
} from '../../git/tree-listing.ts';
import { changedLines } from '../../scan/changed-lines.ts';
import { ALLOW_FILE, type Piece, type Subject } from './subject.ts';

/** The name under which sops looks for its rules. */
const CONFIG = '.sops.yaml';
/** So many files are asked for at once. */
const AHEAD = 32;

/** What is about to be committed. @throws SecretsError `PROGRAM_FAILED` */
export async function stagedSubject(place: GitPlace): Promise<Subject> {
  // it starts while git lists
  const blobs = new BlobReader(place.cwd, place.env, place.inherited);
  try {
    const [{ changes, isFirst }, index] = await Promise.all([stagedChanges(place), indexEntries(place)]);
    const entries = await committedEntries(place, index, changes, isFirst);
    const staged = objectTree(entries, blobs);
    return {
      async *pieces() {
        yield* index.unmerged.map(unmergedPiece);
        yield* piecesOf(changes, blobs, new Set());
      },
      async *snapshots() {
        const parent = isFirst ? null : objectTree(reverted(entries, changes), blobs);
        yield { commit: null, snapshot: { ...staged, parent, changed: pathsOf(changes) } };
      },
      isWhole: false,
      managed: staged,
      allowFile: () => allowFileIn(entries, blobs),
      close: () => blobs.close(),
    };
  } catch (error) {
    await blobs.close();
    throw error;
  }
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
  return { path, commit: null, read, changed: async () => null };
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
  return commitsSubject(place, commits, { rules: true });
}

/** The whole history, every version of a file once; under another name it may be another thing. @throws SecretsError `PROGRAM_FAILED` */
export async function historySubject(place: GitPlace): Promise<Subject> {
  return commitsSubject(place, await commitsOf(place, ['--all']), { rules: false });
}

async function commitsSubject(
  place: GitPlace,
  commits: readonly Commit[],
  { rules }: { readonly rules: boolean },
): Promise<Subject> {
  const last = commits.at(-1);
  const tip = last === undefined ? [] : await treeEntries(place, last.oid);
  const blobs = new BlobReader(place.cwd, place.env, place.inherited);
  return {
    async *pieces() {
      const seen = new Set<string>();
      for await (const changes of changesOfCommits(place, commits)) yield* piecesOf(changes, blobs, seen);
    },
    async *snapshots() {
      if (rules) yield* snapshotsOf(place, commits, blobs);
    },
    isWhole: false,
    managed: last === undefined ? null : objectTree(tip, blobs),
    allowFile: () => allowFileIn(tip, blobs),
    close: () => blobs.close(),
  };
}

/** Each commit beside its first parent, as a hook would have seen it; a merge brings what its other parents have. */
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
  }
}

function pathsOf({ entries, deleted }: Changes): Set<string> {
  return new Set([...entries, ...deleted].map(({ path }) => path));
}

async function* piecesOf(changes: Changes, blobs: BlobReader, seen: Set<string>): AsyncGenerator<Piece> {
  const gone = formerPlaces(changes);
  const versions = changes.entries
    .map(({ path, oid, oldOid, ...rest }) => ({ path, oid, oldOid: oldOid ?? gone({ path, oid, ...rest }) }))
    // a moved file brings nothing, and neither does one that only became executable
    .filter(({ path, oid, oldOid }) => oldOid !== oid && isNew(seen, `${oldOid} ${oid} ${path}`));
  for (const [index, { path, oid, oldOid }] of versions.entries()) {
    if (index % AHEAD === 0)
      blobs.prefetch(
        versions.slice(index, index + AHEAD).flatMap(each => [each.oid, each.oldOid ?? []].flat()),
      );
    yield {
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

async function allowFileIn(entries: readonly TreeEntry[], blobs: BlobReader) {
  const entry = entries.find(({ path }) => path === ALLOW_FILE);
  if (entry === undefined) return null;
  const blob = await blobs.read(entry.oid);
  if ('bytes' in blob) return { bytes: blob.bytes, isLink: entry.isLink };
  throw new SecretsError('READ_FAILED', `it cannot be read: ${blob.unreadable}`, { file: ALLOW_FILE });
}
