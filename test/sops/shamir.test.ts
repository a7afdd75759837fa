import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineShares, splitSecret } from '../../src/sops/shamir.ts';
import { codeOf } from '../helpers/sops-trees.ts';

describe('secret sharing', () => {
  it('gives the secret back from any set of shares that reaches the threshold', () => {
    const shape = fc
      .integer({ min: 2, max: 8 })
      .chain(threshold => fc.tuple(fc.constant(threshold), fc.integer({ min: threshold, max: 10 })));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        shape,
        fc.infiniteStream(fc.nat()),
        (secret, [threshold, count], picks) => {
          const shares = splitSecret(secret, count, threshold, randomBytes);
          const chosen: Uint8Array[] = [];
          for (const pick of picks) {
            chosen.push(...shares.splice(pick % shares.length, 1));
            if (chosen.length === threshold) break;
          }
          expect(combineShares(chosen)).toEqual(secret);
          expect(combineShares([...chosen, ...shares])).toEqual(secret);
        },
      ),
    );
  });

  it('numbers shares from 1, in the last byte', () => {
    expect(
      splitSecret(Buffer.alloc(32), 3, 2, randomBytes).map(share => [share.length, share.at(-1)]),
    ).toEqual([
      [33, 1],
      [33, 2],
      [33, 3],
    ]);
  });

  it('combines shares that were computed by hand in the field of AES', () => {
    // f(x) = 0x57 + 0x83 x: f(1) = 0x57 ^ 0x83 = 0xd4, f(2) = 0x57 ^ 0x1d = 0x4a, as 0x83 * 2 = 0x106 ^ 0x11b.
    expect(combineShares([Uint8Array.of(0xd4, 1), Uint8Array.of(0x4a, 2)])).toEqual(Uint8Array.of(0x57));
    expect(splitSecret(Uint8Array.of(0x57), 2, 2, () => Uint8Array.of(0x83))).toEqual([
      Uint8Array.of(0xd4, 1),
      Uint8Array.of(0x4a, 2),
    ]);
  });

  it('tells nothing with one share too few', () => {
    const secret = Buffer.alloc(32, 0x55);
    const [a, b] = splitSecret(secret, 3, 3, randomBytes);
    expect(Buffer.from(combineShares([a ?? secret, b ?? secret])).equals(secret)).toBe(false);
  });

  it('refuses what cannot be split or combined', () => {
    const split = (shares: number, threshold: number) =>
      codeOf(() => splitSecret(Buffer.alloc(32), shares, threshold, randomBytes));
    expect([split(2, 1), split(2, 3), split(1, 2), split(256, 2)]).toEqual(Array(4).fill('BAD_METADATA'));
    const share = Uint8Array.of(1, 2, 1);
    const wrong = [
      [],
      [share],
      [share, share],
      [share, Uint8Array.of(1, 2)],
      [share, Uint8Array.of(1, 2, 0)],
      [Uint8Array.of(1), Uint8Array.of(2)],
    ];
    for (const shares of wrong) expect(codeOf(() => combineShares(shares))).toBe('BAD_CIPHERTEXT');
  });
});
