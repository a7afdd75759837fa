import type { Splice } from './splice.ts';
import { endOfLine, lineAt, nextLine, startOfLine } from './splice.ts';

/** Where an item of a bracketed list or map stands. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes an item out of brackets. A line that holds nothing else goes as a whole; what else goes is the comma,
 * never a comment.
 */
export function withoutFlowItem(text: string, items: readonly Bounds[], index: number): Splice {
  const { start, end } = items[index] ?? { start: 0, end: 0 };
  const comma = behindComma(text, end);
  const line = startOfLine(text, start);
  const after = text.slice(comma ?? end, endOfLine(text, comma ?? end));
  if (line > 0 && text.slice(line, start).trim() === '' && /^\s*(#.*)?$/.test(after))
    return { from: line, to: nextLine(text, comma ?? end), insert: '' };
  const former = items[index - 1];
  const next = items[index + 1];
  const isBeside = (from: number, to: number) => !/[#\n]/.test(text.slice(from, to));
  if (former !== undefined && isBeside(former.end, start)) return { from: former.end, to: end, insert: '' };
  if (next !== undefined && isBeside(end, next.start)) return { from: start, to: next.start, insert: '' };
  if (former !== undefined && !text.slice(former.end, start).includes('#'))
    return { from: former.end, to: end, insert: '' };
  return { from: start, to: comma ?? end, insert: '' };
}

/** Offset behind the comma that follows an item, `null` where none does; comments lie in between. */
function behindComma(text: string, end: number): number | null {
  for (let at = end; at < text.length; ) {
    const character = text[at] ?? '';
    if (character === ',') return at + 1;
    if (character === '#') at = nextLine(text, at);
    else if (/\s/.test(character)) at += 1;
    else return null;
  }
  return null;
}

/** Takes whole lines; at the end of a text without a final line end, the one before them. */
export function withoutLines(text: string, start: number, end: number): Splice {
  const from = startOfLine(text, start);
  const to = nextLine(text, end);
  const isLast = to === text.length && !text.endsWith('\n');
  if (!isLast || from <= 1) return { from, to, insert: '' };
  return { from: endOfLine(text, startOfLine(text, from - 1)), to, insert: '' };
}

/** True for a line of blanks alone. */
export function isBlankLine(text: string, offset: number): boolean {
  return lineAt(text, offset).trim() === '';
}
