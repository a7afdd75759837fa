import { createPrivateKey, createPublicKey } from 'node:crypto';

const P = 2n ** 255n - 19n;
/** -121665 / 121666 */
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
/** DER around an Ed25519 seed (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEADER_BYTES = 12;

/**
 * The X25519 public key of an Ed25519 public key: the birational map u = (1 + y) / (1 - y) of RFC 7748.
 *
 * @param publicKey 32 bytes
 * @returns `null` where the bytes are no point of the curve, or are not written in the one canonical way
 */
export function montgomeryOf(publicKey: Uint8Array): Uint8Array | null {
  let y = 0n;
  for (let i = 31; i >= 0; i--) y = (y << 8n) | BigInt(publicKey[i] ?? 0);
  y &= (1n << 255n) - 1n;
  if (publicKey.length !== 32 || y >= P || !isOnCurve(y)) return null;
  let u = ((((1n + y) * invert(1n - y)) % P) + P) % P;
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(u & 255n);
    u >>= 8n;
    return byte;
  });
}

/** The public key of an Ed25519 seed of 32 bytes. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' });
  return new Uint8Array(
    createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEADER_BYTES),
  );
}

/** There is an x with x² = (y² - 1) / (d·y² + 1). */
function isOnCurve(y: bigint): boolean {
  const y2 = (y * y) % P;
  const x2 = ((((y2 - 1n) * invert(D * y2 + 1n)) % P) + P) % P;
  return x2 === 0n || power(x2, (P - 1n) / 2n) === 1n;
}

/** By Fermat; zero gives zero. */
function invert(value: bigint): bigint {
  return power(((value % P) + P) % P, P - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
