import type { BlobReader } from './blob-reader.ts';
import { entriesByPath, type TreeEntry } from './tree-listing.ts';

/** The files of a commit, or of the index, by their paths. */
export interface ObjectTree {
  readonly paths: readonly string[];
  readonly links: ReadonlySet<string>;
  /** `null` where the file is not there, or its blob cannot be had. */
  read(path: string): Promise<Uint8Array | null>;
}

/** A tree whose files are read when they are asked for. */
export function objectTree(entries: readonly TreeEntry[], blobs: BlobReader): ObjectTree {
  const byPath = entriesByPath(entries);
  return {
    paths: entries.map(({ path }) => path),
    links: new Set(entries.filter(({ isLink }) => isLink).map(({ path }) => path)),
    async read(path) {
      const entry = byPath.get(path);
      if (entry === undefined) return null;
      const blob = await blobs.read(entry.oid);
      return 'bytes' in blob ? blob.bytes : null;
    },
  };
}
