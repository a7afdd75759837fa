import {
  createECDH,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { encodeBech32 } from '../../../src/age/bech32.ts';
import type { Chance } from './chance.ts';

/** DER in front of a raw secret (RFC 8410). */
const ED25519_DER = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface Ed25519 {
  readonly key: KeyObject;
  readonly seed: Buffer;
  readonly publicKey: Buffer;
}

export function ed25519(chance: Chance): Ed25519 {
  const seed = Buffer.from(chance.bytes(32));
  const key = createPrivateKey({ key: Buffer.concat([ED25519_DER, seed]), format: 'der', type: 'pkcs8' });
  return { key, seed, publicKey: Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url') };
}

export function p256(chance: Chance): KeyObject {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(Buffer.from([1, ...chance.bytes(31)]));
  const point = pair.getPublicKey();
  const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url');
  const jwk: JsonWebKey = {
    kty: 'EC',
    crv: 'P-256',
    x: coordinate(1),
    y: coordinate(33),
    d: pair.getPrivateKey('base64url'),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

let sharedRsa: KeyObject | null = null;

/** One for the whole process: they take long to find, and no seed can be given. */
export function rsa(): KeyObject {
  sharedRsa ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return sharedRsa;
}

/** PEM with 64 columns, without a newline at the end. */
export function pem(label: string, der: Uint8Array, headers: readonly string[] = []): string {
  const body =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const head = headers.length === 0 ? [] : [...headers, ''];
  return [`-----BEGIN ${label}-----`, ...head, ...body, `-----END ${label}-----`].join('\n');
}

/** What OpenSSH writes, 70 columns. */
function openSsh(blob: Uint8Array): string {
  const body =
    Buffer.from(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  const label = 'OPENSSH PRIVATE KEY';
  return [`-----BEGIN ${label}-----`, ...body, `-----END ${label}-----`].join('\n');
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const field = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
};
const mpint = (base64url: string | undefined): Buffer => {
  const bytes = Buffer.from(base64url ?? '', 'base64url');
  return field((bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
};

/** The public and the private fields of a key in OpenSSH's own encoding. */
interface SshFields {
  readonly type: string;
  readonly public: Buffer;
  readonly private: Buffer;
}

function sshFields(key: KeyObject): SshFields {
  const { kty, x, y, d, n, e, p, q, qi } = key.export({ format: 'jwk' });
  if (kty === 'OKP') {
    const point = Buffer.from(x ?? '', 'base64url');
    const secret = Buffer.concat([Buffer.from(d ?? '', 'base64url'), point]);
    return {
      type: 'ssh-ed25519',
      public: field(point),
      private: Buffer.concat([field(point), field(secret)]),
    };
  }
  if (kty === 'EC') {
    const point = Buffer.concat([
      Buffer.from([4]),
      Buffer.from(x ?? '', 'base64url'),
      Buffer.from(y ?? '', 'base64url'),
    ]);
    const open = Buffer.concat([field('nistp256'), field(point)]);
    return { type: 'ecdsa-sha2-nistp256', public: open, private: Buffer.concat([open, mpint(d)]) };
  }
  const open = Buffer.concat([mpint(e), mpint(n)]);
  const secret = Buffer.concat([mpint(n), mpint(e), mpint(d), mpint(qi), mpint(p), mpint(q)]);
  return { type: 'ssh-rsa', public: open, private: secret };
}

/** One line of `authorized_keys`. */
export function sshPublic(key: KeyObject, comment: string): string {
  const { type, public: fields } = sshFields(key);
  return `${type} ${Buffer.concat([field(type), fields]).toString('base64')} ${comment}`;
}

/** An `openssh-key-v1` container; with a passphrase its inner part is only noise of the right length. */
export function sshPrivate(key: KeyObject, chance: Chance, encrypted = false): string {
  const { type, public: open, private: secret } = sshFields(key);
  const check = Buffer.from(chance.bytes(4));
  const inner = Buffer.concat([check, check, field(type), secret, field('me@desk')]);
  const block = encrypted ? 16 : 8;
  const padding = Buffer.from(
    Array.from({ length: (block - (inner.length % block)) % block }, (_, i) => i + 1),
  );
  const body = Buffer.concat([inner, padding]);
  const salted = Buffer.concat([field(Buffer.from(chance.bytes(16))), uint32(16)]);
  return openSsh(
    Buffer.concat([
      Buffer.from('openssh-key-v1\0'),
      field(encrypted ? 'aes256-ctr' : 'none'),
      field(encrypted ? 'bcrypt' : 'none'),
      field(encrypted ? salted : ''),
      uint32(1),
      field(Buffer.concat([field(type), open])),
      field(encrypted ? Buffer.from(chance.bytes(body.length)) : body),
    ]),
  );
}

/** A `.ppk` file of PuTTY. */
export function putty(chance: Chance, version: 2 | 3): string {
  const { key, seed } = ed25519(chance);
  const { type, public: open } = sshFields(key);
  const lines =
    Buffer.concat([field(type), open])
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [
    `PuTTY-User-Key-File-${version}: ssh-ed25519`,
    'Encryption: none',
    'Comment: desk',
    `Public-Lines: ${lines.length}`,
    ...lines,
    'Private-Lines: 1',
    field(seed).toString('base64'),
    `Private-MAC: ${chance.hex(version === 2 ? 40 : 64)}`,
  ].join('\n');
}

/** Bech32 in capitals, as age writes its identities. */
export function ageIdentity(chance: Chance, prefix = 'AGE-SECRET-KEY-', bytes = 32): string {
  return encodeBech32(prefix.toLowerCase(), chance.bytes(bytes)).toUpperCase();
}

/** A recipient of the right form that nobody can open files of. */
export function ageRecipient(chance: Chance, prefix = 'age', bytes = 32): string {
  return encodeBech32(prefix, chance.bytes(bytes));
}

/** A clamped X25519 secret, or any public key: both are 32 bytes in base64. */
export function wireguardKey(chance: Chance): string {
  const bytes = chance.bytes(32);
  bytes[0] = (bytes[0] ?? 0) & 248;
  bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
  return Buffer.from(bytes).toString('base64');
}

/** `NAME:BASE64`, seed and public key, as `nix key generate-secret` prints it. */
export function nixSigningKey(chance: Chance, name: string): string {
  const { seed, publicKey } = ed25519(chance);
  return `${name}:${Buffer.concat([seed, publicKey]).toString('base64')}`;
}

export function nixPublicKey(chance: Chance, name: string): string {
  return `${name}:${ed25519(chance).publicKey.toString('base64')}`;
}

/** An armored block of OpenPGP with the checksum that it ends with. */
export function pgpArmor(label: string, packets: Uint8Array): string {
  const body =
    Buffer.from(packets)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const sum = crc24(packets);
  const check = Buffer.from([sum >> 16, (sum >> 8) & 255, sum & 255]).toString('base64');
  return [`-----BEGIN PGP ${label}-----`, '', ...body, `=${check}`, `-----END PGP ${label}-----`].join('\n');
}

function crc24(bytes: Uint8Array): number {
  let sum = 0xb704ce;
  for (const byte of bytes) {
    sum ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      sum <<= 1;
      if ((sum & 0x1000000) !== 0) sum ^= 0x1864cfb;
    }
  }
  return sum & 0xffffff;
}

const packet = (tag: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0x80 | (tag << 2) | 1, body.length >> 8, body.length & 255]), body]);

/** A key of EdDSA (RFC 4880 with draft-koch), its name, and a signature that is only noise. */
export function pgpKey(chance: Chance, part: 'PRIVATE' | 'PUBLIC'): string {
  const { seed, publicKey } = ed25519(chance);
  const point = Buffer.concat([Buffer.from([1, 7, 0x40]), publicKey]);
  const open = Buffer.concat([
    Buffer.from([4, 0x65, ...chance.bytes(3), 22, 9]),
    Buffer.from('2b06010401da470f01', 'hex'),
    point,
  ]);
  const mpi = Buffer.concat([Buffer.from([1, 0]), seed]);
  const sum = mpi.reduce((total, byte) => total + byte, 0) & 0xffff;
  const secret = Buffer.concat([open, Buffer.from([0]), mpi, Buffer.from([sum >> 8, sum & 255])]);
  const packets = Buffer.concat([
    part === 'PRIVATE' ? packet(5, secret) : packet(6, open),
    packet(13, Buffer.from(`${chance.word()} <me@example.org>`)),
    packet(2, Buffer.from([4, 0x13, 22, 8, ...chance.bytes(140)])),
  ]);
  return pgpArmor(`${part} KEY BLOCK`, packets);
}

/** DER of integers in a sequence, as the old private keys of DSA are. */
export function derIntegers(chance: Chance, lengths: readonly number[]): Buffer {
  const long = (length: number) => Buffer.from([0x82, length >> 8, length & 255]);
  const integers = lengths.map(length =>
    Buffer.concat([Buffer.from([2]), long(length), Buffer.from([1, ...chance.bytes(length - 1)])]),
  );
  const body = Buffer.concat([Buffer.from([2, 1, 0]), ...integers]);
  return Buffer.concat([Buffer.from([0x30]), long(body.length), body]);
}

/** A certificate in all but its signature: no private part. */
export function certificateLike(chance: Chance): string {
  const head = Buffer.from('3082037d30820265a003020102', 'hex');
  return pem('CERTIFICATE', Buffer.concat([head, Buffer.from(chance.bytes(700))]));
}
