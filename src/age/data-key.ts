import { randomBytes } from 'node:crypto';
import { SecretsError } from '../errors.ts';
import { decodeArmor, encodeArmor } from './armor.ts';
import { FILE_KEY_BYTES } from './file-key.ts';
import { formatHeader, type Header, parseHeader, type Stanza, verifyHeader } from './header.ts';
import { type Identity, identityText } from './identity.ts';
import { tampered } from './malformed.ts';
import { openPayload, sealPayload } from './payload.ts';
import { type AgePlugins, pluginOfRecipient } from './plugin.ts';
import { parseRecipient, type Recipient, x25519KeyOf } from './recipient.ts';
import { parseSshPublicKey } from './ssh-public-key.ts';
import { unwrapSshEd25519, wrapForSsh } from './ssh-stanza.ts';
import { unwrapX25519, wrapForX25519 } from './x25519-stanza.ts';

/** A data key of sops, or a share of one (Shamir), which has a byte more. */
const DATA_KEY_BYTES = [32, 33];
const HYBRID_STANZA = 'mlkem768x25519';

/**
 * Encrypts a data key to one recipient: what sops stores as `enc` of an age entry.
 *
 * @param dataKey 32 bytes, or 33 for a share
 * @returns a whole age file, armored, with a final newline
 * @param plugins what runs plugins; left out: there are none
 * @throws SecretsError `BAD_KEY`, and what a plugin throws
 */
export async function wrapDataKey(
  dataKey: Uint8Array,
  recipient: string,
  plugins?: AgePlugins,
): Promise<string> {
  if (!DATA_KEY_BYTES.includes(dataKey.length)) {
    throw new SecretsError('INTERNAL', `a data key has 32 bytes, not ${dataKey.length}`);
  }
  const parsed = parseRecipient(recipient);
  if (parsed.kind === 'hybrid' || parsed.kind === 'tag') {
    const { encryptWithLibrary } = await import('./post-quantum.ts');
    return encodeArmor(await encryptWithLibrary(dataKey, parsed.text));
  }
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const stanzas =
    parsed.kind === 'plugin'
      ? await pluginsOr(plugins, parsed.text).wrap(parsed.text, fileKey)
      : [stanzaFor(fileKey, parsed)];
  const header = formatHeader(stanzas, fileKey);
  return encodeArmor(Buffer.concat([header, sealPayload(dataKey, fileKey)]));
}

function stanzaFor(fileKey: Uint8Array, { kind, text }: Recipient): Stanza {
  if (kind === 'ssh-ed25519' || kind === 'ssh-rsa') return wrapForSsh(fileKey, parseSshPublicKey(text));
  const stanza = wrapForX25519(fileKey, x25519KeyOf(text));
  if (stanza === null) throw new SecretsError('BAD_KEY', 'this age public key is a point of low order');
  return stanza;
}

function pluginsOr(plugins: AgePlugins | undefined, recipient: string): AgePlugins {
  if (plugins !== undefined) return plugins;
  const name = pluginOfRecipient(recipient) ?? 'NAME';
  throw new SecretsError('PLUGIN_UNAVAILABLE', `nothing runs age-plugin-${name} here`);
}

/**
 * Decrypts the data key of an age entry with the first identity that opens it.
 *
 * @param armored what sops stores as `enc`, at most 64 KiB
 * @returns 32 bytes (33 for a share), `null` where no identity opens it
 * @throws SecretsError `BAD_METADATA` where the text is no well-formed age file, `BAD_CIPHERTEXT` where it is
 * one and was changed
 */
export async function unwrapDataKey(
  armored: string,
  identities: readonly Identity[],
): Promise<Uint8Array | null> {
  const header = parseHeader(decodeArmor(armored));
  const fileKey = await findFileKey(header, identities);
  if (fileKey === null) return null;
  verifyHeader(header, fileKey);
  const dataKey = openPayload(header.payload, fileKey);
  if (!DATA_KEY_BYTES.includes(dataKey.length))
    throw tampered(`it holds ${dataKey.length} bytes, a data key has 32`);
  return dataKey;
}

async function findFileKey(header: Header, identities: readonly Identity[]): Promise<Uint8Array | null> {
  for (const identity of identities) {
    const fileKey = await tryIdentity(header, identity);
    if (fileKey !== null) return fileKey;
  }
  return null;
}

async function tryIdentity(header: Header, identity: Identity): Promise<Uint8Array | null> {
  if (identity.kind === 'hybrid') return tryHybrid(header, identity);
  if (identity.kind === 'plugin') {
    const text = identityText(identity);
    return (await identity.plugins?.unwrap(text, header.stanzas)) ?? null;
  }
  const unwrap = identity.kind === 'x25519' ? unwrapX25519 : unwrapSshEd25519;
  for (const stanza of header.stanzas) {
    const fileKey = unwrap(stanza, identity.secret.reveal());
    if (fileKey !== null) return fileKey;
  }
  return null;
}

/** The library is loaded only where a stanza of its kind is there. */
async function tryHybrid(header: Header, identity: Identity): Promise<Uint8Array | null> {
  if (!header.stanzas.some(({ args }) => args[0] === HYBRID_STANZA)) return null;
  const { unwrapHybrid } = await import('./post-quantum.ts');
  return unwrapHybrid(header, identity);
}
