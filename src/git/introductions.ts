import type { BlobReader } from './blob-reader.ts';
import type { CommitStamp, FileVersion } from './file-versions.ts';

/** Since when something stands in a file. */
export interface Introduction {
  readonly commit: CommitStamp;
  /** True: history as this clone has it ends there, so that it may be older. */
  readonly orEarlier: boolean;
}

/** What is looked for in one file, as it is in the commit where the search begins. */
export interface WantedMarks {
  readonly path: string;
  readonly marks: ReadonlySet<string>;
  /** The blob of the file there: it need not be read again. */
  readonly oid: string;
}

/** The marks of a version of a file: its ciphertexts, its readers. */
export type MarksOf = (bytes: Uint8Array, path: string) => Promise<ReadonlySet<string>>;

interface Search {
  readonly wanted: WantedMarks;
  readonly open: Set<string>;
  /** Of the version that was looked at last: it is the `before` of the one just left. */
  known: { oid: string; marks: ReadonlySet<string> };
}

/**
 * The last commit that brought each mark into its file: after it the mark is there, and in none of its parents. History
 * is left as soon as everything is found.
 *
 * @param versions the newest first
 * @param border where a shallow clone ends
 * @returns by path and mark; what is missing could not be found, because this clone lacks a version
 */
export async function introductions(
  versions: AsyncGenerator<FileVersion>,
  wanted: readonly WantedMarks[],
  marksOf: MarksOf,
  { blobs, border }: { readonly blobs: BlobReader; readonly border: ReadonlySet<string> },
): Promise<Map<string, Map<string, Introduction>>> {
  const found = new Map(wanted.map(({ path }) => [path, new Map<string, Introduction>()]));
  const searches = new Map<string, Search>();
  for (const each of wanted)
    if (each.marks.size > 0)
      searches.set(each.path, { wanted: each, open: new Set(each.marks), known: each });
  if (searches.size === 0) return found;
  for await (const version of versions) {
    const search = searches.get(version.path);
    if (search === undefined) continue;
    const settled = await settle(search, version, async oid => {
      const blob = await blobs.read(oid);
      return 'bytes' in blob ? marksOf(blob.bytes, version.path) : null;
    });
    const orEarlier = version.before.length === 0 && border.has(version.commit.oid);
    for (const mark of settled)
      found.get(search.wanted.path)?.set(mark, { commit: version.commit, orEarlier });
    if (search.open.size === 0) searches.delete(version.path);
    else if (version.from !== version.path) {
      searches.delete(version.path);
      searches.set(version.from, search);
    }
    if (searches.size === 0) break;
  }
  return found;
}

/** The marks that a version brings; they are no longer looked for. Where a version cannot be had, none is any more. */
async function settle(
  search: Search,
  { oid, before }: FileVersion,
  read: (oid: string) => Promise<ReadonlySet<string> | null>,
): Promise<string[]> {
  if (oid === null) return [];
  const { open } = search;
  const sets: ReadonlySet<string>[] = [];
  for (const each of [oid, ...before]) {
    const known = search.known.oid === each ? search.known.marks : await read(each);
    if (known === null) {
      open.clear();
      return [];
    }
    sets.push(known);
    search.known = { oid: each, marks: known };
  }
  const [after, ...former] = sets;
  const brought = [...open].filter(
    mark => after?.has(mark) === true && !former.some(marks => marks.has(mark)),
  );
  for (const mark of brought) open.delete(mark);
  return brought;
}
