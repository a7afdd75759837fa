import { SecretsError } from '../../../errors.ts';
import { indexOfAny, trimSpace, trimStart } from './go-text.ts';
import type { Lines } from './lines.ts';

/** A value as it was read, and the comment that stood behind it on its line. */
export interface ReadValue {
  readonly text: string;
  readonly comment: string;
}

const TRIPLE = '"""';

/**
 * Reads the value of a key (gopkg.in/ini.v1 `parser.go`, readValue): quoted by backticks or triple quotes it is
 * taken as it stands and may span lines, else it ends at `#` or `;`, loses one pair of plain quotes, and goes
 * on in the next line after a backslash.
 *
 * @param rest - what follows the delimiter in the line of the key
 * @throws SecretsError `BAD_DOCUMENT` where a quote is not closed
 */
export function readValue(rest: string, lines: Lines): ReadValue {
  const line = trimStart(rest);
  if (line === '') return { text: '', comment: '' };
  const quote = quoteOf(line);
  if (quote !== null) return readQuoted(line.slice(quote.length), quote, lines);
  const trimmed = trimSpace(line);
  if (trimmed.endsWith('\\')) return { text: readContinued(trimmed.slice(0, -1), lines), comment: '' };
  const at = indexOfAny(trimmed, '#;');
  const value = at < 0 ? trimmed : trimSpace(trimmed.slice(0, at));
  return { text: unquote(value), comment: at < 0 ? '' : trimmed.slice(at) };
}

function quoteOf(line: string): string | null {
  if (line.length > TRIPLE.length && line.startsWith(TRIPLE)) return TRIPLE;
  return line.startsWith('`') ? '`' : null;
}

/** On one line the last quote ends the value and the rest is ignored. */
function readQuoted(body: string, quote: string, lines: Lines): ReadValue {
  const end = body.lastIndexOf(quote);
  return end < 0 ? readLines(body, quote, lines) : { text: body.slice(0, end), comment: '' };
}

function readLines(start: string, quote: string, lines: Lines): ReadValue {
  const parts = [start];
  const from = lines.number;
  for (;;) {
    const line = lines.next();
    const end = line.lastIndexOf(quote);
    if (end >= 0 && !trimSpace(line.slice(end + quote.length)).endsWith('\\')) {
      parts.push(line.slice(0, end));
      const comment = indexOfAny(line.slice(end), '#;');
      return { text: parts.join(''), comment: comment < 0 ? '' : trimSpace(line.slice(end + comment)) };
    }
    parts.push(line);
    if (lines.ended && end < 0)
      throw new SecretsError('BAD_DOCUMENT', 'a quoted value is not closed', { line: from });
  }
}

function readContinued(start: string, lines: Lines): string {
  const parts = [start];
  for (;;) {
    const line = trimSpace(lines.next());
    if (!line.endsWith('\\')) return parts.join('') + line;
    parts.push(line.slice(0, -1));
  }
}

/** Takes off one pair of quotes around the whole, where no other of its kind stands inside. */
function unquote(text: string): string {
  const quote = text.charAt(0);
  const surrounded =
    (quote === "'" || quote === '"') && text.length >= 2 && text.indexOf(quote, 1) === text.length - 1;
  return surrounded ? text.slice(1, -1) : text;
}
