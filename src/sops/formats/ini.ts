import { flatten, unflatten } from '../flatten.ts';
import { type Item, TreeMap } from '../tree.ts';
import type { EncryptedText, Format } from './format.ts';
import { parseIni } from './ini/parse.ts';
import { printIni } from './ini/print.ts';
import { printJson } from './json/print.ts';
import {
  firstDocument,
  METADATA_KEY,
  notEncrypted,
  onlyDocument,
  placeMetadata,
  takeMetadata,
} from './metadata-place.ts';
import { checkFile } from './read-back.ts';

/** Sections of text values, as gopkg.in/ini.v1 reads and writes them (`stores/ini/store.go`). */
export const iniFormat: Format = {
  name: 'ini',
  parsePlain: bytes => [parseIni(bytes)],
  parseEncrypted,
  formatPlain: documents => printIni(firstDocument(documents)),
  formatEncrypted,
  formatValue: value => Buffer.from(printJson(value, { indent: null, negativeZero: '-0' })),
  hasReservedKey: document => document.has(METADATA_KEY),
};

function parseEncrypted(bytes: Uint8Array): EncryptedText {
  const { documents, metadata } = takeMetadata([parseIni(bytes)]);
  if (metadata.items.length === 0) throw notEncrypted();
  return { documents, metadata: unflatten(metadata.items.map(item => withText(item, '\\n', '\n'))) };
}

function formatEncrypted({ documents, metadata }: EncryptedText): Uint8Array {
  const document = onlyDocument(documents);
  const flat = flatten(metadata).map(item => withText(item, '\n', '\\n'));
  const text = printIni(firstDocument(placeMetadata([document], new TreeMap(flat))));
  checkFile({ documents: [withDefaultSection(document)], metadata }, parseEncrypted(text), 'INI');
  return text;
}

/** Newlines of the metadata stand as the two characters `\n`. */
function withText(item: Item, from: string, to: string): Item {
  return typeof item.value === 'string' ? { key: item.key, value: item.value.replaceAll(from, to) } : item;
}

/** Reading always finds a section DEFAULT first, written or not. */
function withDefaultSection(document: TreeMap): TreeMap {
  const first = document.items.find(({ key }) => typeof key === 'string');
  if (first?.key === 'DEFAULT') return document;
  return new TreeMap([{ key: 'DEFAULT', value: new TreeMap() }, ...document.items]);
}
