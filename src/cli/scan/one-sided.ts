import type { BlobReader } from '../../git/blob-reader.ts';
import { changesBetween } from '../../git/changes.ts';
import { findMergeHead } from '../../git/merge-sides.ts';
import type { GitPlace, TreeEntry } from '../../git/tree-listing.ts';
import { decisionId, leftOut } from '../../ops/drivers/left-out.ts';
import type { ManagedFinding } from '../../ops/guard/snapshot.ts';

/**
 * Encrypted files that both sides of the merge under way changed, and of which one side is staged as it is.
 *
 * @param entries what is staged
 * @param decided conflicts that were resolved on purpose
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function oneSidedFiles(
  place: GitPlace,
  entries: readonly TreeEntry[],
  blobs: BlobReader,
  decided: ReadonlySet<string>,
): Promise<ManagedFinding[]> {
  const sides = await findMergeHead(place.cwd, place.env);
  if (sides === null || sides.base === null) return [];
  const [ours, theirs] = await Promise.all([
    changesBetween(place, sides.base, sides.ours),
    changesBetween(place, sides.base, sides.theirs),
  ]);
  const staged = new Map(entries.map(({ path, oid }) => [path, oid]));
  const others = new Map(theirs.entries.map(entry => [entry.path, entry.oid]));
  const found: ManagedFinding[] = [];
  for (const { path, oid, oldOid } of ours.entries) {
    const [now, other] = [staged.get(path), others.get(path)];
    if (other === undefined || other === oid || (now !== oid && now !== other)) continue;
    const [base, mine, its] = await Promise.all([oldOid, oid, other].map(each => bytesOf(blobs, each)));
    const kept = now === oid ? 'ours' : 'theirs';
    if (mine == null || its == null) continue;
    if (decided.has(decisionId(mine, its, kept === 'ours' ? mine : its))) continue;
    const finding = await leftOut({ path, sides: { base: base ?? null, ours: mine, theirs: its }, kept });
    if (finding !== null) found.push(finding);
  }
  return found;
}

async function bytesOf(blobs: BlobReader, oid: string | null): Promise<Uint8Array | null> {
  const blob = oid === null ? null : await blobs.read(oid);
  return blob !== null && 'bytes' in blob ? blob.bytes : null;
}
