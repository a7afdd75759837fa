import { isBreak } from './chars.ts';
import type { OutScalar } from './out-nodes.ts';
import { isMultiline, isPrintable } from './string-style.ts';
import type { Writer } from './writer.ts';

const BOM = '\uFEFF';
const ONLY_BREAKS = /^[\n\r\u0085\u2028\u2029]*$/;
const BREAKS = /([\n\r\u0085\u2028\u2029])/;

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
]);

/** Where a scalar is written. */
export interface ScalarPlace {
  /** Column of lines after the first. */
  readonly indent: number;
  /** Spaces per level, which is what an indentation hint says. */
  readonly step: number;
  /** Column of the collection that holds the scalar, -1 for a scalar alone. */
  readonly parent: number;
  /** The comment behind the scalar, `''` where there is none. */
  readonly comment: string;
  /** Writes the comment behind the `|` of a literal, or ends the line. */
  readonly endHeader: () => void;
}

/**
 * The scalar as it is written: as Go writes it, but in another style where Go's literal would be read back as
 * something else. `docs/sops-differences.md` lists these cases.
 */
function safely(scalar: OutScalar, place: ScalarPlace): OutScalar {
  const { text, style, tag } = scalar;
  if (style !== 'literal') return scalar;
  const commentBecomesText = isMultiline(place.comment);
  if (tag !== '')
    return commentBecomesText ? { ...scalar, style: 'plain', text: text.replaceAll('\n', '') } : scalar;
  const rightHint = place.indent - Math.max(0, place.parent) === place.step;
  const wrongHint = needsHint(text) && !ONLY_BREAKS.test(text) && !rightHint;
  return commentBecomesText || wrongHint || text.startsWith('\t') ? { ...scalar, style: 'double' } : scalar;
}

/**
 * Writes a scalar in its style, or in one that is read back as the same text.
 *
 * @param place - where the scalar stands
 */
export function writeScalar(writer: Writer, scalar: OutScalar, place: ScalarPlace): void {
  const { text, style } = safely(scalar, place);
  if (style === 'plain') writePlain(writer, text);
  else if (style === 'single') writeSingle(writer, text, place.indent);
  else if (style === 'double') writeDouble(writer, text);
  else writeLiteral(writer, text, place);
}

function writePlain(writer: Writer, text: string): void {
  if (text !== '') writer.space();
  writer.putContent(text);
  writer.closeToken();
}

/** Only LS and PS can break a text in single quotes; what follows them is indented. */
function writeSingle(writer: Writer, text: string, indent: number): void {
  writer.indicator("'", { spaced: true });
  writeLines(writer, text.replaceAll("'", "''"), indent, false);
  writer.indicator("'");
  writer.closeToken();
}

function writeDouble(writer: Writer, text: string): void {
  writer.indicator('"', { spaced: true });
  // go-yaml looks for a byte order mark at the start of the text instead of at the character (`is_bom`).
  const always = text.startsWith(BOM);
  const escaped = Array.from(text, char => escapeOf(char.codePointAt(0) ?? 0, always) ?? char);
  writer.put(escaped.join(''));
  writer.indicator('"');
  writer.closeToken();
}

function escapeOf(point: number, always: boolean): string | undefined {
  if (!always && isPrintable(point) && point !== 0x0a && point !== 0x22 && point !== 0x5c && !isBreak(point))
    return undefined;
  const hex = (width: number) => point.toString(16).toUpperCase().padStart(width, '0');
  const named = ESCAPES.get(point);
  if (named !== undefined) return named;
  if (point <= 0xff) return `\\x${hex(2)}`;
  return point <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

function writeLiteral(writer: Writer, text: string, place: ScalarPlace): void {
  writer.indicator('|', { spaced: true });
  if (needsHint(text)) writer.indicator(String(place.step));
  const chomping = chompingHint(text);
  if (chomping !== '') writer.indicator(chomping);
  place.endHeader();
  writer.whitespace = true;
  writeLines(writer, text, place.indent, true);
  writer.openEnded = chomping === '+';
}

/** Without a hint, a first line that begins blank would say how deep the text is indented. */
function needsHint(text: string): boolean {
  return /^[ \n\r\u0085\u2028\u2029]/.test(text);
}

function chompingHint(text: string): '' | '-' | '+' {
  const last = text.charCodeAt(text.length - 1);
  if (!isBreak(last)) return '-';
  return text.length === 1 || isBreak(text.charCodeAt(text.length - 2)) ? '+' : '';
}

function writeLines(writer: Writer, text: string, indent: number, startsLine: boolean): void {
  let afterBreak = startsLine;
  for (const piece of text.split(BREAKS)) {
    if (piece === '') continue;
    if (isBreak(piece.charCodeAt(0))) {
      writer.putBreak(piece);
      afterBreak = true;
      continue;
    }
    if (afterBreak) writer.indentTo(indent);
    writer.putContent(piece);
    afterBreak = false;
  }
}
