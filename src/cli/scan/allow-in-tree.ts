import { SecretsError } from '../../errors.ts';
import type { BlobReader } from '../../git/blob-reader.ts';
import type { TreeEntry } from '../../git/tree-listing.ts';
import { ALLOW_FILE, type Subject } from './subject.ts';

/** True where a tree, or the index, has an allow file. */
export function hasAllowFile(entries: readonly TreeEntry[]): boolean {
  return entries.some(({ path }) => path === ALLOW_FILE);
}

/** The allow file of a tree, or of the index. @throws SecretsError `READ_FAILED` */
export async function allowFileIn(
  entries: readonly TreeEntry[],
  blobs: BlobReader,
): ReturnType<Subject['allowFile']> {
  const entry = entries.find(({ path }) => path === ALLOW_FILE);
  if (entry === undefined) return null;
  const blob = await blobs.read(entry.oid);
  if ('bytes' in blob) return { bytes: blob.bytes, isLink: entry.isLink };
  throw new SecretsError('READ_FAILED', `it cannot be read: ${blob.unreadable}`, { file: ALLOW_FILE });
}
