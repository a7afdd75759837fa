import { constants, createHash, createPublicKey, hkdfSync, publicEncrypt } from 'node:crypto';
import { encodeBase64Unpadded } from './base64.ts';
import { ed25519PublicKey } from './edwards.ts';
import { openFileKey, sealFileKey } from './file-key.ts';
import type { Stanza } from './header.ts';
import { malformed } from './malformed.ts';
import { ed25519AsX25519, rsaNumbers } from './ssh-key-data.ts';
import type { SshPublicKey } from './ssh-public-key.ts';
import { sshStrings } from './ssh-wire.ts';
import { newEphemeral, publicKeyOf, sharedSecret } from './x25519.ts';
import { decodeShare } from './x25519-stanza.ts';

const ED25519 = 'ssh-ed25519';
const ED25519_LABEL = 'age-encryption.org/v1/ssh-ed25519';
const RSA = 'ssh-rsa';
const RSA_LABEL = 'age-encryption.org/v1/ssh-rsa';
const TAG_BYTES = 4;

/**
 * The stanza of a native ssh recipient, as `age -r 'ssh-ed25519 …'` writes it. It is not what sops-nix opens
 * with a host key: that is the converted `age1…` recipient.
 *
 * @throws SecretsError `BAD_KEY`
 */
export function wrapForSsh(fileKey: Uint8Array, key: SshPublicKey): Stanza {
  return key.type === RSA ? wrapForRsa(fileKey, key) : wrapForEd25519(fileKey, key);
}

function wrapForEd25519(fileKey: Uint8Array, key: SshPublicKey): Stanza {
  const recipient = ed25519AsX25519(key);
  const ephemeral = newEphemeral();
  const first = ephemeral.agree(recipient);
  const shared = first === null ? null : sharedSecret(tweakOf(key.blob), first);
  if (shared === null) throw malformed('the key agreement came to nothing');
  const body = sealFileKey(fileKey, {
    shared,
    ephemeral: ephemeral.publicKey,
    recipient,
    label: ED25519_LABEL,
  });
  return { args: [ED25519, tagOf(key.blob), encodeBase64Unpadded(ephemeral.publicKey)], body };
}

function wrapForRsa(fileKey: Uint8Array, key: SshPublicKey): Stanza {
  const { exponent, modulus } = rsaNumbers(key);
  const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const publicKey = createPublicKey({
    key: { kty: 'RSA', e: url(exponent), n: url(modulus) },
    format: 'jwk',
  });
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const oaepLabel = Buffer.from(RSA_LABEL);
  const body = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256', oaepLabel }, fileKey);
  return { args: [RSA, tagOf(key.blob)], body: new Uint8Array(body) };
}

/**
 * The file key, if this stanza is for the ed25519 key of the seed; `null` if it is for someone else.
 *
 * @throws SecretsError `BAD_METADATA` for an ssh-ed25519 stanza that breaks the rules
 */
export function unwrapSshEd25519(stanza: Stanza, seed: Uint8Array): Uint8Array | null {
  const [type, tag, share, ...others] = stanza.args;
  if (type !== ED25519) return null;
  const ephemeral = others.length === 0 ? decodeShare(share) : null;
  if (ephemeral === null) throw malformed('an ssh-ed25519 recipient has wrong arguments');
  const blob = sshStrings(ED25519, ed25519PublicKey(seed));
  if (tag !== tagOf(blob)) return null;
  const secret = x25519SecretOf(seed);
  const first = sharedSecret(secret, ephemeral);
  const shared = first === null ? null : sharedSecret(tweakOf(blob), first);
  if (shared === null) throw malformed('an ssh-ed25519 recipient has a share of low order');
  return openFileKey(stanza.body, {
    shared,
    ephemeral,
    recipient: publicKeyOf(secret),
    label: ED25519_LABEL,
  });
}

/** The X25519 secret that belongs to an Ed25519 seed, not clamped, so that its text equals that of ssh-to-age. */
export function x25519SecretOf(seed: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(seed).digest().subarray(0, 32));
}

/** Binds the agreement to the ssh key, not only to its X25519 form. */
function tweakOf(blob: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', new Uint8Array(0), blob, ED25519_LABEL, 32));
}

/** Lets the owner of many keys find the right one. */
function tagOf(blob: Uint8Array): string {
  return encodeBase64Unpadded(createHash('sha256').update(blob).digest().subarray(0, TAG_BYTES));
}
