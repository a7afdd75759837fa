import { SecretsError } from '../../../errors.ts';
import { bytesOfLoose, looseText } from '../../text.ts';
import { Comment, type Item, isScalar, TreeMap, type Value } from '../../tree.ts';
import { plainScalar } from '../plain-scalar.ts';
import { byteLength, indexOfAny, trimSpace } from './go-text.ts';
import { DEFAULT_SECTION, DELIMITERS } from './parse.ts';

interface Line {
  readonly name: string;
  value: string;
  comment: string;
}

/**
 * Writes sections as gopkg.in/ini.v1 does: keys padded to the longest of their section, an empty line between
 * sections, values quoted where they need it (`file.go`, writeToBuffer).
 *
 * @throws SecretsError `BAD_DOCUMENT` for an entry that is no section, or no text
 */
export function printIni(items: readonly Item[]): Uint8Array {
  const sections = items.filter(item => !(item.key instanceof Comment));
  const parts: string[] = [];
  for (const [index, { key, value }] of sections.entries()) {
    printSection(String(key), value, { first: index === 0, last: index === sections.length - 1 }, parts);
  }
  return bytesOfLoose(parts.join(''));
}

function printSection(
  name: string,
  value: Value | null,
  place: { readonly first: boolean; readonly last: boolean },
  parts: string[],
): void {
  if (name === '') throw new SecretsError('BAD_DOCUMENT', 'an INI section needs a name');
  if (!(value instanceof TreeMap)) {
    throw new SecretsError('BAD_DOCUMENT', `INI holds sections of keys, and ${name} is no map`);
  }
  const { comment, lines } = linesOf(value);
  parts.push(...commentLines(comment, false));
  const headless = place.first && name.toUpperCase() === DEFAULT_SECTION;
  if (headless && lines.length === 0) return;
  if (!headless) parts.push(`[${name}]\n`);
  const width = lines.reduce((widest, line) => Math.max(widest, byteLength(quoteKey(line.name))), 0);
  for (const line of lines) printLine(line, width, parts);
  if (!place.last) parts.push('\n');
}

/** The lines of a section: a comment belongs to the key before it, the first to the section. */
function linesOf(section: TreeMap): { readonly comment: string; readonly lines: Line[] } {
  const lines = new Map<string, Line>();
  let comment = '';
  let current: Line | undefined;
  for (const [index, { key, value }] of section.items.entries()) {
    if (key instanceof Comment) {
      if (index === 0) comment = key.text;
      else if (current !== undefined) current.comment = key.text;
      continue;
    }
    current = lines.get(key) ?? { name: key, value: '', comment: '' };
    current.value = valueText(key, value);
    lines.set(key, current);
  }
  return { comment, lines: Array.from(lines.values()) };
}

function valueText(key: string, value: Value | null): string {
  if (key === '') throw new SecretsError('BAD_DOCUMENT', 'an INI key needs a name');
  if (value !== null && !isScalar(value)) {
    throw new SecretsError(
      'BAD_DOCUMENT',
      `INI cannot hold a map or a list inside a section, and ${key} is one`,
    );
  }
  const text = plainScalar(value);
  return typeof text === 'string' ? text : looseText(text);
}

function printLine({ name, value, comment }: Line, width: number, parts: string[]): void {
  const key = quoteKey(name);
  parts.push(
    ...commentLines(comment, true),
    key,
    ' '.repeat(width - byteLength(key)),
    ' = ',
    quoteValue(value),
    '\n',
  );
}

function quoteKey(name: string): string {
  if (name.includes('"') || indexOfAny(name, DELIMITERS) >= 0) return `\`${name}\``;
  return name.includes('`') ? `"""${name}"""` : name;
}

function quoteValue(value: string): string {
  if (indexOfAny(value, '\n`') >= 0) return `"""${value}"""`;
  if (indexOfAny(value, '#;') >= 0) return `\`${value}\``;
  return trimSpace(value) === value ? value : `"${value}"`;
}

/** Each line gets its mark; an empty line, on which Go's writer crashes, becomes an empty comment. */
function commentLines(comment: string, trimmed: boolean): string[] {
  if (comment === '') return [];
  return comment.split('\n').map(line => {
    if (line.startsWith('#') || line.startsWith(';'))
      return `${line.charAt(0)} ${trimSpace(line.slice(1))}\n`;
    return `; ${trimmed ? trimSpace(line) : line}\n`;
  });
}
