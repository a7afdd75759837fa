import { strictText } from '../../text.ts';
import { code, hexValue, isBlank, isBlankOrEnd, isBreakOrEnd, isDigit, isWord } from './chars.ts';
import type { Cursor, Mark } from './cursor.ts';
import { badDocument } from './failure.ts';
import type { ScanState } from './scan-state.ts';

const BANG = code('!');
const AFTER_NAME = new Set([...'?:,]}%@`'].map(code));
const URI_MARKS = new Set([...";/?:@&=+$,.!~*'()[]%"].map(code));

/** Reads `&name` or `*name` and queues its token. */
export function scanAnchor(state: ScanState, type: 'anchor' | 'alias'): void {
  const { cursor } = state;
  const start = cursor.mark();
  cursor.advance();
  const text = cursor.takeWhile(isWord);
  if (text === '' || !(isBlankOrEnd(cursor.peek()) || AFTER_NAME.has(cursor.peek())))
    throw badDocument(`the name of an ${type} is made of letters, digits, _ and -`, start);
  state.push(type, start, cursor.mark(), { text });
}

/** Reads `!tag`, `!!tag`, `!handle!tag` or `!<uri>` and queues its token. */
export function scanTag(state: ScanState): void {
  const { cursor } = state;
  const start = cursor.mark();
  const { handle, suffix } = cursor.sees('!<') ? readVerbatim(cursor, start) : readShorthand(cursor, start);
  if (!isBlankOrEnd(cursor.peek())) throw badDocument('a tag must be followed by a space', start);
  state.push('tag', start, cursor.mark(), { text: handle, suffix });
}

interface TagParts {
  readonly handle: string;
  readonly suffix: string;
}

function readVerbatim(cursor: Cursor, start: Mark): TagParts {
  cursor.advance(2);
  const suffix = readUri(cursor, '', start);
  if (cursor.peek() !== code('>')) throw badDocument("expected '>' at the end of a tag", start);
  cursor.advance();
  return { handle: '', suffix };
}

function readShorthand(cursor: Cursor, start: Mark): TagParts {
  const handle = readHandle(cursor);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: readUri(cursor, '', start) };
  const suffix = readUri(cursor, handle, start);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

function readHandle(cursor: Cursor): string {
  const handle = cursor.take() + cursor.takeWhile(isWord);
  return cursor.peek() === BANG ? handle + cursor.take() : handle;
}

/** @param head - a `!` and what was read already; counts as text of the tag, its `!` does not */
function readUri(cursor: Cursor, head: string, start: Mark): string {
  const parts: Uint8Array[] = [Buffer.from(head.slice(1))];
  let found = head !== '';
  for (let c = cursor.peek(); isWord(c) || URI_MARKS.has(c); c = cursor.peek()) {
    parts.push(c === code('%') ? readEscapedChar(cursor, start) : Buffer.from(cursor.take()));
    found = true;
  }
  const uri = strictText(Buffer.concat(parts));
  if (!found || uri === null) throw badDocument('a tag has no name', start);
  return uri;
}

/** A character as `%XX` bytes of UTF-8. */
function readEscapedChar(cursor: Cursor, start: Mark): Buffer {
  const bytes: number[] = [];
  let width = 1;
  do {
    const value = hexValue(cursor.peek(1)) * 16 + hexValue(cursor.peek(2));
    const isByte =
      cursor.peek() === code('%') && hexValue(cursor.peek(1)) >= 0 && hexValue(cursor.peek(2)) >= 0;
    if (!isByte) throw badDocument('a tag holds an incomplete escape', start);
    if (bytes.length === 0) width = value < 0x80 ? 1 : value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
    bytes.push(value);
    cursor.advance(3);
  } while (bytes.length < width);
  return Buffer.from(bytes);
}

/** Reads a `%YAML` or `%TAG` line and queues its token. */
export function scanDirective(state: ScanState): void {
  const { cursor } = state;
  const start = cursor.mark();
  cursor.advance();
  const name = cursor.takeWhile(isWord);
  if (!isBlankOrEnd(cursor.peek())) throw badDocument('a directive that YAML does not know', start);
  cursor.takeWhile(isBlank);
  if (name === 'YAML') {
    const text = readVersion(cursor, start);
    state.push('version-directive', start, cursor.mark(), { text });
  } else if (name === 'TAG') {
    const { handle, suffix } = readTagDirective(cursor, start);
    state.push('tag-directive', start, cursor.mark(), { text: handle, suffix });
  } else {
    throw badDocument('a directive that YAML does not know', start);
  }
  cursor.takeWhile(isBlank);
  if (cursor.peek() === code('#')) cursor.takeWhile(c => !isBreakOrEnd(c));
  if (!isBreakOrEnd(cursor.peek())) throw badDocument('a directive must end with its line', start);
  cursor.takeBreak();
}

function readVersion(cursor: Cursor, start: Mark): string {
  const major = cursor.takeWhile(isDigit);
  const dot = cursor.peek() === code('.') ? cursor.take() : '';
  const minor = cursor.takeWhile(isDigit);
  const sane = [major, minor].every(number => number.length === 1 || number.length === 2);
  if (!sane || dot === '') throw badDocument('a %YAML directive needs a version', start);
  return `${Number(major)}.${Number(minor)}`;
}

function readTagDirective(cursor: Cursor, start: Mark): TagParts {
  const handle = cursor.peek() === BANG ? readHandle(cursor) : '';
  if (!handle.endsWith('!') || !isBlank(cursor.peek()))
    throw badDocument('a %TAG directive needs a handle and a prefix', start);
  cursor.takeWhile(isBlank);
  const suffix = readUri(cursor, '', start);
  if (!isBlankOrEnd(cursor.peek())) throw badDocument('a %TAG directive must end with its prefix', start);
  return { handle, suffix };
}
