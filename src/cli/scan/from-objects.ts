import { basename } from 'node:path/posix';
import { SecretsError } from '../../errors.ts';
import { BlobReader } from '../../git/blob-reader.ts';
import { objectTree } from '../../git/object-tree.ts';
import {
  type ChangedEntry,
  type Changes,
  changesOfCommits,
  commitsOf,
  firstParent,
  type GitPlace,
  headTree,
  indexEntries,
  stagedChanges,
  type TreeEntry,
  treeEntries,
} from '../../git/tree-listing.ts';
import { changedLines } from '../../scan/changed-lines.ts';
import { ALLOW_FILE, type Piece, type Subject } from './subject.ts';

/** What is about to be committed. @throws SecretsError `PROGRAM_FAILED` */
export async function stagedSubject(place: GitPlace): Promise<Subject> {
  const { tree, isEmpty } = await headTree(place);
  const [changes, index, parent] = await Promise.all([
    stagedChanges(place, tree),
    indexEntries(place),
    isEmpty ? [] : treeEntries(place, tree),
  ]);
  const blobs = new BlobReader(place.cwd, place.env, place.inherited);
  const staged = objectTree(index, blobs);
  return {
    async *pieces() {
      yield* piecesOf(changes, blobs, new Set());
    },
    async *snapshots() {
      const snapshot = {
        ...staged,
        parent: isEmpty ? null : objectTree(parent, blobs),
        changed: pathsOf(changes),
      };
      yield { commit: null, snapshot };
    },
    managed: staged,
    allowFile: () => allowFileIn(index, blobs),
    close: () => blobs.close(),
  };
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

/** The whole history, every version of a file once. @throws SecretsError `PROGRAM_FAILED` */
export async function historySubject(place: GitPlace): Promise<Subject> {
  return commitsSubject(place, await commitsOf(place, ['--all']), { rules: false });
}

async function commitsSubject(
  place: GitPlace,
  commits: readonly string[],
  { rules }: { readonly rules: boolean },
): Promise<Subject> {
  const blobs = new BlobReader(place.cwd, place.env, place.inherited);
  const last = commits.at(-1);
  const tip = last === undefined ? [] : await treeEntries(place, last);
  return {
    async *pieces() {
      const seen = new Set<string>();
      for await (const changes of changesOfCommits(place, commits)) yield* piecesOf(changes, blobs, seen);
    },
    async *snapshots() {
      if (!rules) return;
      for await (const changes of changesOfCommits(place, commits)) {
        const { commit } = changes;
        if (commit === null) continue;
        const parent = await firstParent(place, commit);
        const here = objectTree(await treeEntries(place, commit), blobs);
        const before = parent === null ? null : objectTree(await treeEntries(place, parent), blobs);
        yield { commit, snapshot: { ...here, parent: before, changed: pathsOf(changes) } };
      }
    },
    managed: last === undefined ? null : objectTree(tip, blobs),
    allowFile: () => allowFileIn(tip, blobs),
    close: () => blobs.close(),
  };
}

function pathsOf({ entries, deleted }: Changes): Set<string> {
  return new Set([...entries, ...deleted].map(({ path }) => path));
}

async function* piecesOf(changes: Changes, blobs: BlobReader, seen: Set<string>): AsyncGenerator<Piece> {
  const gone = formerPlaces(changes);
  for (const entry of changes.entries) {
    const oldOid = entry.oldOid ?? gone(entry);
    // a moved file brings nothing, and neither does one that only became executable
    if (oldOid === entry.oid || seen.has(`${oldOid} ${entry.oid}`)) continue;
    seen.add(`${oldOid} ${entry.oid}`);
    yield {
      path: entry.path,
      commit: changes.commit,
      read: () => blobs.read(entry.oid),
      async changed(bytes) {
        const before = oldOid === null ? null : await blobs.read(oldOid);
        return before === null || !('bytes' in before) ? null : changedLines(before.bytes, bytes);
      },
    };
  }
}

/** What a new file was before it moved: a deleted one with the same contents, else the only one of its name. */
function formerPlaces({ deleted }: Changes): (entry: ChangedEntry) => string | null {
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
