import { createHash, timingSafeEqual } from 'node:crypto';
import { plainBytes } from './plaintext.ts';
import type { Scalar } from './tree.ts';

/** Fed first where only encrypted leaves count, so that the two kinds of MAC never agree: SHA-256 of `sops`. */
const ONLY_ENCRYPTED_START = Buffer.from(
  '8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69',
  'hex',
);

/** The running MAC over the plaintext of all leaves of all documents, in order (`sops.go`, Encrypt). */
export class Mac {
  readonly onlyEncrypted: boolean;
  readonly #hash = createHash('sha512');

  constructor(onlyEncrypted: boolean) {
    this.onlyEncrypted = onlyEncrypted;
    if (onlyEncrypted) this.#hash.update(ONLY_ENCRYPTED_START);
  }

  /** Feeds one leaf by its plaintext; the caller leaves out comments and nulls. */
  add(value: Scalar, selected: boolean): void {
    if (selected || !this.onlyEncrypted) this.#hash.update(plainBytes(value));
  }

  /** Upper-case hex, 128 digits. Call it once. It is a hash of secrets: never print it. */
  finish(): string {
    return this.#hash.digest('hex').toUpperCase();
  }
}

/** Compares two MACs in constant time. */
export function sameMac(a: string, b: string): boolean {
  const left = Buffer.from(a, 'utf8');
  const right = Buffer.from(b, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}
