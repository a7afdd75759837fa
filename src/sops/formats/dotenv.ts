import { SecretsError } from '../../errors.ts';
import { flatten, unflatten } from '../flatten.ts';
import { bytesOfText, looseText, nameOfLoose, scalarOfLoose } from '../text.ts';
import { Comment, type Item, isScalar, TreeMap, type Value } from '../tree.ts';
import type { EncryptedText, Format } from './format.ts';
import { firstDocument, notEncrypted, onlyDocument, reservedKey } from './metadata-place.ts';
import { plainScalar } from './plain-scalar.ts';
import { checkFile } from './read-back.ts';

const PREFIX = 'sops_';

/** `KEY=value` lines, without quoting or trimming of any kind (`stores/dotenv/store.go`). */
export const dotenvFormat: Format = {
  name: 'dotenv',
  parsePlain: bytes => [parse(bytes)],
  parseEncrypted,
  formatPlain: documents => print(firstDocument(documents)),
  formatEncrypted,
  formatValue,
  hasReservedKey: document => document.items.some(isReserved),
};

function parse(bytes: Uint8Array): TreeMap {
  const items: Item[] = [];
  for (const [index, line] of looseText(bytes).split('\n').entries()) {
    if (line !== '') items.push(parseLine(line, index + 1));
  }
  return new TreeMap(items);
}

function parseLine(line: string, number: number): Item {
  if (line.startsWith('#'))
    return { key: new Comment(nameOfLoose(line.slice(1), 'a comment', number)), value: null };
  const equals = line.indexOf('=');
  if (equals < 0) {
    throw new SecretsError('BAD_DOCUMENT', 'the line is neither KEY=value nor a comment', {
      line: number,
      hint: 'a value of several lines must be written with \\n in one line',
    });
  }
  const key = nameOfLoose(line.slice(0, equals), 'a key', number);
  return { key, value: scalarOfLoose(line.slice(equals + 1).replaceAll('\\n', '\n')) };
}

function parseEncrypted(bytes: Uint8Array): EncryptedText {
  const { items } = parse(bytes);
  const metadata = items
    .filter(isReserved)
    .map(({ key, value }) => ({ key: String(key).slice(PREFIX.length), value }));
  if (metadata.length === 0) throw notEncrypted();
  return { documents: [new TreeMap(items.filter(item => !isReserved(item)))], metadata: unflatten(metadata) };
}

function isReserved({ key }: Item): boolean {
  return typeof key === 'string' && key.startsWith(PREFIX);
}

function formatEncrypted({ documents, metadata }: EncryptedText): Uint8Array {
  const document = onlyDocument(documents);
  const { items } = document;
  const reserved = items.find(isReserved);
  if (reserved !== undefined) throw reservedKey(String(reserved.key));
  const text = Buffer.concat([print(items), print(flatten(metadata, PREFIX))]);
  checkFile({ documents: [document], metadata }, parseEncrypted(text), 'dotenv');
  return text;
}

function print(items: readonly Item[]): Uint8Array {
  return Buffer.concat(items.flatMap(({ key, value }) => [...printItem(key, value), Buffer.from('\n')]));
}

function printItem(key: string | Comment, value: Value | null): Uint8Array[] {
  if (key instanceof Comment) {
    if (key.text.includes('\n'))
      throw new SecretsError('BAD_DOCUMENT', 'dotenv cannot hold a comment of several lines');
    return [Buffer.from(`#${key.text}`)];
  }
  if (value !== null && !isScalar(value)) {
    throw new SecretsError('BAD_DOCUMENT', `dotenv cannot hold a map or a list, and ${key} is one`);
  }
  // `=` or a line break in a name would make another variable of it.
  if (/[=\n]/.test(key) || key.startsWith('#')) {
    throw new SecretsError(
      'BAD_DOCUMENT',
      'a key holds =, # at its start, or a line break, which dotenv cannot hold',
    );
  }
  return [Buffer.from(`${key}=`), escapeNewlines(plainScalar(value))];
}

function escapeNewlines(text: string | Uint8Array): Uint8Array {
  if (typeof text === 'string') return Buffer.from(text.replaceAll('\n', '\\n'));
  const latin1 = Buffer.from(text).toString('latin1');
  return Buffer.from(latin1.replaceAll('\n', '\\n'), 'latin1');
}

function formatValue(value: Value | null): Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return bytesOfText(value);
  throw new SecretsError('BAD_DOCUMENT', 'a dotenv file holds text alone, and the value is none');
}
