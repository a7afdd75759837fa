import { SecretsError } from '../../errors.ts';
import type { TreeMap, Value } from '../tree.ts';
import type { EncryptedText, Format, Layout } from './format.ts';
import { METADATA_KEY, placeMetadata, takeMetadata } from './metadata-place.ts';
import { Emitter } from './yaml/emitter.ts';
import { type NegativeZero, NodeBuilder } from './yaml/out-nodes.ts';
import { readYaml } from './yaml/read.ts';

const DEFAULT_INDENT = 4;
/** What go-yaml takes where it cannot do the wanted indent. */
const FALLBACK_INDENT = 2;
const LARGEST_INDENT = 9;

/** YAML as go-yaml v3 reads and writes it under sops (`stores/yaml/store.go`). */
export const yamlFormat: Format = {
  name: 'yaml',
  parsePlain: bytes => readYaml(bytes, { asWritten: false }),
  parseEncrypted: (bytes, { asStock = false } = {}) => takeMetadata(readYaml(bytes, { asWritten: !asStock })),
  formatPlain: (documents, layout) => print(documents, layout, '-0'),
  formatEncrypted,
  formatValue,
  hasReservedKey: document => document.has(METADATA_KEY),
};

/** Writes a clear -0 so that its MAC holds; stock sops cannot verify its own file there. */
function formatEncrypted({ documents, metadata }: EncryptedText, layout?: Layout): Uint8Array {
  return print(placeMetadata(documents, metadata), layout, '-0.0');
}

/** Ignores the layout, as stock sops does for a single value. */
function formatValue(value: Value | null): Uint8Array {
  const emitter = new Emitter(DEFAULT_INDENT);
  emitter.document(new NodeBuilder('-0', true).node(value));
  return Buffer.from(emitter.text);
}

function print(
  documents: readonly TreeMap[],
  layout: Layout | undefined,
  negativeZero: NegativeZero,
): Uint8Array {
  const emitter = new Emitter(stepOf(layout));
  for (const [index, document] of documents.entries())
    emitter.document(new NodeBuilder(negativeZero, index === 0).map(document));
  return Buffer.from(emitter.text);
}

/** @throws SecretsError `BAD_OPTION` for what is no number from 0 on */
function stepOf(layout: Layout | undefined): number {
  const indent = layout?.indent ?? DEFAULT_INDENT;
  if (!Number.isInteger(indent) || indent < 0)
    throw new SecretsError('BAD_OPTION', 'the YAML indent must be a number from 1 to 9');
  if (indent === 0) return DEFAULT_INDENT;
  return indent === 1 || indent > LARGEST_INDENT ? FALLBACK_INDENT : indent;
}
