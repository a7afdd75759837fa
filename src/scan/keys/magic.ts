import { Buffer } from 'node:buffer';
import type { ScanRule } from '../model.ts';
import { derKeyOf } from './der.ts';

const OPENSSH = Buffer.from('openssh-key-v1\0', 'latin1');
const STORES = [
  [0xfe, 0xed, 0xfe, 0xed],
  [0xce, 0xce, 0xce, 0xce],
  [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5],
  [0x03, 0xd9, 0xa2, 0x9a, 0x65, 0xfb, 0x4b, 0xb5],
];

function begins(bytes: Uint8Array, magic: ArrayLike<number>): boolean {
  return Array.from(magic).every((byte, i) => bytes[i] === byte);
}

/** PKCS #12 by its structure; Java and KeePass by their first bytes, and more than those. */
function isKeyStore(bytes: Uint8Array): boolean {
  if (derKeyOf(bytes) === 'key store') return true;
  return bytes.length >= 32 && STORES.some(magic => begins(bytes, magic));
}

function isPrivateKey(bytes: Uint8Array): boolean {
  return (bytes.length > 60 && begins(bytes, OPENSSH)) || derKeyOf(bytes) === 'private key';
}

/** RFC 9580: packet 5 (secret key) or 7 (secret subkey), version 4 or 6, a known algorithm. */
function isPgpSecretKey(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  if ((first & 0x80) === 0 || bytes.length < 60) return false;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0x0f;
  if (tag !== 5) return false;
  const at = 1 + lengthBytes(bytes, first, isNew);
  const version = bytes[at];
  const algorithm = bytes[at + 5] ?? 0;
  return (
    (version === 4 || version === 6) && [1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28].includes(algorithm)
  );
}

function lengthBytes(bytes: Uint8Array, first: number, isNew: boolean): number {
  if (!isNew) return [1, 2, 4, 0][first & 3] ?? 0;
  const second = bytes[1] ?? 0;
  if (second < 192) return 1;
  return second === 255 ? 5 : 2;
}

const WHY = 'whoever reads it can act as its owner';
const REVOKE = 'make a new key and take the old one from wherever it is trusted';
const nothing = () => [];

/** Rules for keys that are no text: whole files, or what base64 stands for. */
export const MAGIC_RULES: readonly ScanRule[] = [
  {
    id: 'private-key-der',
    title: 'a private key in binary form',
    keywords: [],
    find: nothing,
    inBytes: isPrivateKey,
    why: WHY,
    revoke: REVOKE,
  },
  {
    id: 'key-store',
    title: 'a store of keys or passwords (PKCS #12, Java, KeePass)',
    keywords: [],
    find: nothing,
    inBytes: isKeyStore,
    why: 'whoever has it can guess its password for as long as they like',
    revoke: REVOKE,
  },
  {
    id: 'pgp-secret-key-binary',
    title: 'a PGP secret key in binary form',
    keywords: [],
    find: nothing,
    inBytes: isPgpSecretKey,
    why: WHY,
    revoke: 'publish its revocation certificate and make a new key',
  },
  {
    id: 'nix-signing-key',
    title: 'a signing key for Nix store paths',
    keywords: [],
    find: nothing,
    inBytes: isNixSigningKey,
    why: 'whoever reads it can sign store paths that every machine trusting it installs',
    revoke:
      'make a new key with nix key generate-secret and take the old public one from trusted-public-keys',
  },
];

/**
 * `name:` and 64 bytes in base64; a public key has 32. A signature has 64 too, but stands behind `Sig:`, in a list or
 * in a line that says so, and a checksum says so in the place of the name.
 */
function isNixSigningKey(bytes: Uint8Array, before: string): boolean {
  if (bytes.length !== 64) return false;
  const name = /([A-Za-z0-9][A-Za-z0-9._-]{0,79}):$/.exec(before)?.[1];
  if (SIGNATURE.test(before)) return false;
  return (
    name !== undefined &&
    !/^(?:sha-?512|sha3?-512|blake2b|integrity|hash|digest|checksum|ed25519-v3)$/i.test(name)
  );
}

const SIGNATURE =
  /sig(?:nature)?s?["']?\s{0,4}[:=][^=]{0,100}$|==["']?[\s,]{1,4}["']?[A-Za-z0-9._-]{1,80}:$|\b(?:signatures?|narinfo)\b[^\n]{0,100}$/i;
