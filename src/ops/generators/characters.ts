import { encodeBase64 } from '../../age/base64.ts';

/** Gives that many bytes from a cryptographic source. */
export type Random = (bytes: number) => Uint8Array;

/** No quote, backslash, `$` or `#`: it survives shells, env files and YAML as it is. */
const PASSWORD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX_ALPHABET = '0123456789abcdef';
const UUID_BYTES = 16;

/** Letters, digits, `-` and `_`: 6 bits a character. */
export function password(characters: number, random: Random): string {
  return fromAlphabet(PASSWORD_ALPHABET, characters, random);
}

/** 4 bits a character. */
export function hex(characters: number, random: Random): string {
  return fromAlphabet(HEX_ALPHABET, characters, random);
}

/** So many random bytes in the standard alphabet, with padding. */
export function base64(bytes: number, random: Random): string {
  return encodeBase64(random(bytes));
}

/** Version 4, RFC 9562: 122 random bits. */
export function uuid(random: Random): string {
  const bytes = Uint8Array.from(random(UUID_BYTES));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const digits = Buffer.from(bytes).toString('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}

/** Both alphabets have a power of two of characters, so that masking a random byte is unbiased. */
function fromAlphabet(alphabet: string, characters: number, random: Random): string {
  const mask = alphabet.length - 1;
  return Array.from(random(characters), byte => alphabet[byte & mask]).join('');
}
