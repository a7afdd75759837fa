import { hkdfSync, randomBytes } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { malformed, tampered } from './malformed.ts';

const NONCE_BYTES = 16;
const TAG_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
/** STREAM: eleven bytes that count chunks, then 1 for the last one. A data key is one chunk. */
const ONLY_CHUNK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Encrypts the content of an age file that fits into one chunk. */
export function sealPayload(content: Uint8Array, fileKey: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const chunk = chacha20poly1305(payloadKey(fileKey, nonce), ONLY_CHUNK).encrypt(content);
  return Buffer.concat([nonce, chunk]);
}

/**
 * Decrypts the content of an age file of one chunk.
 *
 * @throws SecretsError `BAD_METADATA` (cut short, more than one chunk), `BAD_CIPHERTEXT`
 */
export function openPayload(payload: Uint8Array, fileKey: Uint8Array): Uint8Array {
  const nonce = payload.subarray(0, NONCE_BYTES);
  const chunk = payload.subarray(NONCE_BYTES);
  if (chunk.length < TAG_BYTES) throw malformed('it ends before its content');
  if (chunk.length > CHUNK_BYTES + TAG_BYTES) throw malformed('it has more than one chunk');
  const content = openSealed(chunk, payloadKey(fileKey, nonce), ONLY_CHUNK);
  if (content === null) throw tampered('its content does not authenticate');
  return content;
}

/** ChaCha20-Poly1305; `null` where key, nonce or text is another one. */
export function openSealed(sealed: Uint8Array, key: Uint8Array, nonce: Uint8Array): Uint8Array | null {
  try {
    return chacha20poly1305(key, nonce).decrypt(sealed);
  } catch {
    return null;
  }
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}
