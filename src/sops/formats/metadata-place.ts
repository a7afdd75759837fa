import { SecretsError } from '../../errors.ts';
import { type Item, TreeMap } from '../tree.ts';
import type { EncryptedText } from './format.ts';

/** The reserved key of every format but dotenv, which has it as a prefix. */
export const METADATA_KEY = 'sops';

/**
 * Takes the `sops` block out of parsed documents: the first document says it, the others only repeat it
 * (`stores/metadata.go`, ExtractMetadata).
 *
 * @throws SecretsError `NOT_ENCRYPTED`, `BAD_METADATA` (two blocks, or no map)
 */
export function takeMetadata(documents: readonly TreeMap[]): EncryptedText {
  const found = documents[0]?.items.filter(item => item.key === METADATA_KEY) ?? [];
  const [block, ...others] = found;
  if (block === undefined) throw notEncrypted();
  if (others.length > 0) throw new SecretsError('BAD_METADATA', 'the file has more than one sops entry');
  if (!(block.value instanceof TreeMap))
    throw new SecretsError('BAD_METADATA', 'the sops entry of the file is not a map');
  const rest = documents.map(({ items }) => new TreeMap(items.filter(item => item.key !== METADATA_KEY)));
  return { documents: rest, metadata: block.value };
}

/**
 * Puts the `sops` block behind the items of every document.
 *
 * @throws SecretsError `ALREADY_ENCRYPTED` where a document has that key already
 */
export function placeMetadata(documents: readonly TreeMap[], metadata: TreeMap): TreeMap[] {
  return documents.map(document => {
    if (document.has(METADATA_KEY)) throw reservedKey(METADATA_KEY);
    return new TreeMap([...document.items, { key: METADATA_KEY, value: metadata }]);
  });
}

/** For a file without a `sops` block. */
export function notEncrypted(): SecretsError {
  return new SecretsError('NOT_ENCRYPTED', 'the file has no sops metadata', {
    hint: 'it is plaintext, or not the format that its name says',
  });
}

/** For a document that holds a key of the metadata. */
export function reservedKey(name: string): SecretsError {
  return new SecretsError('ALREADY_ENCRYPTED', `the key ${name} is reserved for the metadata of sops`, {
    hint: 'the file may be encrypted already; else rename the key',
  });
}

/** What a format of one document shows of several: the first, as stock sops does. */
export function firstDocument(documents: readonly TreeMap[]): readonly Item[] {
  return documents[0]?.items ?? [];
}

/**
 * The document that a format of one document encrypts. Stock sops drops the others, over which the MAC goes.
 *
 * @throws SecretsError `BAD_DOCUMENT` where there is not exactly one
 */
export function onlyDocument(documents: readonly TreeMap[]): TreeMap {
  const [document, ...others] = documents;
  if (document !== undefined && others.length === 0) return document;
  throw new SecretsError('BAD_DOCUMENT', `only YAML can hold ${documents.length} documents in one file`);
}
