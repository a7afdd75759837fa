import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { decodeUtf32, utf32Order } from './utf32.ts';

/** How the bytes of a file stand for text. `binary`: they do not, each byte is one character. */
type Encoding = 'latin1' | 'utf8' | 'utf16le' | 'utf16be' | 'utf32le' | 'utf32be' | 'binary';

/** A stretch of a file as text. */
export interface TextWindow {
  readonly text: string;
  /** Line and column of its first character in the file, from 1. */
  readonly line: number;
  readonly column: number;
  readonly binary: boolean;
}

/** A file of more is read in stretches; V8 has no string of 512 MB. */
const WINDOW = 16 * 1024 * 1024;
/** What lies on a border is in two of them, if it is no longer than this. */
const OVERLAP = 512 * 1024;
const SAMPLE = 8 * 1024;

/**
 * A file as text: UTF-8 or UTF-16 with and without a mark, UTF-32 with one, else one character for each byte. Nothing is left out.
 *
 * @param size of a stretch in bytes, for tests
 */
export function* textWindows(
  bytes: Uint8Array,
  size: number = WINDOW,
  overlap: number = OVERLAP,
): Iterable<TextWindow> {
  const encoding = encodingOf(bytes);
  let at = encoding.mark;
  let line = 1;
  let column = 1;
  for (;;) {
    const end = at + size >= bytes.length ? bytes.length : border(bytes, at + size, encoding.name);
    const next = end === bytes.length ? end : border(bytes, end - overlap, encoding.name);
    const head = decode(bytes.subarray(at, next), encoding.name);
    const text = next === end ? head : head + decode(bytes.subarray(next, end), encoding.name);
    yield { text, line, column, binary: encoding.name === 'binary' };
    if (end === bytes.length) return;
    const newline = head.lastIndexOf('\n');
    column = newline < 0 ? column + characters(head) : characters(head.slice(newline + 1)) + 1;
    line += newlines(head);
    at = next;
  }
}

function encodingOf(bytes: Uint8Array): { name: Encoding; mark: number } {
  const order = utf32Order(bytes);
  if (order !== null) return { name: `utf32${order}`, mark: 4 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { name: 'utf16le', mark: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { name: 'utf16be', mark: 2 };
  if (bytes.includes(0)) return { name: wideEncoding(bytes) ?? 'binary', mark: 0 };
  if (isAscii(bytes)) return { name: 'latin1', mark: 0 };
  if (!isUtf8(bytes)) return { name: 'latin1', mark: 0 };
  return { name: 'utf8', mark: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0 };
}

/** Text of Latin letters in UTF-16 has its zeros all on one side. */
function wideEncoding(bytes: Uint8Array): Encoding | null {
  const length = Math.min(bytes.length, SAMPLE) & ~1;
  if (length < 8) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  const pairs = length / 2;
  if (odd > pairs * 0.4 && even < pairs * 0.05) return 'utf16le';
  return even > pairs * 0.4 && odd < pairs * 0.05 ? 'utf16be' : null;
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === 'utf32le' || encoding === 'utf32be')
    return decodeUtf32(bytes, encoding === 'utf32le' ? 'le' : 'be');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding !== 'utf16be') return view.toString(encoding === 'binary' ? 'latin1' : encoding);
  return Buffer.from(view.subarray(0, view.length & ~1))
    .swap16()
    .toString('utf16le');
}

/** The next place not after `at` where a character begins. */
function border(bytes: Uint8Array, at: number, encoding: Encoding): number {
  if (encoding === 'utf16le' || encoding === 'utf16be') return at & ~1;
  if (encoding === 'utf32le' || encoding === 'utf32be') return at & ~3;
  let place = at;
  while (encoding === 'utf8' && place > at - 4 && ((bytes[place] ?? 0) & 0xc0) === 0x80) place -= 1;
  return place;
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** As people count them: a pair of surrogates is one. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i += 1) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count -= 1;
  }
  return count;
}

/** The text with ASCII letters in lower case and as long as before: some letters change their length. */
export function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}
