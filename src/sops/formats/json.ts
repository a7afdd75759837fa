import { SecretsError } from '../../errors.ts';
import { TreeMap, type Value } from '../tree.ts';
import type { EncryptedText, Format, Layout } from './format.ts';
import { parseJson } from './json/parse.ts';
import { printJson } from './json/print.ts';
import { METADATA_KEY, notEncrypted, onlyDocument, placeMetadata, takeMetadata } from './metadata-place.ts';

/** JSON with an object at the top, order and duplicates kept (`stores/json/store.go`). */
export const jsonFormat: Format = {
  name: 'json',
  parsePlain: bytes => [parseJson(bytes)],
  parseEncrypted,
  formatPlain,
  formatEncrypted,
  formatValue: (value: Value | null) => Buffer.from(printJson(value, { indent: '\t', negativeZero: '-0' })),
  hasReservedKey: document => document.has(METADATA_KEY),
};

function parseEncrypted(bytes: Uint8Array): EncryptedText {
  const file = takeMetadata([parseJson(bytes)]);
  // An empty block counts as none.
  if (file.metadata.items.length === 0) throw notEncrypted();
  return file;
}

/** Of several documents the first alone: JSON has no more. */
function formatPlain(documents: readonly TreeMap[], layout?: Layout): Uint8Array {
  return print(documents, layout, '-0');
}

/** Writes a clear -0 so that its MAC holds; stock sops cannot verify its own file there. */
function formatEncrypted({ documents, metadata }: EncryptedText, layout?: Layout): Uint8Array {
  return print(placeMetadata([onlyDocument(documents)], metadata), layout, '-0.0');
}

function print(
  documents: readonly TreeMap[],
  layout: Layout | undefined,
  negativeZero: '-0' | '-0.0',
): Uint8Array {
  return Buffer.from(
    `${printJson(documents[0] ?? new TreeMap(), { indent: indentOf(layout), negativeZero })}\n`,
  );
}

function indentOf(layout: Layout | undefined): string {
  const indent = layout?.indent ?? -1;
  if (!Number.isInteger(indent) || indent < -1 || indent > 100) {
    throw new SecretsError('BAD_OPTION', 'the JSON indent must be a number from 0 to 100, or -1 for tabs');
  }
  return indent === -1 ? '\t' : ' '.repeat(indent);
}
