import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { SecretsError } from '../errors.ts';
import { type EncryptedParts, PREFIX, parseEncrypted, TAG_LENGTH } from './encrypted-text.ts';
import { parsePlainBytes, plainBytes, typeTag } from './plaintext.ts';
import type { Comment, Scalar } from './tree.ts';

/** Length of a data key and of every IV that we make, in bytes. */
const DATA_KEY_LENGTH = 32;
export const IV_LENGTH = 32;
const ALGORITHM = 'aes-256-gcm';

/** A data key, ready for use. Made once per file: importing the bytes costs more than encrypting a value. */
export type DataKey = KeyObject;

/** @throws SecretsError `BAD_CIPHERTEXT` where the data key is not 32 bytes long */
export function importDataKey(bytes: Uint8Array): DataKey {
  if (bytes.length !== DATA_KEY_LENGTH) {
    throw new SecretsError(
      'BAD_CIPHERTEXT',
      `the data key is ${bytes.length} bytes long instead of ${DATA_KEY_LENGTH}`,
    );
  }
  return createSecretKey(bytes);
}

/** A decrypted leaf with the IV it was encrypted under; `null` for an empty text, which is never encrypted. */
export interface Decrypted {
  readonly value: Scalar | Comment;
  readonly iv: Uint8Array | null;
}

/**
 * Encrypts one leaf to `ENC[AES256_GCM,…]` (`aes/cipher.go`, Encrypt). Empty text stays the empty string.
 *
 * @param aad - the key path joined as {@link aadOf} does; for the MAC, `lastmodified`
 * @param iv - 32 bytes, never used before with this key for another text
 */
export function encryptValue(value: Scalar | Comment, aad: string, key: DataKey, iv: Uint8Array): string {
  const plain = plainBytes(value);
  if (plain.length === 0) return '';
  if (iv.length !== IV_LENGTH) throw new SecretsError('INTERNAL', `an IV of ${iv.length} bytes was given`);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_LENGTH });
  cipher.setAAD(Buffer.from(aad, 'utf8'));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  const tag = cipher.getAuthTag().toString('base64');
  return `${PREFIX}data:${data},iv:${Buffer.from(iv).toString('base64')},tag:${tag},type:${typeTag(value)}]`;
}

/**
 * Decrypts one leaf (`aes/cipher.go`, Decrypt). Stricter than Go: base64 must be canonical, so that a value
 * has one spelling.
 *
 * @throws SecretsError `BAD_CIPHERTEXT`: it is no ciphertext, was changed, or holds what its type cannot be
 */
export function decryptValue(text: string, aad: string, key: DataKey): Decrypted {
  if (text === '') return { value: '', iv: null };
  const parts = parseEncrypted(text);
  if (parts === null)
    throw new SecretsError('BAD_CIPHERTEXT', 'it is not a well-formed ENC[AES256_GCM,…] value');
  const bytes = openGcm(parts, aad, key);
  if (bytes === null)
    throw new SecretsError('BAD_CIPHERTEXT', 'it does not authenticate: it was changed or moved');
  const value = parsePlainBytes(parts.type, bytes);
  if (value === null) throw new SecretsError('BAD_CIPHERTEXT', 'its type tag does not fit what is encrypted');
  return { value, iv: parts.iv };
}

/** The additional data of a leaf: the keys from the root down, each followed by a colon (`sops.go`, Encrypt). */
export function aadOf(path: readonly string[]): string {
  return `${path.join(':')}:`;
}

function openGcm({ data, iv, tag }: EncryptedParts, aad: string, key: DataKey): Buffer | null {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(Buffer.from(aad, 'utf8'));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    return null;
  }
}
