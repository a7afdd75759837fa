import { classifyName } from '../assignments/names.ts';
import { isRandom } from '../assignments/score.ts';
import { isDescription, isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, lineAround } from './found.ts';

const KEYWORDS = [
  'password',
  'passwd',
  'passwort',
  'passphrase',
  'token',
  'secret',
  'api key',
  'api_key',
  'apikey',
];
const LONGEST_LINE = 4000;
const MOST_ROWS = 100_000;

/** A column of a table in CSV or Markdown whose head says what is below. */
export const TABLE_COLUMN: ScanRule = {
  id: 'table-column',
  title: 'a password in a table',
  keywords: KEYWORDS,
  concerns: path => /\.(?:csv|tsv|md|markdown|mdx|org|adoc|rst|txt)$/i.test(path),
  why: 'the head of its column says what it is',
  find: columns,
};

function* columns(source: Source): Iterable<Hit> {
  const { text } = source;
  const isMarkup = !/\.[ct]sv$/i.test(source.path);
  let done = 0;
  for (const at of keywordPlaces(source, KEYWORDS)) {
    if (at < done) continue;
    const head = lineAround(text, at, LONGEST_LINE);
    done = head.end;
    const line = text.slice(head.start, head.end);
    const separator = isMarkup ? '|' : line.includes('\t') ? '\t' : line.includes(';') ? ';' : ',';
    // Only the first line of CSV is a head, and only a table of Markdown has bars.
    if (isMarkup ? !line.includes('|') : head.start > 1) continue;
    const cells = line.split(separator);
    const column = cells.findIndex(
      cell => /^[\w ."'`*-]{1,40}$/.test(cell) && classifyName(cell.replace(/[^\w]/g, '_')) !== null,
    );
    if (column < 0) continue;
    for (const found of below(text, head.end + 1, separator, column, isMarkup)) {
      if (typeof found === 'number') done = found;
      else yield found;
    }
  }
}

/** The cells of a column, down to the end of the table; then where that is. */
function* below(
  text: string,
  from: number,
  separator: string,
  column: number,
  isMarkup: boolean,
): Iterable<Hit | number> {
  let start = from;
  for (let row = 0; row < MOST_ROWS && start < text.length; row += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + LONGEST_LINE));
    if (!line.includes(separator)) break;
    const cells = line.split(separator, column + 1);
    const cell = cells[column];
    if (cell !== undefined) {
      const value = cell.replace(/^[\s"'`*]+|[\s"'`*\r]+$/g, '');
      const offset =
        start + cells.slice(0, column).reduce((sum, { length }) => sum + length + 1, 0) + cell.indexOf(value);
      if (isColumnValue(value, isMarkup))
        yield hit(offset, offset + value.length, offset, offset + value.length);
    }
    start = end + 1;
  }
  yield start;
}

function isColumnValue(value: string, isMarkup: boolean): boolean {
  if (
    value.length < 6 ||
    value.length > 256 ||
    isReference(value) ||
    isPlaceholder(value) ||
    isDescription(value)
  )
    return false;
  return isRandom(value) || isHumanPassword(value, isMarkup ? 'story' : 'config');
}
