import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bech32, decodeBech32, encodeBech32 } from '../../src/age/bech32.ts';
import { expectLinear } from '../helpers/linear.ts';

const prefix = fc.stringMatching(/^[a-z0-9+._-]{1,30}$/);
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

describe('bech32', () => {
  it('gives back what it encoded, in both cases and at any length', () => {
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 2000 }), fc.boolean(), (name, bytes, upper) => {
        const text = encodeBech32(name, bytes);
        expect(decodeBech32(upper ? text.toUpperCase() : text)).toEqual({ prefix: name, bytes });
      }),
      { numRuns: 200 },
    );
  });

  it('reads the examples of BIP 173', () => {
    expect(decodeBech32('A12UEL5L')).toEqual({ prefix: 'a', bytes: new Uint8Array(0) });
    const long = 'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs';
    expect((decodeBech32(long) as Bech32).prefix).toHaveLength(83);
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => i);
    expect(decodeBech32(encodeBech32('abcdef', bytes))).toEqual({ prefix: 'abcdef', bytes });
  });

  it('finds every single wrong character', () => {
    const text = encodeBech32(
      'age',
      Uint8Array.from({ length: 32 }, (_, i) => i * 7),
    );
    for (let at = 4; at < text.length; at++) {
      for (const char of CHARSET) {
        if (char === text[at]) continue;
        const changed = text.slice(0, at) + char + text.slice(at + 1);
        expect(decodeBech32(changed)).toBe('has a typing mistake (its checksum is wrong)');
      }
    }
  });

  it.each([
    ['age1Qqqqqqqq', 'mixes capitals and small letters'],
    ['agexqqqqqq', 'has no separator'],
    ['1qqqqqqqq', 'has no separator'],
    ['', 'has no separator'],
    ['age1qqqqq', 'is too short'],
    ['age1qqqqqqbq', 'has a character that cannot be in a key'],
    ['a ge1qqqqqqqq', 'has a character that cannot be in a key'],
    ['ä1qqqqqqqq', 'has a character that cannot be in a key'],
  ])('refuses %j: it %s', (text, problem) => {
    expect(decodeBech32(text)).toBe(problem);
  });

  it('refuses padding that is not zero, and a whole spare character', () => {
    expect(decodeBech32(withWords('age', [31, 31]))).toBe('has a wrong length');
    expect(decodeBech32(withWords('age', [0, 0, 0]))).toBe('has a wrong length');
    expect(decodeBech32(withWords('age', [0]))).toBe('has a wrong length');
    expect(decodeBech32(withWords('age', [31, 28]))).toEqual({ prefix: 'age', bytes: Uint8Array.of(255) });
  });

  it('takes linear time for a hostile text', () =>
    expectLinear(500_000, size => decodeBech32(`age1${'1'.repeat(size)}${'q'.repeat(size)}`)));
});

/** Brute force over the last characters would take 2³⁰ tries, so that the checksum is made by its definition. */
function withWords(name: string, words: number[]): string {
  const expand = [...name].map(char => char.charCodeAt(0));
  const values = [...expand.map(code => code >> 5), 0, ...expand.map(code => code & 31), ...words];
  let sum = 1n;
  const generator = [0x3b6a57b2n, 0x26508e6dn, 0x1ea119fan, 0x3d4233ddn, 0x2a1462b3n];
  for (const value of [...values, 0, 0, 0, 0, 0, 0]) {
    const top = sum >> 25n;
    sum = ((sum & 0x1ffffffn) << 5n) ^ BigInt(value);
    generator.forEach((term, bit) => {
      if ((top >> BigInt(bit)) & 1n) sum ^= term;
    });
  }
  sum ^= 1n;
  const checksum = [5n, 4n, 3n, 2n, 1n, 0n].map(place => Number((sum >> (5n * place)) & 31n));
  return `${name}1${[...words, ...checksum].map(word => CHARSET[word]).join('')}`;
}
