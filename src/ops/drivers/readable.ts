import { createHash } from 'node:crypto';
import { shortRecipient } from '../../age/recipient.ts';
import { SecretsError } from '../../errors.ts';
import { readSopsFile, type SopsFile } from '../../sops/document.ts';
import { isEncryptedValue } from '../../sops/encrypted-text.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { DEFAULT_SELECTION, SELECTION_FIELDS } from '../../sops/selection.ts';
import {
  Comment,
  Float,
  isScalar,
  type Scalar,
  Time,
  TreeList,
  TreeMap,
  type Value,
} from '../../sops/tree.ts';
import { isValueLike, withoutValue } from '../../value-like.ts';
import { hasConflictMarkers } from './conflict-markers.ts';
import { readersOf } from './reader-lines.ts';

/** Gives the name of a public key, `null` where it has none. */
export type NameOf = (recipient: string) => string | null;

/** So many hexadecimal digits tell two ciphertexts apart; ciphertext is public. */
const CIPHERTEXT_DIGITS = 8;
/** What stands in clear gets so few that nothing can be guessed from them: one other text in 65,536 has the same. */
const CLEAR_DIGITS = 4;
const TYPE_TAG = /,type:([a-z]+)\]$/;
/** Controls, and what turns or hides text around it. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const UNSEEN_EACH = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * What `git diff` compares instead of a sops file: one line for each value with its name, its type and a mark that
 * changes with its ciphertext, then the readers by name. Needs no key, and shows no value, encrypted or not. What
 * each write changes (`mac`, `lastmodified`, `version`) is left out.
 *
 * @returns lines, the last with a newline; never throws for what the file holds
 */
export async function readableText(bytes: Uint8Array, format: FormatName, nameOf: NameOf): Promise<string> {
  if (bytes.length === 0) return 'empty\n';
  if (hasConflictMarkers(bytes)) return `an unfinished merge: contents are not shown (${clearMark(bytes)})\n`;
  try {
    const file = await readSopsFile(bytes, format);
    return `${[...valueLines(file), ...metadataLines(file, nameOf)].join('\n')}\n`;
  } catch (error) {
    const plain = error instanceof SecretsError && error.code === 'NOT_ENCRYPTED';
    const what = plain ? 'not encrypted' : 'cannot be read as a sops file';
    return `${what}: contents are not shown (${clearMark(bytes)})\n`;
  }
}

function valueLines({ documents, format }: SopsFile): string[] {
  return documents.flatMap((document, index) => {
    const lines: string[] = [];
    if (format === 'binary') wholeFile(document, lines);
    else collect(document, [], lines);
    return documents.length === 1 ? lines : [`document ${index + 1} of ${documents.length}`, ...lines];
  });
}

function wholeFile(document: TreeMap, lines: string[]): void {
  const data = document.get('data') ?? null;
  lines.push(`(the whole file): ${isScalar(data) ? described(data) : 'not as sops writes it'}`);
}

/** Parsing has bounded the depth. */
function collect(value: Value | null, path: readonly string[], lines: string[]): void {
  if (value instanceof TreeMap) {
    if (value.items.length === 0 && path.length > 0) lines.push(`${shownNames(path)}: empty map`);
    for (const { key, value: child } of value.items) {
      if (key instanceof Comment) lines.push(commentLine(key, path));
      else collect(child, [...path, key], lines);
    }
  } else if (value instanceof TreeList) {
    if (value.elements.length === 0) lines.push(`${shownNames(path)}: empty list`);
    let index = 0;
    for (const element of value.elements) {
      if (element instanceof Comment) lines.push(commentLine(element, path));
      else collect(element, [...path, String(index++)], lines);
    }
  } else lines.push(`${shownNames(path)}: ${described(value)}`);
}

function commentLine({ text }: Comment, path: readonly string[]): string {
  const place = path.length === 0 ? '' : ` in ${shownNames(path)}`;
  if (isEncryptedValue(text)) return `#${place}: comment (value ${cipherMark(text)})`;
  return `#${place}: comment, in clear (${clearMark(text)})`;
}

function described(value: Scalar | null): string {
  if (value === null) return 'null';
  if (typeof value === 'string' && isEncryptedValue(value))
    return `${TYPE_TAG.exec(value)?.[1] ?? 'value'} (value ${cipherMark(value)})`;
  return value === '' ? 'str, empty' : `${typeOf(value)}, in clear (${clearMark(textOf(value))})`;
}

function typeOf(value: Scalar): string {
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Float) return 'float';
  if (value instanceof Time) return 'time';
  return value instanceof Uint8Array ? 'bytes' : 'str';
}

function textOf(value: Scalar): string | Uint8Array {
  if (value instanceof Float) return String(value.value);
  if (value instanceof Time) return value.text;
  return value instanceof Uint8Array ? value : String(value);
}

function cipherMark(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CIPHERTEXT_DIGITS);
}

function clearMark(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CLEAR_DIGITS);
}

function metadataLines({ metadata, format }: SopsFile, nameOf: NameOf): string[] {
  const lines = readersOf(metadata, recipient => shownName(nameOf(recipient) ?? shortRecipient(recipient)));
  if (metadata.mac === '') lines.push('has no MAC');
  if (format === 'binary') return lines;
  for (const [name, field] of SELECTION_FIELDS) {
    const pattern = metadata.selection[field] ?? '';
    if (pattern !== '' && pattern !== DEFAULT_SELECTION[field])
      lines.push(`encrypted is what ${name} says: ${JSON.stringify(pattern)}`.replace(UNSEEN_EACH, escaped));
  }
  if (metadata.macOnlyEncrypted) lines.push('the MAC leaves out what is in clear');
  return lines;
}

/** Names joined by `/`, those in quotes that hold a slash, a blank end or what a terminal obeys. */
function shownNames(path: readonly string[]): string {
  return path.map(shownName).join('/');
}

function shownName(name: string): string {
  if (isValueLike(name)) return withoutValue(name);
  if (!UNSEEN.test(name) && !/[/"]|^$|^\s|\s$|^#/.test(name)) return name;
  return JSON.stringify(name).replace(UNSEEN_EACH, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
