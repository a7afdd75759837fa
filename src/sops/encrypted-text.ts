/** How every encrypted value begins (`aes/cipher.go`). */
export const PREFIX = 'ENC[AES256_GCM,';
/** In bytes. */
export const TAG_LENGTH = 16;

/** True for one well-formed `ENC[AES256_GCM,…]` and nothing behind it. Says nothing about the key. */
export function isEncryptedValue(text: string): boolean {
  return text.endsWith(']') && !text.includes('\n') && parseEncrypted(text) !== null;
}

/** What stands between the brackets. */
export interface EncryptedParts {
  readonly data: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly type: string;
}

/**
 * Takes a value apart without backtracking. What stands behind the last `]` of the line is ignored, as Go's
 * pattern does; a comma or bracket inside a part fails its base64.
 *
 * @returns `null` for what is no encrypted value
 */
export function parseEncrypted(text: string): EncryptedParts | null {
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
