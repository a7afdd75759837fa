import { SecretsError } from '../../errors.ts';
import type { TreeMap, Value } from '../tree.ts';
import type { Format, Layout } from './format.ts';
import { METADATA_KEY, placeMetadata, takeMetadata } from './metadata-place.ts';
import { emitDocuments, emitNode } from './block-yaml/emit.ts';
import { readDocuments } from './block-yaml/read.ts';

/** YAML as sops reads and writes it through go-yaml v3 (`stores/yaml/store.go`); may hold several documents. */
export const yamlFormat: Format = {
  name: 'yaml',
  parsePlain: readDocuments,
  parseEncrypted: bytes => takeMetadata(readDocuments(bytes)),
  formatPlain: (documents, layout) => encode(emitDocuments(documents, indentOf(layout))),
  formatEncrypted: ({ documents, metadata }, layout) =>
    encode(emitDocuments(placeMetadata(documents, metadata), indentOf(layout))),
  formatValue: (value: Value | null) => encode(emitNode(value, 4)),
  hasReservedKey: (document: TreeMap) => document.has(METADATA_KEY),
};

function encode(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** go-yaml takes 2 to 9; 0 is the default of sops, everything else falls back to 2. */
function indentOf(layout: Layout | undefined): number {
  const indent = layout?.indent ?? 4;
  if (indent < 0) throw new SecretsError('BAD_OPTION', 'the YAML indent cannot be negative');
  if (indent === 0) return 4;
  return indent === 1 || indent > 9 ? 2 : indent;
}
