import { Dice } from '../../helpers/dice.ts';

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const BASE62 = `${DIGITS}${UPPER}${LOWER}`;
const WORDS =
  'amber anchor autumn badger basalt beacon birch canyon cedar cobalt comet copper coral cricket dagger delta dolphin ember falcon fjord garnet glacier granite hazel heron indigo island ivory jasper juniper kestrel lagoon lantern lichen magnet maple marble meadow meteor nebula nickel oak opal orchid osprey otter pebble pepper pine plasma prairie quartz quiver raven ribbon river saffron salmon shadow sparrow summit sunset thicket thunder timber topaz tulip tundra velvet violet walnut willow winter zephyr'.split(
    ' ',
  );

/** Random material of the alphabets that credentials are made of; the same seed gives the same on every machine. */
export class Chance extends Dice {
  readonly #seed: number;

  constructor(seed: number) {
    super(seed);
    this.#seed = seed;
  }

  /** An own source for what has this name, so that a new sample changes none of the others. */
  for(name: string): Chance {
    return new Chance(this.#seed ^ crc32(Buffer.from(name)));
  }

  from(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet.charAt(this.int(alphabet.length))).join('');
  }

  hex(length: number): string {
    return this.from('0123456789abcdef', length);
  }

  digits(length: number): string {
    return this.from('123456789', 1) + this.from(DIGITS, length - 1);
  }

  lower(length: number): string {
    return this.from(LOWER + DIGITS, length);
  }

  upper(length: number): string {
    return this.from(UPPER + DIGITS, length);
  }

  letters(length: number): string {
    return this.from(LOWER + UPPER, length);
  }

  base62(length: number): string {
    return this.from(BASE62, length);
  }

  base64url(length: number): string {
    return this.from(`${BASE62}-_`, length);
  }

  /** Base64 of so many random bytes, padded. */
  base64(bytes: number): string {
    return Buffer.from(this.bytes(bytes)).toString('base64');
  }

  uuid(): string {
    return [8, 4, 4, 4, 12].map((length, i) => (i === 2 ? `4${this.hex(3)}` : this.hex(length))).join('-');
  }

  word(): string {
    return this.pick(WORDS);
  }

  words(count: number, glue = '-'): string {
    return Array.from({ length: count }, () => this.word()).join(glue);
  }

  /** As a generator makes them: 16 to 24 characters, with signs that need no escaping anywhere. */
  strong(): string {
    return `${this.base62(9)}${this.from('!%*@+_', 1)}${this.base62(6 + this.int(9))}`;
  }

  /** As people make them up. */
  human(): string {
    const word = this.word();
    const capital = word.charAt(0).toUpperCase() + word.slice(1);
    const leet = capital.replaceAll('a', '4').replaceAll('e', '3').replaceAll('o', '0');
    return this.pick([
      () => `${capital}${this.digits(4)}!`,
      () => `${leet}_${this.word()}${this.digits(2)}`,
      () => `${word}${capital}#${this.digits(3)}`,
      () => `${this.words(2, '.')}.${this.digits(3)}`,
    ])();
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    for (let i = rest.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const [a, b] = [rest[i], rest[j]];
      if (a !== undefined && b !== undefined) [rest[i], rest[j]] = [b, a];
    }
    return rest;
  }
}

/** A prefix in pieces, so that it stands nowhere in the sources of this project. */
export function glue(...pieces: readonly string[]): string {
  return pieces.join('');
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as zip and png have it, unsigned. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (sum >>> 8) ^ (CRC_TABLE[(sum ^ byte) & 255] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}

/** The checksum that GitHub and npm put at the end of a token: CRC-32 of its random part in base 62, six digits. */
export function base62Checksum(body: string): string {
  let rest = crc32(Buffer.from(body));
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
