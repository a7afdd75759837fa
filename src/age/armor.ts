import { decodeBase64, encodeBase64 } from './base64.ts';
import { malformed } from './malformed.ts';

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const END = '-----END AGE ENCRYPTED FILE-----';
const COLUMNS = 64;
/** A data key needs about 500 characters, with a post-quantum recipient about 2,600. */
const MAX_CHARACTERS = 64 * 1024;

/** The armored form of an age file: 64 columns, LF, a newline at the end. */
export function encodeArmor(file: Uint8Array): string {
  const lines = encodeBase64(file).match(/.{1,64}/g) ?? [];
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

/**
 * Reads an armored age file as age itself does: lines end in LF or CRLF, blank lines may surround it, and
 * everything else is exactly what {@link encodeArmor} writes.
 *
 * @throws SecretsError `BAD_METADATA`
 */
export function decodeArmor(text: string): Uint8Array {
  if (text.length > MAX_CHARACTERS) throw malformed('it has more than 64 KiB');
  const lines = trimBlankLines(text)
    .split('\n')
    .map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines[0] !== BEGIN) throw malformed('it does not begin with the line of an armored age file');
  if (lines.length < 2 || lines.at(-1) !== END)
    throw malformed('it does not end with the line of an armored age file');
  const body = lines.slice(1, -1);
  body.forEach((line, index) => {
    const isLast = index === body.length - 1;
    if (line === '' || line.length > COLUMNS || (!isLast && line.length !== COLUMNS)) {
      throw malformed('its lines do not have 64 characters each');
    }
  });
  const bytes = decodeBase64(body.join(''));
  if (bytes === null) throw malformed('its base64 is not canonical');
  return bytes;
}

/**
 * Without the blank lines around it; the first and last line keep their own blanks, which are an error.
 * Two linear scans, because one pattern for both ends would be quadratic.
 */
function trimBlankLines(text: string): string {
  const blank = (at: number) => ' \t\r\n'.includes(text.charAt(at));
  let start = 0;
  while (start < text.length && blank(start)) start++;
  let end = text.length;
  while (end > start && blank(end - 1)) end--;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const lineEnd = text.indexOf('\n', end);
  return text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
}
