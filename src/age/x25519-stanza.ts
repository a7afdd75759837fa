import { decodeBase64Unpadded, encodeBase64Unpadded } from './base64.ts';
import { openFileKey, sealFileKey } from './file-key.ts';
import type { Stanza } from './header.ts';
import { malformed } from './malformed.ts';
import { newEphemeral, publicKeyOf, sharedSecret, X25519_BYTES } from './x25519.ts';

const TYPE = 'X25519';
const LABEL = 'age-encryption.org/v1/X25519';

/** The stanza of a native recipient (`age1…`), or `null` for a public key of low order. */
export function wrapForX25519(fileKey: Uint8Array, recipient: Uint8Array): Stanza | null {
  const ephemeral = newEphemeral();
  const shared = ephemeral.agree(recipient);
  if (shared === null) return null;
  const body = sealFileKey(fileKey, { shared, ephemeral: ephemeral.publicKey, recipient, label: LABEL });
  return { args: [TYPE, encodeBase64Unpadded(ephemeral.publicKey)], body };
}

/**
 * The file key, if this stanza is for the secret; `null` if it is for someone else.
 *
 * @throws SecretsError `BAD_METADATA` for an X25519 stanza that breaks the rules
 */
export function unwrapX25519(stanza: Stanza, secret: Uint8Array): Uint8Array | null {
  const [type, share, ...others] = stanza.args;
  if (type !== TYPE) return null;
  const ephemeral = others.length === 0 ? decodeShare(share) : null;
  if (ephemeral === null) throw malformed('an X25519 recipient has wrong arguments');
  const shared = sharedSecret(secret, ephemeral);
  if (shared === null) throw malformed('an X25519 recipient has a share of low order');
  return openFileKey(stanza.body, { shared, ephemeral, recipient: publicKeyOf(secret), label: LABEL });
}

/** The public half of a key agreement as a stanza has it; `null` unless it is 32 bytes in canonical base64. */
export function decodeShare(text: string | undefined): Uint8Array | null {
  const bytes = text === undefined ? null : decodeBase64Unpadded(text);
  return bytes?.length === X25519_BYTES ? bytes : null;
}
