import { createHash } from 'node:crypto';
import { Redacted } from '../redacted.ts';
import { encodeBase64, encodeBase64Unpadded } from './base64.ts';
import { encodeBech32 } from './bech32.ts';
import { ed25519PublicKey } from './edwards.ts';
import type { Identity } from './identity.ts';
import { ed25519SeedOf } from './openssh-private-key.ts';
import { ed25519AsX25519 } from './ssh-key-data.ts';
import { badKey, parseSshPublicKey } from './ssh-public-key.ts';
import { x25519SecretOf } from './ssh-stanza.ts';
import { sshStrings } from './ssh-wire.ts';
import { publicKeyOf } from './x25519.ts';

/**
 * The age recipient of an ssh key, as ssh-to-age prints it and sops-nix decrypts with (`sops.age.sshKeyPaths`).
 *
 * @param line of a `.pub` file, of ssh-keyscan, known_hosts or authorized_keys; `#` lines around it are skipped
 * @returns `age1…`
 * @throws SecretsError `BAD_KEY`: not ed25519 (the type is named), malformed, revoked, a certificate authority
 */
export function sshPublicKeyToRecipient(line: string): string {
  const key = parseSshPublicKey(line);
  if (key.type !== 'ssh-ed25519') {
    throw badKey(
      `this is an ssh key of type ${key.type}, only ssh-ed25519 can be converted`,
      'take the ed25519 key: /etc/ssh/ssh_host_ed25519_key.pub',
    );
  }
  if (key.marker === '@revoked') throw badKey('this ssh key is marked as revoked');
  if (key.marker !== null)
    throw badKey('this ssh key is that of a certificate authority, not of a machine or person');
  return encodeBech32('age', ed25519AsX25519(key));
}

/**
 * The fingerprint of an ssh public key of any type, as `ssh-keygen -l` prints it.
 *
 * @param line as {@link sshPublicKeyToRecipient} takes it
 * @returns `SHA256:…`
 * @throws SecretsError `BAD_KEY`
 */
export function sshFingerprint(line: string): string {
  const { type, blob } = parseSshPublicKey(line);
  if (type.includes('-cert-')) throw badKey('this is an ssh certificate, not a key');
  return `SHA256:${encodeBase64Unpadded(createHash('sha256').update(blob).digest())}`;
}

/** An ssh private key as age sees it after the conversion of ssh-to-age. */
export interface ConvertedKey {
  /** `AGE-SECRET-KEY-1…` */
  readonly identity: Redacted<string>;
  /** `age1…` */
  readonly recipient: string;
}

/**
 * Converts an ed25519 private key exactly as `ssh-to-age -private-key` does.
 *
 * @param pem the file, without a passphrase
 * @throws SecretsError `BAD_IDENTITY`, never with a part of the key
 */
export function sshPrivateKeyToIdentity(pem: string): ConvertedKey {
  const secret = x25519SecretOf(ed25519SeedOf(pem));
  const identity = new Redacted(encodeBech32('age-secret-key-', secret).toUpperCase());
  return { identity, recipient: encodeBech32('age', publicKeyOf(secret)) };
}

/**
 * An identity for files that are encrypted to the ssh key itself (`ssh-ed25519 AAAA…` as recipient).
 *
 * @param pem as {@link sshPrivateKeyToIdentity} takes it
 * @throws SecretsError `BAD_IDENTITY`, never with a part of the key
 */
export function parseSshIdentity(pem: string): Identity {
  const seed = ed25519SeedOf(pem);
  const blob = sshStrings('ssh-ed25519', ed25519PublicKey(seed));
  return { kind: 'ssh-ed25519', recipient: `ssh-ed25519 ${encodeBase64(blob)}`, secret: new Redacted(seed) };
}
