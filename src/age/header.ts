import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { decodeBase64Unpadded, encodeBase64Unpadded } from './base64.ts';
import { malformed, tampered } from './malformed.ts';

const VERSION_LINE = 'age-encryption.org/v1';
const COLUMNS = 64;
const MAC_BYTES = 32;

/** One recipient of an age file: what that recipient needs to find the file key. */
export interface Stanza {
  /** The type, then its arguments. */
  readonly args: readonly [string, ...string[]];
  readonly body: Uint8Array;
}

/** The textual part of an age file, and what follows it. */
export interface Header {
  readonly stanzas: readonly Stanza[];
  /** All of the header, its MAC line included. */
  readonly bytes: Uint8Array;
  /** What the MAC covers: everything up to and including `---`. */
  readonly covered: Uint8Array;
  readonly mac: Uint8Array;
  readonly payload: Uint8Array;
}

/** Writes a header with its MAC. */
export function formatHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Uint8Array {
  const covered = `${[VERSION_LINE, ...stanzas.map(formatStanza)].join('\n')}\n---`;
  const mac = headerMac(Buffer.from(covered, 'latin1'), fileKey);
  return Buffer.from(`${covered} ${encodeBase64Unpadded(mac)}\n`, 'latin1');
}

/** One stanza without a final newline; the last line of a body is always shorter than 64 characters, if need be empty. */
export function formatStanza({ args, body }: Stanza): string {
  const text = encodeBase64Unpadded(body);
  const lines: string[] = text.match(/.{1,64}/g) ?? [];
  if (text.length % COLUMNS === 0) lines.push('');
  return [`-> ${args.join(' ')}`, ...lines].join('\n');
}

/**
 * Reads an age file up to its payload, by the exact grammar of the specification (age-encryption.org/v1).
 * The MAC is not checked yet: that needs the file key.
 *
 * @throws SecretsError `BAD_METADATA`
 */
export function parseHeader(file: Uint8Array): Header {
  const lines = new Lines(Buffer.from(file).toString('latin1'));
  if (lines.next() !== VERSION_LINE) throw malformed('its version line is not that of age');
  const stanzas: Stanza[] = [];
  while (lines.peek('-> ')) stanzas.push(parseStanza(lines));
  if (stanzas.length === 0) throw malformed('it has no recipient');
  const covered = lines.at + '---'.length;
  const mac = /^--- ([A-Za-z0-9+/]{43})$/.exec(lines.next())?.[1];
  const macBytes = mac === undefined ? null : decodeBase64Unpadded(mac);
  if (macBytes?.length !== MAC_BYTES) throw malformed('its header does not end in a MAC');
  if (stanzas.length > 1 && stanzas.some(({ args }) => args[0] === 'scrypt')) {
    throw malformed('a passphrase stands beside other recipients');
  }
  return {
    stanzas,
    bytes: file.subarray(0, lines.at),
    covered: file.subarray(0, covered),
    mac: macBytes,
    payload: file.subarray(lines.at),
  };
}

/**
 * Checks that nobody without the file key changed the header.
 *
 * @throws SecretsError `BAD_CIPHERTEXT`
 */
export function verifyHeader(header: Header, fileKey: Uint8Array): void {
  if (!timingSafeEqual(headerMac(header.covered, fileKey), header.mac))
    throw tampered('its header has a wrong MAC');
}

function headerMac(covered: Uint8Array, fileKey: Uint8Array): Uint8Array {
  const key = new Uint8Array(hkdfSync('sha256', fileKey, new Uint8Array(0), 'header', MAC_BYTES));
  return createHmac('sha256', key).update(covered).digest();
}

/**
 * Reads one stanza, by the same grammar.
 *
 * @param text without a final newline
 * @throws SecretsError `BAD_METADATA`
 */
export function parseStanzaText(text: string): Stanza {
  if (!text.startsWith('-> ')) throw malformed('a recipient line is not well-formed');
  return parseStanza(new Lines(`${text}\n`));
}

function parseStanza(lines: Lines): Stanza {
  const [type, ...args] = lines.next().slice('-> '.length).split(' ');
  if (type === undefined || ![type, ...args].every(arg => /^[\x21-\x7e]+$/.test(arg))) {
    throw malformed('a recipient line is not well-formed');
  }
  let body = '';
  for (;;) {
    const line = lines.next();
    if (line.length > COLUMNS) throw malformed('a line of a recipient is too long');
    body += line;
    if (line.length < COLUMNS) break;
  }
  const bytes = decodeBase64Unpadded(body);
  if (bytes === null) throw malformed('the base64 of a recipient is not canonical');
  return { args: [type, ...args], body: bytes };
}

/** Lines that end in LF, one after the other; the position counts bytes, because the text is Latin-1. */
class Lines {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  peek(start: string): boolean {
    return this.#text.startsWith(start, this.at);
  }

  next(): string {
    const end = this.#text.indexOf('\n', this.at);
    if (end < 0) throw malformed('its header ends too early');
    const line = this.#text.slice(this.at, end);
    this.at = end + 1;
    return line;
  }
}
