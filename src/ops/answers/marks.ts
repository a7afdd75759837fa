import { SecretsError } from '../../errors.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { recipientsOf } from '../../sops/metadata-recipients.ts';
import { readAnySopsFile } from '../../sops/read-any.ts';
import { leaves } from '../../sops/tree-path.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';

/** An encrypted value in any format. Its nonce is random, and its tag holds its place: the two are of this value alone. */
const VALUE =
  /ENC\[AES256_GCM,data:[^,\]]*,iv:([A-Za-z0-9+/=]{1,64}),tag:([A-Za-z0-9+/=]{1,64}),type:[a-z]{1,16}\]/g;
const READER = 'reader ';

/** A value of a sops file, as it can be seen without a key. */
export interface LeafMark {
  /** Joined with `/`; of a file that is one value, empty. */
  readonly key: string;
  /** What is found again in other versions of the file; `null`: it is not encrypted. */
  readonly mark: string | null;
}

/** What can be found again of a sops file in its other versions. */
export interface FileMarks {
  readonly format: FormatName;
  readonly leaves: readonly LeafMark[];
  /** As the metadata writes them. */
  readonly recipients: readonly string[];
}

/** The values and readers of a sops file, `null` where it is none. */
export async function fileMarks(path: string, bytes: Uint8Array): Promise<FileMarks | null> {
  if (!mayBeSops(bytes)) return null;
  try {
    const { format, documents, metadata } = await readAnySopsFile(bytes, formatOfPath(path));
    const found: LeafMark[] = [];
    for (const document of documents)
      for (const { path: keys, value } of leaves(document)) {
        const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
        const key = format === 'binary' ? '' : keys.join('/');
        found.push({ key, mark: typeof text === 'string' ? (valueMarks(text).at(0) ?? null) : null });
      }
    return { format, leaves: found, recipients: recipientsOf(metadata) };
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

/** The mark of a reader. */
export function readerMark(recipient: string): string {
  return READER + canonicalRecipient(recipient);
}

/** Every mark of a version of a file. */
export async function allMarks(bytes: Uint8Array, path: string): Promise<Set<string>> {
  const found = await fileMarks(path, bytes);
  return new Set([...valueMarks(textOf(bytes)), ...(found?.recipients ?? []).map(readerMark)]);
}

/** The marks of the values alone: found without parsing anything. */
export async function valueMarksIn(bytes: Uint8Array): Promise<Set<string>> {
  return new Set(valueMarks(textOf(bytes)));
}

function valueMarks(text: string): string[] {
  return Array.from(text.matchAll(VALUE), ([, nonce = '', tag = '']) => `${nonce},${tag}`);
}

function mayBeSops(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('sops') >= 0;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
