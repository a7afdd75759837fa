import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

/** Length of a secret, a public key and a shared secret. */
export const X25519_BYTES = 32;

/** DER around the 32 bytes (RFC 8410): the only forms in which node takes a raw key on every version we run on. */
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex');
const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** One half of a key agreement that is used once. */
export interface Ephemeral {
  readonly publicKey: Uint8Array;
  /** As {@link sharedSecret}. */
  agree(peer: Uint8Array): Uint8Array | null;
}

/** A fresh key pair. */
export function newEphemeral(): Ephemeral {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { publicKey: rawPublicKey(publicKey), agree: peer => agree(privateKey, peer) };
}

/** The public key of a secret of 32 bytes; clamping happens in here, as RFC 7748 has it. */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  return imported(secret).publicKey;
}

/**
 * X25519 of a secret and a public key, both of 32 bytes.
 *
 * @returns `null` for a point of low order, whose result would be zero whatever the secret is
 */
export function sharedSecret(secret: Uint8Array, peer: Uint8Array): Uint8Array | null {
  return agree(imported(secret).privateKey, peer);
}

/** True for a public key that gives the same result with every secret, and so protects nothing. */
export function isLowOrder(publicKey: Uint8Array): boolean {
  return newEphemeral().agree(publicKey) === null;
}

interface Imported {
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
}

/** Importing takes longer than all the rest of opening a file, and one identity opens many. */
const IMPORTED = new WeakMap<Uint8Array, Imported>();

/** A secret is never changed in place after its first use. */
function imported(secret: Uint8Array): Imported {
  const present = IMPORTED.get(secret);
  if (present !== undefined) return present;
  const key = Buffer.concat([PRIVATE_DER, secret]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const made = { privateKey, publicKey: rawPublicKey(createPublicKey(privateKey)) };
  IMPORTED.set(secret, made);
  return made;
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length));
}

function agree(privateKey: KeyObject, peer: Uint8Array): Uint8Array | null {
  const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_DER, peer]), format: 'der', type: 'spki' });
  try {
    const shared = new Uint8Array(diffieHellman({ privateKey, publicKey }));
    // OpenSSL refuses such a point by itself; other implementations of this interface return the zeros.
    return shared.every(byte => byte === 0) ? null : shared;
  } catch {
    return null;
  }
}
