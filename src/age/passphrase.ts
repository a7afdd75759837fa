/** Files that a passphrase opens, in the form of `age --passphrase --armor`. */

import { SecretsError } from '../errors.ts';
import { Redacted } from '../redacted.ts';
import { decodeArmor, encodeArmor } from './armor.ts';
import { parseHeader } from './header.ts';

/** What age itself takes: about a second on a machine of today. */
const WORK_FACTOR = 18;
/** More would keep the machine busy, and fill its memory, for whoever made the file. */
const LARGEST_WORK_FACTOR = 22;
const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';

/**
 * Encrypts with a passphrase.
 *
 * @param workFactor the logarithm of the cost; left out: that of age
 * @returns a whole age file, armored, with a final newline
 */
export async function encryptWithPassphrase(
  content: Uint8Array,
  passphrase: Redacted<string>,
  workFactor = WORK_FACTOR,
): Promise<string> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.reveal());
  encrypter.setScryptWorkFactor(workFactor);
  return encodeArmor(await encrypter.encrypt(content));
}

/**
 * Decrypts what a passphrase protects.
 *
 * @param file armored or not
 * @returns `null` where the passphrase is another one, or the content was changed: they look the same
 * @throws SecretsError `BAD_IDENTITY` where this is no age file, or no passphrase opens it
 */
export async function decryptWithPassphrase(
  file: Uint8Array,
  passphrase: Redacted<string>,
): Promise<Redacted<Uint8Array> | null> {
  const bytes = passphraseFileOf(file);
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase.reveal());
  try {
    return new Redacted(await decrypter.decrypt(bytes));
  } catch {
    return null;
  }
}

/** True for the beginning of an age file, armored or not. */
export function looksLikeAgeFile(file: Uint8Array): boolean {
  const start = Buffer.from(file.subarray(0, ARMOR.length)).toString('latin1');
  return start === ARMOR || start.startsWith('age-encryption.org/');
}

/** The file without its armor, after a look at what opens it. */
function passphraseFileOf(file: Uint8Array): Uint8Array {
  const bytes = withoutArmor(file);
  const { stanzas } = readHeader(bytes);
  const [stanza] = stanzas;
  if (stanza?.args[0] !== 'scrypt') throw bad('it is encrypted to keys, not with a passphrase');
  const workFactor = stanza.args[2] ?? '';
  if (!/^[1-9][0-9]?$/.test(workFactor) || Number(workFactor) > LARGEST_WORK_FACTOR) {
    throw bad('trying a passphrase would take too long: its work factor is too high');
  }
  return bytes;
}

function withoutArmor(file: Uint8Array): Uint8Array {
  if (!Buffer.from(file.subarray(0, 5)).toString('latin1').startsWith('-')) return file;
  try {
    return decodeArmor(Buffer.from(file).toString('latin1'));
  } catch {
    throw bad('it is no well-formed age file');
  }
}

function readHeader(bytes: Uint8Array): ReturnType<typeof parseHeader> {
  try {
    return parseHeader(bytes);
  } catch {
    throw bad('it is no well-formed age file');
  }
}

function bad(message: string): SecretsError {
  return new SecretsError('BAD_IDENTITY', message);
}
