import { SecretsError } from '../errors.ts';

/**
 * What makes go-yaml refuse the whole file (`yaml_parser_update_buffer`), and what ends a line for it alone: behind a
 * lone carriage return, U+0085, U+2028 or U+2029 it would find keys in what other readers take for a comment.
 */
const REFUSED = /\r(?!\n)|[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const LINE_FEED = 0x0a;
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a `.sops.yaml`. Bytes that are no text are refused as stock sops refuses them: read leniently they
 * would be replaced by the next edit. UTF-16, which stock sops reads, is refused too.
 *
 * @throws SecretsError `BAD_INVENTORY` with line and column
 */
export function configText(bytes: Uint8Array, file: string): string {
  const text = strictly(bytes);
  if (text === null) throw refused('not valid UTF-8', wrongBytes(bytes), file);
  const at = text.search(REFUSED);
  if (at < 0) return text;
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw refused(
    `stock sops refuses the character U+${code}, or ends a line there`,
    placeOf(text.slice(0, at)),
    file,
  );
}

function strictly(bytes: Uint8Array): string | null {
  try {
    return STRICT.decode(bytes);
  } catch {
    return null;
  }
}

/** No byte of a longer character is a line feed, so each line can be judged by itself. */
function wrongBytes(bytes: Uint8Array): { line: number; column: number } {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (end < 0 || strictly(part) === null) {
      return {
        line,
        column: new TextDecoder('utf-8', { ignoreBOM: true }).decode(part).indexOf('\ufffd') + 1,
      };
    }
    start = end + 1;
  }
}

function placeOf(before: string): { line: number; column: number } {
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function refused(message: string, place: { line: number; column: number }, file: string): SecretsError {
  const hint = 'save the file as UTF-8 text, without control characters';
  return new SecretsError('BAD_INVENTORY', message, { file, hint, ...place });
}
