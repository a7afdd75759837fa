/**
 * Bech32 (BIP 173) as age uses it: without the length limit of 90 characters, because a post-quantum key has
 * nearly 2,000, and with 8-bit data only.
 */

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const VALUES = new Map([...CHARSET].map((char, value) => [char, value]));
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LENGTH = 6;

/** A decoded text. */
export interface Bech32 {
  /** What stands before the last `1`, in lower case. */
  readonly prefix: string;
  readonly bytes: Uint8Array;
}

/** Why a text is not Bech32, in words that can follow "it": never with a part of the text. */
export type Bech32Problem =
  | 'mixes capitals and small letters'
  | 'has no separator'
  | 'is too short'
  | 'has a character that cannot be in a key'
  | 'has a typing mistake (its checksum is wrong)'
  | 'has a wrong length';

/**
 * Encodes bytes in lower case.
 *
 * @param prefix in lower case, at least one character
 */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const words = regroup(bytes, 8, 5, true) ?? [];
  const sum = polymod([...expand(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const checksum = Array.from({ length: CHECKSUM_LENGTH }, (_, i) => (sum >>> (5 * (5 - i))) & 31);
  return `${prefix}1${[...words, ...checksum].map(word => CHARSET.charAt(word)).join('')}`;
}

/**
 * Decodes a text of one case. Accepts exactly what {@link encodeBech32} can produce, in lower or upper case:
 * a spare bit that is not zero is refused, so that no two texts mean the same key.
 *
 * @returns the parts, or the reason why there are none
 */
export function decodeBech32(text: string): Bech32 | Bech32Problem {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return 'mixes capitals and small letters';
  const separator = lower.lastIndexOf('1');
  if (separator < 1) return 'has no separator';
  if (lower.length - separator - 1 < CHECKSUM_LENGTH) return 'is too short';
  const prefix = lower.slice(0, separator);
  if (!/^[\x21-\x7e]+$/.test(prefix)) return 'has a character that cannot be in a key';
  const words: number[] = [];
  for (const char of lower.slice(separator + 1)) {
    const value = VALUES.get(char);
    if (value === undefined) return 'has a character that cannot be in a key';
    words.push(value);
  }
  if (polymod([...expand(prefix), ...words]) !== 1) return 'has a typing mistake (its checksum is wrong)';
  const bytes = regroup(words.slice(0, -CHECKSUM_LENGTH), 5, 8, false);
  return bytes === null ? 'has a wrong length' : { prefix, bytes: Uint8Array.from(bytes) };
}

/** The checksum covers the prefix as high bits, a zero, low bits. */
function expand(prefix: string): number[] {
  const codes = Array.from(prefix, char => char.charCodeAt(0));
  return [...codes.map(code => code >> 5), 0, ...codes.map(code => code & 31)];
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((term, bit) => {
      if (((top >>> bit) & 1) === 1) sum ^= term;
    });
  }
  return sum >>> 0;
}

/** Cuts a row of `from`-bit numbers into `to`-bit numbers; `null` where the rest is no padding of zeros. */
function regroup(values: Iterable<number>, from: number, to: number, pad: boolean): number[] | null {
  const result: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const value of values) {
    pending = ((pending << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      result.push((pending >>> bits) & ((1 << to) - 1));
    }
  }
  const rest = pending & ((1 << bits) - 1);
  if (pad) {
    if (bits > 0) result.push(rest << (to - bits));
    return result;
  }
  return bits >= from || rest !== 0 ? null : result;
}
