import { Buffer } from 'node:buffer';
import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp } from '../random.ts';
import { keywordPlaces } from '../tokens/rule.ts';

/** The body of an RSA key of 16,384 bits has 13,000 characters, a PGP key with many subkeys more. */
const LONGEST = 256 * 1024;
const LONGEST_HEADER = 80;
/** An Ed25519 key in PKCS #8: the shortest there is. */
const LEAST_BODY = 60;
const LEAST_TRUNCATED = 100;

/** A body in which every character stands where it stood in the text. */
interface PemBody {
  readonly base64: string;
  /** Of its first and last character in the text. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the base64 behind a `BEGIN` line in whatever it is wrapped: lines, indentation, comment signs, quotes and
 * commas of strings that are joined, `\n` as two characters. Stops at what is neither base64 nor such wrapping.
 *
 * @param end where the search stops at the latest
 */
export function readPemBody(text: string, from: number, end: number): PemBody {
  const pieces: string[] = [];
  let start = -1;
  let last = from;
  for (const { at: lineStart, line } of linesOf(text.slice(from, end))) {
    if (HEADER_LINE.test(line)) continue;
    for (const word of line.matchAll(WORD)) {
      if (ARMOR_SUM.test(word[0])) continue;
      if (!BASE64.test(word[0])) return { base64: pieces.join(''), start, end: last };
      const at = from + lineStart + word.index;
      if (start < 0) start = at;
      last = at + word[0].length;
      pieces.push(word[0]);
    }
  }
  return { base64: pieces.join(''), start, end: last };
}

/** Line ends, real or escaped once or more. */
const LINE_END = /[\n\r]|\\{1,4}[nr]|\\{1,2}x0[aAdD]|\\{1,2}u000[aAdD]|&#(?:10|13|x0?[aAdD]);/g;
const HEADER_LINE =
  /^[\s"'#*>|/;+]{0,40}(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|X-[A-Za-z-]{1,40}|Subject):/;
/** A comment sign or the end of a string is no part of a word. A sign that joins strings is one by itself. */
const WORD = /(?:[A-Za-z0-9=]|[+/](?=[A-Za-z0-9=]))[A-Za-z0-9+/=.:_-]*/g;
function* linesOf(area: string): Iterable<{ at: number; line: string }> {
  let at = 0;
  for (const lineEnd of area.matchAll(LINE_END)) {
    yield { at, line: area.slice(at, lineEnd.index) };
    at = lineEnd.index + lineEnd[0].length;
  }
  yield { at, line: area.slice(at) };
}

/** The last line of armor of PGP. */
const ARMOR_SUM = /^=[A-Za-z0-9+/]{4}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const BEGIN =
  /-----BEGIN ([A-Za-z0-9 _-]{0,40}?)(?:PRIVATE KEY|ARGO TUNNEL TOKEN)( BLOCK)?-----|---- BEGIN (SSH2 ENCRYPTED )PRIVATE KEY ----/y;

function* findBlocks(source: Source, isPgp: boolean): Iterable<Hit> {
  const { text } = source;
  let done = 0;
  for (const at of keywordPlaces(source, ['private key', 'argo tunnel token'])) {
    const start = beginOf(text, at, done);
    if (start === null) continue;
    BEGIN.lastIndex = start;
    const match = BEGIN.exec(text);
    if (match === null || (match[2] !== undefined) !== isPgp) continue;
    const from = BEGIN.lastIndex;
    const dashes = text.indexOf('----', from);
    const stop = Math.min(dashes < 0 ? text.length : dashes, from + LONGEST);
    const body = readPemBody(text, from, stop);
    done = Math.max(from, body.end);
    if (!isKeyBody(body, /^-{4,5} ?END/.test(text.slice(stop, stop + 10)))) continue;
    yield { start, end: endOfBlock(text, body.end, stop), secretStart: body.start, secretEnd: body.end };
  }
}

function beginOf(text: string, at: number, done: number): number | null {
  const from = Math.max(done, at - LONGEST_HEADER);
  const start = text.slice(from, at).lastIndexOf('- BEGIN') + from;
  const dashed = text.slice(from, at).lastIndexOf('-----BEGIN') + from;
  if (dashed >= from) return dashed;
  return start >= from + 3 ? start - 3 : null;
}

function endOfBlock(text: string, bodyEnd: number, stop: number): number {
  const end = /^-{4,5} ?END [^-\n]{0,60}-{0,5}/.exec(text.slice(stop, stop + 80));
  return end === null ? bodyEnd : stop + end[0].length;
}

/** Enough of it, in words as long as lines of a key are; not dots, not one letter repeated. */
function isKeyBody({ base64, start, end }: PemBody, isClosed: boolean): boolean {
  if (base64.length < (isClosed ? LEAST_BODY : LEAST_TRUNCATED)) return false;
  // Prose has short words: what wraps a line is a few characters, what separates words is one in six.
  if (base64.length / (end - start) < 0.5) return false;
  return isKeyMaterial(base64);
}

/** DER or OpenSSH's form, or at least no example: `AAAA…`, `MIIE…xxxx`. */
function isKeyMaterial(base64: string): boolean {
  // A sign of its own, as each added line of a patch has one.
  const sample = base64.slice(0, 400).replace(/^[+/]/, '');
  if (new Set(sample).size < 12) return false;
  const head = Buffer.from(sample, 'base64');
  const isWords = /^[A-Za-z]+$/.test(sample) && !/^M[A-Z]/.test(sample);
  if (isWords) return false;
  return (
    head[0] === 0x30 || head.toString('latin1').startsWith('openssh') || !looksMadeUp(base64.slice(0, 64))
  );
}

const WHY = 'whoever reads it can act as its owner';

/** Rules for private keys between `BEGIN` and `END`. */
export const PEM_RULES: readonly ScanRule[] = [
  {
    id: 'private-key',
    title: 'a private key',
    keywords: ['private key', 'argo tunnel token'],
    find: source => findBlocks(source, false),
    why: WHY,
    revoke: 'make a new key and take the old one from wherever it is trusted',
  },
  {
    id: 'pgp-private-key',
    title: 'a PGP private key',
    keywords: ['private key'],
    find: source => findBlocks(source, true),
    why: WHY,
    revoke: 'publish its revocation certificate and make a new key',
  },
];
