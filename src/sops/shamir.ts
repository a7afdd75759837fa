import { SecretsError } from '../errors.ts';

/**
 * Shamir's secret sharing as sops uses it for key groups (`shamir/shamir.go`): each byte of the secret is the
 * value at 0 of a random polynomial over GF(2^8); a share holds the values at one x, and x as its last byte.
 */

/** x^8 + x^4 + x^3 + x + 1, the field of AES. */
const FIELD = 0x11b;
const MAX_SHARES = 255;

/**
 * Splits a secret into shares, of which any `threshold` give it back. Share i stands for key group i.
 *
 * @param random - gives that many bytes from a cryptographic source
 * @throws SecretsError `BAD_METADATA` for a threshold below 2 or above the number of shares
 */
export function splitSecret(
  secret: Uint8Array,
  shares: number,
  threshold: number,
  random: (bytes: number) => Uint8Array,
): Uint8Array[] {
  if (threshold < 2 || threshold > shares || shares > MAX_SHARES || secret.length === 0) {
    throw new SecretsError(
      'BAD_METADATA',
      `a secret cannot be split over ${shares} key groups with a threshold of ${threshold}`,
    );
  }
  const polynomials = Array.from(secret, byte => [byte, ...random(threshold - 1)]);
  return Array.from({ length: shares }, (_, index) => {
    const x = index + 1;
    return Uint8Array.from([...polynomials.map(polynomial => valueAt(polynomial, x)), x]);
  });
}

/**
 * Puts shares together again. Too few or wrong ones give a wrong secret, which only decrypting with it shows.
 *
 * @throws SecretsError `BAD_CIPHERTEXT` for fewer than two shares, or shares that do not belong together
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  const length = shares[0]?.length ?? 0;
  const xs = shares.map(share => share.at(-1) ?? 0);
  const fit = shares.length >= 2 && length >= 2 && shares.every(share => share.length === length);
  if (!fit || xs.includes(0) || new Set(xs).size !== xs.length) {
    throw new SecretsError('BAD_CIPHERTEXT', 'the shares of the data key do not belong together');
  }
  const weights = xs.map(x => weightAtZero(x, xs));
  return Uint8Array.from({ length: length - 1 }, (_, at) =>
    shares.reduce((sum, share, index) => sum ^ multiply(share[at] ?? 0, weights[index] ?? 0), 0),
  );
}

/** Horner's rule; the first coefficient is the value at 0. */
function valueAt(polynomial: readonly number[], x: number): number {
  return polynomial.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0);
}

/** The Lagrange polynomial of one share, at 0. Subtraction is addition in this field. */
function weightAtZero(x: number, xs: readonly number[]): number {
  return xs.reduce(
    (weight, other) => (other === x ? weight : multiply(weight, multiply(other, inverse(other ^ x)))),
    1,
  );
}

/** Runs through all eight bits whatever they are, so that the time does not tell the factors. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = a;
  for (let bit = 0; bit < 8; bit++) {
    product ^= factor & -((b >> bit) & 1);
    factor = (factor << 1) ^ (FIELD & -((factor >> 7) & 1));
  }
  return product;
}

/** a^254, which is 1/a in a field of 256 elements. */
function inverse(a: number): number {
  let result = 1;
  for (let i = 0; i < 254; i++) result = multiply(result, a);
  return result;
}
