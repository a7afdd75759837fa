import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { SecretsError } from '../errors.ts';
import { parsePlainBytes, plainBytes, typeTag } from './plaintext.ts';
import type { Comment, Scalar } from './tree.ts';

/** Length of a data key and of every IV that we make, in bytes. */
const DATA_KEY_LENGTH = 32;
export const IV_LENGTH = 32;
const TAG_LENGTH = 16;
const ALGORITHM = 'aes-256-gcm';
const PREFIX = 'ENC[AES256_GCM,';

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

/** True for one well-formed `ENC[AES256_GCM,…]` and nothing behind it. Says nothing about the key. */
export function isEncryptedValue(text: string): boolean {
  return text.endsWith(']') && !text.includes('\n') && parseEncrypted(text) !== null;
}

/** The additional data of a leaf: the keys from the root down, each followed by a colon (`sops.go`, Encrypt). */
export function aadOf(path: readonly string[]): string {
  return `${path.join(':')}:`;
}

interface Parts {
  readonly data: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly type: string;
}

/**
 * Takes a value apart without backtracking. What stands behind the last `]` of the line is ignored, as Go's
 * pattern does; a comma or bracket inside a part fails its base64.
 */
function parseEncrypted(text: string): Parts | null {
  if (!text.startsWith(PREFIX)) return null;
  const [line = ''] = text.split('\n', 1);
  const end = line.lastIndexOf(']');
  if (end < 0) return null;
  const fields = line.slice(PREFIX.length, end).split(',', 4);
  const data = decodeField(fields[0], 'data:');
  const iv = decodeField(fields[1], 'iv:');
  const tag = decodeField(fields[2], 'tag:');
  const type = fields[3];
  if (data === null || iv === null || tag?.length !== TAG_LENGTH || type === undefined) return null;
  if (!/^type:[a-z]+$/.test(type)) return null;
  return { data, iv, tag, type: type.slice('type:'.length) };
}

function decodeField(field: string | undefined, name: string): Buffer | null {
  if (field === undefined || !field.startsWith(name)) return null;
  const text = field.slice(name.length);
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}

function openGcm({ data, iv, tag }: Parts, aad: string, key: DataKey): Buffer | null {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(Buffer.from(aad, 'utf8'));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    return null;
  }
}
