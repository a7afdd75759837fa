import { createPrivateKey } from 'node:crypto';
import { SecretsError } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { ed25519PublicKey } from './edwards.ts';
import { SshReader } from './ssh-wire.ts';

const MAGIC = 'openssh-key-v1\0';
const MAX_CHARACTERS = 64 * 1024;
const SEED_BYTES = 32;
const REMOVE_PASSPHRASE =
  'make a copy without a passphrase, where only you can read it: ssh-keygen -p -N "" -f COPY';

/**
 * The seed of an unencrypted ed25519 private key, in the form of OpenSSH or in PKCS #8.
 *
 * @returns 32 bytes
 * @throws SecretsError `BAD_IDENTITY` (no private key, another type, a passphrase, damaged); no error holds a
 * part of the key
 */
export function ed25519SeedOf(pem: string): Uint8Array {
  const { label, bytes } = decodePem(pem);
  if (label === 'OPENSSH PRIVATE KEY') return seedFromOpenSsh(bytes);
  if (label === 'PRIVATE KEY') return seedFromPkcs8(bytes);
  if (label === 'ENCRYPTED PRIVATE KEY' || /^(Proc-Type|DEK-Info):/m.test(pem)) throw passphrase();
  throw otherType(/^(RSA|EC|DSA) /.exec(label)?.[1]?.toLowerCase() ?? 'another type');
}

function decodePem(pem: string): { label: string; bytes: Uint8Array } {
  if (pem.length > MAX_CHARACTERS) throw bad('this is no ssh private key: it has more than 64 KiB');
  const lines = pem
    .trim()
    .split('\n')
    .map(line => line.trim());
  const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/.exec(lines[0] ?? '')?.[1];
  if (label === undefined)
    throw bad('this is no ssh private key', 'it begins with -----BEGIN OPENSSH PRIVATE KEY-----');
  if (!label.endsWith('PRIVATE KEY')) throw bad('this is no ssh private key, but another thing in PEM form');
  if (lines.at(-1) !== `-----END ${label}-----`)
    throw bad('the ssh private key is cut short: its last line is missing');
  const body = lines.slice(1, -1);
  if (body.some(line => line.includes(':'))) return { label, bytes: new Uint8Array(0) };
  const bytes = decodeBase64(body.join(''));
  if (bytes === null) throw bad('the ssh private key is damaged: its base64 is not well-formed');
  return { label, bytes };
}

/** PROTOCOL.key of OpenSSH. */
function seedFromOpenSsh(bytes: Uint8Array): Uint8Array {
  const reader = new SshReader(bytes);
  const magic = reader.bytes(MAGIC.length);
  if (magic === null || Buffer.from(magic).toString('latin1') !== MAGIC) throw damaged();
  const [cipher, kdf, options, count] = [reader.text(), reader.text(), reader.string(), reader.uint32()];
  const publicBlob = reader.string();
  const secret = reader.string();
  if (publicBlob === null || secret === null || options === null) throw damaged();
  const type = new SshReader(publicBlob).text();
  if (type !== 'ssh-ed25519') throw otherType(knownType(type));
  if (cipher !== 'none' || kdf !== 'none') throw passphrase();
  if (count !== 1 || options.length > 0 || reader.rest().length > 0) throw damaged();
  return seedFromSection(secret, publicBlob);
}

/** Two equal check numbers, the key, its comment, and padding that counts from 1. */
function seedFromSection(section: Uint8Array, publicBlob: Uint8Array): Uint8Array {
  const reader = new SshReader(section);
  const [check, again, type] = [reader.uint32(), reader.uint32(), reader.text()];
  const point = reader.string();
  const key = reader.string();
  const comment = reader.string();
  if (check === null || check !== again || type !== 'ssh-ed25519' || comment === null) throw damaged();
  if (point?.length !== 32 || key?.length !== 64 || !reader.rest().every((byte, i) => byte === i + 1))
    throw damaged();
  const seed = key.slice(0, SEED_BYTES);
  const derived = ed25519PublicKey(seed);
  const stored = [point, key.subarray(SEED_BYTES), publicBlob.subarray(-32)];
  if (!stored.every(copy => Buffer.from(copy).equals(derived))) throw damaged();
  return seed;
}

function seedFromPkcs8(bytes: Uint8Array): Uint8Array {
  let type: string | undefined;
  try {
    const key = createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' });
    type = key.asymmetricKeyType;
    const seed = type === 'ed25519' ? key.export({ format: 'jwk' }).d : undefined;
    if (seed !== undefined) return new Uint8Array(Buffer.from(seed, 'base64url'));
  } catch {
    // What OpenSSL says may quote the input, so that nothing of it is passed on.
    throw damaged();
  }
  throw otherType(type ?? 'another type');
}

/** A type from a file is shown only if it is one of the names that OpenSSH has. */
function knownType(type: string | null): string {
  return /^(?:ssh-(?:rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/.test(
    type ?? '',
  )
    ? (type ?? '')
    : 'another type';
}

function bad(message: string, hint?: string): SecretsError {
  return new SecretsError('BAD_IDENTITY', message, { hint });
}

function damaged(): SecretsError {
  return bad('the ssh private key is damaged');
}

function passphrase(): SecretsError {
  return bad('the ssh private key is protected by a passphrase', REMOVE_PASSPHRASE);
}

function otherType(type: string): SecretsError {
  return bad(
    `the ssh private key is of type ${type}, only ed25519 can be used`,
    'ssh-keygen -t ed25519 makes one',
  );
}
