import { code, isBlank, isBreak, isBreakOrEnd, isDigit, SPACE, TAB } from './chars.ts';
import type { Cursor, Mark } from './cursor.ts';
import { badDocument } from './failure.ts';
import { scanLineComment } from './scan-comments.ts';
import type { ScanState } from './scan-state.ts';

type Chomping = 'clip' | 'strip' | 'keep';

interface Breaks {
  readonly indent: number;
  readonly text: string;
  /** Where the last of them ended. */
  readonly end: Mark;
}

/** Reads a `|` or `>` scalar and queues its token. */
export function scanBlockScalar(state: ScanState, style: 'literal' | 'folded'): void {
  const { cursor } = state;
  const start = cursor.mark();
  cursor.advance();
  const { chomping, increment } = readHints(cursor, start);
  endHeader(state, start);
  const given = increment === 0 ? 0 : Math.max(0, state.indent) + increment;
  let breaks = readBreaks(state, given, start);
  const { indent } = breaks;
  const parts: string[] = [];
  let lastBreak = '';
  let afterBlank = false;
  while (cursor.column === indent && cursor.peek() !== 0) {
    const blank = isBlank(cursor.peek());
    const folds = style === 'folded' && lastBreak === '\n' && !afterBlank && !blank;
    if (!folds) parts.push(lastBreak);
    else if (breaks.text === '') parts.push(' ');
    parts.push(breaks.text);
    afterBlank = blank;
    parts.push(cursor.takeWhile(c => !isBreakOrEnd(c)));
    lastBreak = cursor.takeBreak();
    breaks = readBreaks(state, indent, start);
  }
  if (chomping !== 'strip') parts.push(lastBreak);
  if (chomping === 'keep') parts.push(breaks.text);
  state.push('scalar', start, breaks.end, { text: parts.join(''), style });
}

/** What follows the indicator: how to chomp, and how deep the text is indented, in either order. */
function readHints(cursor: Cursor, start: Mark): { chomping: Chomping; increment: number } {
  const before = readChomping(cursor);
  const increment = readIncrement(cursor, start);
  return { chomping: before ?? readChomping(cursor) ?? 'clip', increment };
}

function readChomping(cursor: Cursor): Chomping | undefined {
  const c = cursor.peek();
  if (c !== code('+') && c !== code('-')) return undefined;
  cursor.advance();
  return c === code('+') ? 'keep' : 'strip';
}

function readIncrement(cursor: Cursor, start: Mark): number {
  const c = cursor.peek();
  if (!isDigit(c)) return 0;
  if (c === code('0')) throw badDocument('a block text cannot be indented by 0', start);
  cursor.advance();
  return c - code('0');
}

function endHeader(state: ScanState, start: Mark): void {
  const { cursor } = state;
  cursor.takeWhile(isBlank);
  if (cursor.peek() === code('#')) scanLineComment(state, start);
  if (!isBreakOrEnd(cursor.peek())) throw badDocument('a block text must begin on the next line', start);
  cursor.takeBreak();
}

/**
 * Steps over indentation and empty lines.
 *
 * @param indent - of the text, 0 where it is still to be found
 */
function readBreaks(state: ScanState, indent: number, start: Mark): Breaks {
  const { cursor } = state;
  const inIndent = () => indent === 0 || cursor.column < indent;
  let end = cursor.mark();
  let deepest = 0;
  let text = '';
  for (;;) {
    while (inIndent() && cursor.peek() === SPACE) cursor.advance();
    deepest = Math.max(deepest, cursor.column);
    if (inIndent() && cursor.peek() === TAB)
      throw badDocument('a tab stands where only spaces may indent', start);
    if (!isBreak(cursor.peek())) break;
    text += cursor.takeBreak();
    end = cursor.mark();
  }
  return { indent: indent === 0 ? Math.max(deepest, state.indent + 1, 1) : indent, text, end };
}
