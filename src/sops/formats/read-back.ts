import { SecretsError } from '../../errors.ts';
import { flatten } from '../flatten.ts';
import { plainBytes } from '../plaintext.ts';
import { isScalar, TreeMap, type Value } from '../tree.ts';
import type { EncryptedText } from './format.ts';

/**
 * Refuses a file that would be read back as something else. dotenv and INI have no quoting that holds every
 * value; stock sops writes such a file all the same, and then cannot verify its MAC.
 *
 * @throws SecretsError `BAD_DOCUMENT` naming the first entry that differs
 */
export function checkFile(written: EncryptedText, read: EncryptedText, format: string): void {
  for (const [index, document] of written.documents.entries()) {
    checkReadBack(document, read.documents[index] ?? new TreeMap(), format);
  }
  checkReadBack(flatMetadata(written.metadata), flatMetadata(read.metadata), format);
}

/** Flat formats hold the metadata as text. */
function flatMetadata(metadata: TreeMap): TreeMap {
  const text = (value: Value | null) => (typeof value === 'boolean' ? String(value) : value);
  return new TreeMap(flatten(metadata).map(({ key, value }) => ({ key, value: text(value) })));
}

/** Values count as equal where they feed the same bytes to the MAC; comments are not compared. */
function checkReadBack(written: TreeMap, read: TreeMap, format: string): void {
  const wanted = keyed(written);
  const got = keyed(read);
  for (const [index, { key, value }] of wanted.entries()) {
    const other = got[index];
    if (other?.key !== key) throw cannotHold(key, format);
    if (value instanceof TreeMap && other.value instanceof TreeMap) checkReadBack(value, other.value, format);
    else if (!sameScalar(value, other.value)) throw cannotHold(key, format);
  }
  const extra = got[wanted.length];
  if (extra !== undefined) throw cannotHold(extra.key, format);
}

function keyed(map: TreeMap): { readonly key: string; readonly value: Value | null }[] {
  return map.items.flatMap(({ key, value }) => (typeof key === 'string' ? [{ key, value }] : []));
}

function sameScalar(a: Value | null, b: Value | null): boolean {
  return isScalar(a) && isScalar(b) && Buffer.compare(plainBytes(a), plainBytes(b)) === 0;
}

function cannotHold(key: string, format: string): SecretsError {
  return new SecretsError('BAD_DOCUMENT', `${format} cannot hold the entry ${key} without changing it`, {
    hint: 'rename the key, encrypt the value, or use YAML or JSON',
  });
}
