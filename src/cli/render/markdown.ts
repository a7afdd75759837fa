import { visible } from './visible.ts';

/** In a code span only a backtick, and in a table a bar, mean something. */
const PLAIN = /^[!-_a-{}~…](?:[ -_a-{}~…]*[!-_a-{}~…])?$/;
const LONGEST = 200;

/**
 * Text of a repository as code inside of a table: whatever it holds, it is shown and means nothing. Mentions and links
 * are not made of code.
 */
export function markdownCode(text: string): string {
  const short = shortened(visible(text).replace(/[\n\r\t]/g, asEscape));
  if (short === '') return '<code>&#32;</code>';
  if (PLAIN.test(short)) return `\`${short}\``;
  const entities = short.replace(/[^A-Za-z0-9 /.-]/gu, letter => `&#${letter.codePointAt(0) ?? 0};`);
  return `<code>${entities}</code>`;
}

/** A table with a heading for each column; the cells are Markdown already. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(heads) + line(heads.map(() => '---')) + rows.map(line).join('');
}

function asEscape(letter: string): string {
  return letter === '\n' ? '\\n' : letter === '\r' ? '\\r' : '\\t';
}

function shortened(text: string): string {
  const letters = [...text];
  if (letters.length <= LONGEST) return text;
  const half = LONGEST / 2;
  return `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}`;
}
