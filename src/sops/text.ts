import { SecretsError } from '../errors.ts';

/**
 * Text as sops sees it: bytes that are usually, but need not be, UTF-8. Parsers work on "loose" strings, in
 * which every byte that is not part of valid UTF-8 stands as a lone surrogate (U+DC80 to U+DCFF); no valid
 * text contains one, so nothing is lost.
 */

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;
const ESCAPE_BASE = 0xdc00;

/** A `string` where the bytes are valid UTF-8 (a BOM is kept), else a copy of the bytes. */
export function textOf(bytes: Uint8Array): string | Uint8Array {
  return strictText(bytes) ?? Uint8Array.from(bytes);
}

/** The text, `null` where the bytes are not valid UTF-8. A BOM is kept as U+FEFF. */
export function strictText(bytes: Uint8Array): string | null {
  try {
    return STRICT.decode(bytes);
  } catch {
    return null;
  }
}

/** The bytes of a text scalar. */
export function bytesOfText(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
}

/** Bytes as a loose string. */
export function looseText(bytes: Uint8Array): string {
  return strictText(bytes) ?? escapeInvalid(bytes);
}

function escapeInvalid(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  let validFrom = 0;
  let at = 0;
  while (at < bytes.length) {
    const width = sequenceLength(bytes, at);
    if (width > 0) {
      at += width;
      continue;
    }
    parts.push(buffer.toString('utf8', validFrom, at), String.fromCharCode(ESCAPE_BASE + (bytes[at] ?? 0)));
    at += 1;
    validFrom = at;
  }
  parts.push(buffer.toString('utf8', validFrom, at));
  return parts.join('');
}

/** Length of the valid UTF-8 sequence at `at`, 0 where there is none (Unicode, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const width = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let i = 2; i < width; i++) {
    const next = bytes[at + i] ?? 0;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return width;
}

/** True where a loose string stands for bytes that are not valid UTF-8. */
function hasInvalid(loose: string): boolean {
  return LONE_SURROGATE.test(loose);
}

/** A loose string as a scalar of the tree. */
export function scalarOfLoose(loose: string): string | Uint8Array {
  return hasInvalid(loose) ? Uint8Array.from(bytesOfLoose(loose)) : loose;
}

/** The bytes that a loose string stands for. */
export function bytesOfLoose(loose: string): Uint8Array {
  if (!hasInvalid(loose)) return Buffer.from(loose, 'utf8');
  const parts: Uint8Array[] = [];
  for (const piece of loose.split(/([\uDC80-\uDCFF])/u)) {
    const unit = piece.length === 1 ? piece.charCodeAt(0) : 0;
    if (unit >= 0xdc80 && unit <= 0xdcff) parts.push(Uint8Array.of(unit - ESCAPE_BASE));
    else parts.push(Buffer.from(piece, 'utf8'));
  }
  return Buffer.concat(parts);
}

/**
 * A loose string that becomes a name or a comment, which the tree holds as `string`.
 *
 * @param what - for the message: `"a key"`, `"a comment"`
 * @throws SecretsError `BAD_DOCUMENT` where it is not valid UTF-8
 */
export function nameOfLoose(loose: string, what: string, line: number): string {
  if (!hasInvalid(loose)) return loose;
  throw new SecretsError('BAD_DOCUMENT', `${what} is not valid UTF-8`, {
    line,
    hint: 'save the file as UTF-8, or encrypt it as a binary file',
  });
}
