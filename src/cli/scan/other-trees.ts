import type { BlobReader } from '../../git/blob-reader.ts';
import { objectTree } from '../../git/object-tree.ts';
import { branchTips } from '../../git/tips.ts';
import { type GitPlace, type TreeEntry, treeEntries } from '../../git/tree-listing.ts';
import type { KnownTree } from '../../ops/guard/known-values.ts';

/**
 * What other branches have and these files have not: pages, notes and releases of old hold no encrypted file, and may
 * hold a value all the same.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function otherTrees(
  place: GitPlace,
  entries: readonly TreeEntry[],
  blobs: BlobReader,
): Promise<KnownTree[]> {
  const seen = new Set(entries.map(versionOf));
  const trees: KnownTree[] = [];
  for (const tip of await branchTips(place)) {
    const others = await treeEntries(place, tip);
    const only = others.filter(entry => !seen.has(versionOf(entry)));
    for (const entry of only) seen.add(versionOf(entry));
    if (only.length > 0)
      trees.push({ tree: objectTree(others, blobs), only: new Set(only.map(({ path }) => path)) });
  }
  return trees;
}

function versionOf({ path, oid }: TreeEntry): string {
  return `${oid} ${path}`;
}
