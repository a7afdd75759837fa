import { Buffer } from 'node:buffer';
import { isHarmless, type Span } from './exempt.ts';

/** A stretch of a decoded text: `offset` in it stands for `at` in the text it was made from, and so on by `step`. */
export interface Piece {
  readonly offset: number;
  readonly at: number;
  readonly step: number;
}

/** A text that was hidden in another one. */
export interface View {
  readonly text: string;
  /** Rising. */
  readonly pieces: readonly Piece[];
  /** What came out is text throughout, not only here and there. */
  readonly isText: boolean;
}

/** Bytes that base64 in a text stands for, and that are no text. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Where in the text from which a view was made an offset of the view lies. */
export function originOf(view: View, offset: number): number {
  const { pieces } = view;
  let low = 0;
  let high = pieces.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle;
  }
  const piece = pieces[low];
  return piece === undefined ? 0 : piece.at + Math.floor((offset - piece.offset) * piece.step);
}

/** Collects short texts in one view, with line ends between, so that no rule reads across. */
export class Gathered {
  readonly #parts: string[] = [];
  readonly #pieces: Piece[] = [];
  #length = 0;

  /** Adds a text whose pieces count from its own beginning. */
  add(text: string, pieces: readonly Piece[]): void {
    for (const { offset, at, step } of pieces) this.#pieces.push({ offset: offset + this.#length, at, step });
    this.#parts.push(text, BETWEEN);
    this.#length += text.length + BETWEEN.length;
  }

  /** All of it, if there is any. */
  *views(isText: boolean): Iterable<View> {
    if (this.#length > 0) yield { text: this.#parts.join(''), pieces: this.#pieces, isText };
  }
}

const BETWEEN = '\n\n\n';
const LEAST_WIDE = 8;

/** Texts in UTF-16 inside of a binary file: every second byte is zero. */
export function* wideViews(text: string): Iterable<View> {
  const gathered = new Gathered();
  let at = text.indexOf('\0');
  while (at >= 0) {
    let start = at - 1;
    let end = start;
    while (end >= 0 && isPrintable(text.charCodeAt(end)) && text.charCodeAt(end + 1) === 0) end += 2;
    if (start < 0) start = end = 0;
    if (end - start >= LEAST_WIDE * 2) {
      gathered.add(text.slice(start, end).replaceAll('\0', ''), [{ offset: 0, at: start, step: 2 }]);
    }
    at = text.indexOf('\0', Math.max(end, at + 1));
  }
  yield* gathered.views(false);
}

function isPrintable(code: number): boolean {
  return (code >= 0x20 && code < 0x7f) || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Short texts in base64 go into one view together. */
const SHORT = 600;
const SAMPLE = 48;

/** What base64 in a text stands for: texts as views, and other bytes. */
export function* base64Views(runs: Iterable<Run>, spans: readonly Span[]): Iterable<View | Blob> {
  const gathered = new Gathered();
  for (const { base64, pieces, start, end } of runs) {
    if (isHarmless(spans, start, end)) continue;
    const bytes = Buffer.from(base64, 'base64');
    const decoded = asText(bytes) ?? asHex(base64);
    if (decoded === null) {
      yield { bytes, start, end };
      addBehindSlash(base64, pieces, gathered);
      continue;
    }
    const { step } = decoded;
    const mapped = pieces.map(({ offset, at }) => ({ offset: Math.ceil(offset / step), at, step }));
    if (decoded.text.length < SHORT && decoded.isText) gathered.add(decoded.text, mapped);
    else yield { text: decoded.text, pieces: mapped, isText: decoded.isText };
  }
  yield* gathered.views(true);
}

/** How many parts of an address before it are tried. */
const MOST_SLASHES = 6;

/** A slash is a digit of base64, but may be a sign of its own, as in `example.org/eyJ…`. */
function addBehindSlash(run: string, pieces: readonly Piece[], gathered: Gathered): void {
  const [first] = pieces;
  if (first === undefined || pieces.length > 1) return;
  let slash = run.indexOf('/');
  for (let count = 0; slash >= 0 && count < MOST_SLASHES; count += 1) {
    const decoded = asText(Buffer.from(run.slice(slash + 1), 'base64'));
    if (decoded?.isText === true && decoded.text.length >= LEAST_BEHIND) {
      gathered.add(decoded.text, [{ offset: 0, at: first.at + slash + 1, step: decoded.step }]);
      return;
    }
    slash = run.indexOf('/', slash + 1);
  }
}

const LEAST_BEHIND = 15;

/** What a run stands for; `step`: how many characters of it stand for one of the text. */
interface Decoded {
  readonly text: string;
  readonly isText: boolean;
  readonly step: number;
}

function asText(bytes: Buffer): Decoded | null {
  const sample = bytes.subarray(0, SAMPLE);
  if (isWideText(sample)) return { text: bytes.toString('utf16le'), isText: true, step: 8 / 3 };
  if (!isMostlyPrintable(bytes.subarray(0, 15), 1)) return null;
  return { text: bytes.toString('latin1'), isText: isMostlyPrintable(bytes, 0.9), step: 4 / 3 };
}

/** Digits of base 16 are among those of base 64. A digest is no text. */
function asHex(run: string): Decoded | null {
  if (run.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(run)) return null;
  const decoded = asText(Buffer.from(run, 'hex'));
  return decoded === null ? null : { ...decoded, step: decoded.step === 4 / 3 ? 2 : 4 };
}

function isWideText(sample: Buffer): boolean {
  if (sample.length < 12) return false;
  for (let i = 0; i + 1 < sample.length; i += 2) {
    if (!isPrintable(sample[i] ?? 0) || sample[i + 1] !== 0) return false;
  }
  return true;
}

/** Bytes of UTF-8 beyond ASCII count as printable. */
function isMostlyPrintable(bytes: Uint8Array, least: number): boolean {
  let printable = 0;
  for (const byte of bytes) {
    if (isPrintable(byte) || (least < 1 && byte >= 0x80)) printable += 1;
  }
  return printable >= bytes.length * least;
}

/** A run of base64 in a text, over several lines if they belong together. */
export interface Run {
  readonly base64: string;
  readonly pieces: readonly Piece[];
  readonly start: number;
  readonly end: number;
}
