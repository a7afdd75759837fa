import { isPrintable, styleOf } from './style.ts';

const SHORT_ESCAPES = new Map<number, string>([
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
const KEPT_IN_QUOTES = new Set([0xa0]);

/** A text on one line: plain, or in the quotes that go-yaml takes. */
export function flowScalar(text: string): string {
  const style = styleOf(text, false);
  if (style === 'plain') return text;
  return style === 'single' ? singleQuoted(text) : doubleQuoted(text);
}

/** Inside single quotes a separator such as LS stays, and a line break follows it. */
function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Always one line; escapes are upper-case hex. */
function doubleQuoted(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += escaped(character.codePointAt(0) ?? 0, character);
  return `${quoted}"`;
}

function escaped(code: number, character: string): string {
  const short = SHORT_ESCAPES.get(code);
  if (short !== undefined && !KEPT_IN_QUOTES.has(code)) return short;
  if (isPrintable(code)) return character;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/**
 * A literal block, without a final newline.
 *
 * @param column of its text
 * @param step indent of the document, which is the hint for text that begins with a blank
 */
export function literalBlock(text: string, column: number, step: number): string {
  const hint = /^[ \n]/.test(text) ? String(step) : '';
  const body = text.replace(/\n+$/, '');
  const trailing = text.length - body.length;
  const chomp = trailing === 0 ? '-' : trailing === 1 && body !== '' ? '' : '+';
  const pad = ' '.repeat(column);
  const lines = body.split('\n').map(line => (line === '' ? '' : pad + line));
  const extra = '\n'.repeat(Math.max(0, trailing - 1));
  return `|${hint}${chomp}\n${lines.join('\n')}${extra}`;
}
