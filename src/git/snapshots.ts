import { type Changes, type Commit, changesBetween } from './changes.ts';
import { entriesByPath, type GitPlace, type TreeEntry, treeEntries } from './tree-listing.ts';

/** The files of a tree by their paths. */
type Files = ReadonlyMap<string, TreeEntry>;

/** A commit beside its first parent. */
export interface Step {
  /** The files of the parent; `null`: the commit has none. */
  readonly before: Files | null;
  /** What differs between the two. */
  readonly changes: Changes;
  readonly after: Files;
}

/** So many trees are remembered: the lines of a history that go side by side are few. */
const MOST_TREES = 8;

/** What the files were before these changes. */
export function reverted(entries: readonly TreeEntry[], { entries: changed, deleted }: Changes): TreeEntry[] {
  const files = entriesByPath(entries);
  for (const { path, oldOid, wasLink } of changed) {
    if (oldOid === null) files.delete(path);
    else files.set(path, { path, oid: oldOid, isLink: wasLink });
  }
  for (const entry of deleted) files.set(entry.path, entry);
  return [...files.values()];
}

/** The trees of commits that come one after the other: each is made of its parent's, instead of being listed. */
export class CommitTrees {
  readonly #place: GitPlace;
  readonly #trees = new Map<string, Files>();

  constructor(place: GitPlace) {
    this.#place = place;
  }

  /**
   * @param own what the commit does to all of its parents
   * @throws SecretsError `PROGRAM_FAILED`
   */
  async step({ oid, parents }: Commit, own: Changes): Promise<Step> {
    const [parent] = parents;
    const before = parent === undefined ? null : await this.#filesOf(parent);
    const isMerge = parent !== undefined && parents.length > 1;
    const changes = isMerge ? await changesBetween(this.#place, parent, oid) : own;
    const after = applied(before ?? new Map(), changes);
    this.#remember(oid, after);
    return { before, changes, after };
  }

  /** A commit beside another one of its parents. @throws SecretsError `PROGRAM_FAILED` */
  async beside(parent: string, commit: string): Promise<{ files: Files; changes: Changes }> {
    const files = await this.#filesOf(parent);
    return { files, changes: await changesBetween(this.#place, parent, commit) };
  }

  async #filesOf(commit: string): Promise<Files> {
    const known = this.#trees.get(commit);
    if (known !== undefined) return known;
    const listed = await treeEntries(this.#place, commit);
    const files = entriesByPath(listed);
    this.#remember(commit, files);
    return files;
  }

  #remember(commit: string, files: Files): void {
    this.#trees.set(commit, files);
    const [oldest] = this.#trees.keys();
    if (this.#trees.size > MOST_TREES && oldest !== undefined) this.#trees.delete(oldest);
  }
}

/** What the files are after these changes. */
function applied(before: Files, { entries, deleted }: Changes): Files {
  const files = new Map(before);
  for (const { path } of deleted) files.delete(path);
  for (const { path, oid, isLink } of entries) files.set(path, { path, oid, isLink });
  return files;
}
