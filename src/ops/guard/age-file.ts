import { parseHeader } from '../../age/header.ts';
import { SecretsError } from '../../errors.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';

const AGE_ARMOR =
  /^\s*-----BEGIN AGE ENCRYPTED FILE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END AGE ENCRYPTED FILE-----\s*$/;
const AGE = /^age-encryption\.org\/v1\n-> \S/;
/** A nonce and a tag at least: random bytes, of which six in ten are no letters. */
const ENCRYPTED_END = 32;

/**
 * True for what age itself encrypted, as a whole, under a name that means no format of sops: nobody reads it, whether
 * a rule says so or not.
 */
export function isAgeFile(path: string, bytes: Uint8Array): boolean {
  if (formatOfPath(path) !== 'binary') return false;
  const start = Buffer.from(bytes.subarray(0, 60)).toString('latin1');
  const file = AGE.test(start) ? bytes : /^\s*-----BEGIN AGE /.test(start) ? fromArmor(bytes) : null;
  const payload = file === null ? null : payloadOf(file);
  if (payload === null || payload.length < ENCRYPTED_END) return false;
  return [payload.subarray(0, ENCRYPTED_END), payload.subarray(-ENCRYPTED_END)].every(
    part => part.filter(byte => byte < 0x20 || byte > 0x7e).length >= ENCRYPTED_END / 4,
  );
}

/** What stands behind the header of an age file, `null` where it has none. */
function payloadOf(file: Uint8Array): Uint8Array | null {
  try {
    return parseHeader(file).payload;
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

/** Of any length, which data keys have not; the base64 has to fill the armor. */
function fromArmor(bytes: Uint8Array): Uint8Array | null {
  const body = AGE_ARMOR.exec(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
  )?.[1];
  return body === undefined ? null : Buffer.from(body.replace(/\s/g, ''), 'base64');
}
