/** The kinds of keys that are left to the `age-encryption` library, which is loaded on first use. */

import { SecretsError } from '../errors.ts';
import { Redacted } from '../redacted.ts';
import type { Header } from './header.ts';
import { type GeneratedIdentity, hybridText, type Identity } from './identity.ts';
import { malformed } from './malformed.ts';

const SEED_BYTES = 32;

/**
 * Encrypts to a hybrid or tag recipient.
 *
 * @returns a whole age file, not armored
 * @throws SecretsError `BAD_KEY` where the key is no point of its curve
 */
export async function encryptWithLibrary(content: Uint8Array, recipient: string): Promise<Uint8Array> {
  const { Encrypter } = await import('age-encryption');
  try {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return await encrypter.encrypt(content);
  } catch {
    throw new SecretsError('BAD_KEY', 'the age public key is malformed: nothing can be encrypted to it');
  }
}

/**
 * The file key, `null` where the header has no stanza for this identity.
 *
 * @throws SecretsError `BAD_METADATA`
 */
export async function unwrapHybrid(header: Header, identity: Identity): Promise<Uint8Array | null> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addIdentity(hybridText(identity));
  // Asked only after the identity before it said that the file is for someone else: the library tells that
  // apart from a broken stanza by the text of an error alone.
  let isForSomeoneElse = false;
  decrypter.addIdentity({
    unwrapFileKey: () => {
      isForSomeoneElse = true;
      return null;
    },
  });
  try {
    return await decrypter.decryptHeader(header.bytes);
  } catch {
    if (isForSomeoneElse) return null;
    throw malformed('its post-quantum recipient is not well-formed');
  }
}

/** The public half of a hybrid identity. */
export async function hybridRecipientOf(identity: Identity): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  return identityToRecipient(hybridText(identity));
}

/**
 * Makes a hybrid key pair: ML-KEM-768 with X25519, both from one seed.
 *
 * @param random gives that many bytes from a cryptographic source
 */
export async function generateHybrid(random: (bytes: number) => Uint8Array): Promise<GeneratedIdentity> {
  const seed = Uint8Array.from(random(SEED_BYTES));
  if (seed.length !== SEED_BYTES) throw new SecretsError('INTERNAL', 'the random source gave too few bytes');
  const identity: Identity = { kind: 'hybrid', recipient: null, secret: new Redacted(seed) };
  return { identity: new Redacted(hybridText(identity)), recipient: await hybridRecipientOf(identity) };
}
