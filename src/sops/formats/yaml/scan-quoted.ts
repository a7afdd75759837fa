import { code, END, hexValue, isBlank, isBlankOrEnd, isBreak, SPACE } from './chars.ts';
import type { Cursor, Mark } from './cursor.ts';
import { badDocument } from './failure.ts';
import { FoldedLines } from './folded-lines.ts';
import type { ScanState } from './scan-state.ts';

const QUOTE = { single: code("'"), double: code('"') } as const;
const BACKSLASH = code('\\');

/** What a backslash and one character stand for. `\/` is not among them: go-yaml refuses it. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const CODE_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** Reads a scalar in quotes and queues its token. */
export function scanQuoted(state: ScanState, style: 'single' | 'double'): void {
  const { cursor } = state;
  const start = cursor.mark();
  const text = new FoldedLines();
  cursor.advance();
  for (;;) {
    if (cursor.atDocumentMarker()) throw badDocument('a quoted text is cut off by a document marker', start);
    if (cursor.peek() === END) throw badDocument('a quoted text is not closed', start);
    const escapedBreak = readWords(cursor, text, style, start);
    if (cursor.peek() === QUOTE[style]) break;
    readGap(cursor, text, escapedBreak);
  }
  cursor.advance();
  state.push('scalar', start, cursor.mark(), { text: text.words, style });
}

/** Reads up to a blank, a break or the closing quote. True where an escaped line break ended it. */
function readWords(cursor: Cursor, text: FoldedLines, style: 'single' | 'double', start: Mark): boolean {
  const quote = QUOTE[style];
  for (let c = cursor.peek(); !isBlankOrEnd(c); c = cursor.peek()) {
    if (style === 'single' && c === quote && cursor.peek(1) === quote) {
      cursor.advance(2);
      text.addWords("'");
    } else if (c === quote) {
      return false;
    } else if (style === 'double' && c === BACKSLASH) {
      if (isBreak(cursor.peek(1))) {
        cursor.advance();
        cursor.takeBreak();
        return true;
      }
      text.addWords(readEscape(cursor, start));
    } else {
      text.addWords(cursor.takeWhile(next => !isBlankOrEnd(next) && next !== quote && next !== BACKSLASH));
      if (style === 'single' && cursor.peek() === BACKSLASH) text.addWords(cursor.take());
    }
  }
  return false;
}

function readGap(cursor: Cursor, text: FoldedLines, escapedBreak: boolean): void {
  if (escapedBreak) text.addBreak('');
  for (let c = cursor.peek(); isBlank(c) || isBreak(c); c = cursor.peek()) {
    if (isBreak(c)) {
      text.addBreak(cursor.takeBreak());
    } else {
      text.addBlank(c === SPACE ? ' ' : '\t');
      cursor.advance();
    }
  }
  text.closeGap();
}

function readEscape(cursor: Cursor, start: Mark): string {
  cursor.advance();
  const name = cursor.take();
  const plain = ESCAPES.get(name);
  if (plain !== undefined) return plain;
  const length = CODE_LENGTHS.get(name);
  if (length === undefined) throw badDocument('a quoted text holds an escape that YAML does not know', start);
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = hexValue(cursor.peek());
    if (digit < 0) throw badDocument('an escape in a quoted text lacks hexadecimal digits', start);
    value = value * 16 + digit;
    cursor.advance();
  }
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff)
    throw badDocument('an escape in a quoted text is no Unicode character', start);
  return String.fromCodePoint(value);
}
