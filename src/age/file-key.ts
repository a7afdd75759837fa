import { hkdfSync } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { malformed } from './malformed.ts';
import { openSealed } from './payload.ts';

/** Length of the key that a recipient of an age file unwraps. */
export const FILE_KEY_BYTES = 16;
const TAG_BYTES = 16;
/** The wrapping key is used once, so that its nonce may be constant. */
const NONCE = new Uint8Array(12);

/** What a key agreement of a recipient came to. */
export interface Agreement {
  readonly shared: Uint8Array;
  readonly ephemeral: Uint8Array;
  /** The X25519 public key of the recipient. */
  readonly recipient: Uint8Array;
  /** Tells one recipient type from another. */
  readonly label: string;
}

/** Encrypts a file key under the result of a key agreement. */
export function sealFileKey(fileKey: Uint8Array, agreement: Agreement): Uint8Array {
  return chacha20poly1305(wrappingKey(agreement), NONCE).encrypt(fileKey);
}

/**
 * Decrypts a file key, `null` where it is for someone else.
 *
 * @throws SecretsError `BAD_METADATA` for a body of a wrong length (a longer one would let an attacker learn
 * which of several keys opens it)
 */
export function openFileKey(body: Uint8Array, agreement: Agreement): Uint8Array | null {
  if (body.length !== FILE_KEY_BYTES + TAG_BYTES)
    throw malformed('the wrapped key of a recipient has a wrong length');
  return openSealed(body, wrappingKey(agreement), NONCE);
}

function wrappingKey({ shared, ephemeral, recipient, label }: Agreement): Uint8Array {
  const salt = Buffer.concat([ephemeral, recipient]);
  return new Uint8Array(hkdfSync('sha256', shared, salt, label, 32));
}
