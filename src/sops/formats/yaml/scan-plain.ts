import { code, isBlank, isBlankOrEnd, isBreak, SPACE, TAB } from './chars.ts';
import type { Cursor, Mark } from './cursor.ts';
import { badDocument } from './failure.ts';
import { FoldedLines } from './folded-lines.ts';
import type { ScanState } from './scan-state.ts';

const FLOW_ENDS = new Set([...',?[]{}'].map(code));

/** Reads a scalar without quotes, which may go on over several lines, and queues its token. */
export function scanPlain(state: ScanState): void {
  const { cursor } = state;
  const start = cursor.mark();
  let end: Mark = start;
  const text = new FoldedLines();
  const indent = state.indent + 1;
  let broken = false;
  while (!cursor.atDocumentMarker() && cursor.peek() !== code('#')) {
    const words = cursor.takeWhile(c => !isBlankOrEnd(c) && !endsPlain(state, c));
    if (words !== '') {
      text.addWords(words);
      broken = false;
      end = cursor.mark();
    }
    if (!isBlank(cursor.peek()) && !isBreak(cursor.peek())) break;
    broken = readGap(cursor, text, broken, indent, start);
    if (state.flowLevel === 0 && cursor.column < indent) break;
  }
  state.push('scalar', start, end, { text: text.words });
  if (broken) state.simpleKeyAllowed = true;
}

function endsPlain({ cursor, flowLevel }: ScanState, c: number): boolean {
  if (c === code(':') && isBlankOrEnd(cursor.peek(1))) return true;
  return flowLevel > 0 && FLOW_ENDS.has(c);
}

/** Blanks and line breaks between words. True where the gap holds a line break. */
function readGap(cursor: Cursor, text: FoldedLines, broken: boolean, indent: number, start: Mark): boolean {
  let inBreak = broken;
  for (let c = cursor.peek(); isBlank(c) || isBreak(c); c = cursor.peek()) {
    if (isBreak(c)) {
      text.addBreak(cursor.takeBreak());
      inBreak = true;
      continue;
    }
    if (inBreak && c === TAB && cursor.column < indent)
      throw badDocument('a tab stands where only spaces may indent', start);
    text.addBlank(c === SPACE ? ' ' : '\t');
    cursor.advance();
  }
  return inBreak;
}
