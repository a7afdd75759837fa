import { looseText } from '../../text.ts';
import { badDocument, type Place } from './failure.ts';

const BOM = '\ufeff';
const LONE_SURROGATE = /[\ud800-\udfff]/u;
/** All that go-yaml does not read (`readerc.go`), lone surrogates included, which stand for invalid bytes. */
const REFUSED = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * The text of a YAML file: UTF-8 with or without BOM, or UTF-16 with one. The BOM is dropped.
 *
 * @throws SecretsError `BAD_DOCUMENT` for invalid UTF-8 and control characters
 */
export function sourceText(bytes: Uint8Array): string {
  const text = decode(bytes);
  const refused = REFUSED.exec(text);
  if (refused !== null) throw refusedAt(text, refused.index);
  return text;
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return utf16(bytes.subarray(2));
  if (first === 0xfe && second === 0xff) return utf16(swapped(bytes.subarray(2)));
  const text = looseText(bytes);
  if (!text.startsWith(BOM)) return text;
  if (text.startsWith(BOM, 1)) throw badDocument('the file starts with two byte order marks', undefined);
  return text.slice(1);
}

/** Keeps what is no valid UTF-16 as lone surrogates; an odd byte at the end becomes one too. */
function utf16(bytes: Uint8Array): string {
  const whole = Buffer.from(bytes.subarray(0, bytes.length & ~1)).toString('utf16le');
  return bytes.length % 2 === 0 ? whole : `${whole}\udc00`;
}

function swapped(bytes: Uint8Array): Uint8Array {
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
  return bytes.length % 2 === 0 ? even : Buffer.concat([even, bytes.subarray(-1)]);
}

function refusedAt(text: string, index: number): Error {
  const place = placeOf(text, index);
  if (LONE_SURROGATE.test(String.fromCodePoint(text.codePointAt(index) ?? 0)))
    return badDocument('the text is not valid UTF-8', place, 'encrypt it as a binary file');
  return badDocument('control characters are not allowed', place, 'write it as an escape in double quotes');
}

function placeOf(text: string, index: number): Place {
  const before = text.slice(0, index).split(/\r\n|[\n\r\u0085\u2028\u2029]/);
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}
