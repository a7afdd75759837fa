import { randomBytes } from 'node:crypto';
import { SecretsError } from '../errors.ts';
import { Redacted } from '../redacted.ts';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import { nameWhatItIs } from './pasted.ts';
import type { AgePlugins } from './plugin.ts';
import { publicKeyOf, X25519_BYTES } from './x25519.ts';

/** A private key that opens files. */
export interface Identity {
  readonly kind: 'x25519' | 'hybrid' | 'plugin' | 'ssh-ed25519';
  /** The public half; `null` where only a plugin can tell it, and for hybrid until {@link recipientOfIdentity}. */
  readonly recipient: string | null;
  /** x25519 and hybrid: the 32 bytes; ssh-ed25519: the seed; plugin: the whole text in UTF-8. */
  readonly secret: Redacted<Uint8Array>;
  /** plugin: what runs it; without it the identity opens nothing. */
  readonly plugins?: AgePlugins | undefined;
}

/** `file`: one identity on a line, nothing around it. `environment`: several on a line, between blanks. */
export type IdentityStyle = 'file' | 'environment';

const X25519_PREFIX = 'age-secret-key-';
const HYBRID_PREFIX = 'age-secret-key-pq-';
const SECRET_BYTES = 32;
const MAX_CHARACTERS = 1024 * 1024;
/** What Go takes for a blank; JavaScript's own class has one more and one less. */
const BLANKS = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Reads one identity, `AGE-SECRET-KEY-1…`, `AGE-SECRET-KEY-PQ-1…` or `AGE-PLUGIN-…`, by the prefixes of sops.
 *
 * @param text without blanks around it
 * @throws SecretsError `BAD_IDENTITY`, which never holds a part of the text
 */
export function parseIdentity(text: string): Identity {
  if (text.startsWith('AGE-SECRET-KEY-PQ-1')) {
    return { kind: 'hybrid', recipient: null, secret: new Redacted(decodeSecret(text, HYBRID_PREFIX)) };
  }
  if (text.startsWith('AGE-SECRET-KEY-1')) {
    const secret = decodeSecret(text, X25519_PREFIX);
    return {
      kind: 'x25519',
      recipient: encodeBech32('age', publicKeyOf(secret)),
      secret: new Redacted(secret),
    };
  }
  if (text.startsWith('AGE-PLUGIN-')) return parsePluginIdentity(text);
  throw bad(notAnIdentity(text));
}

/**
 * Reads a list of identities as sops does. Empty lines and lines that begin with `#` are skipped; one bad line
 * spoils the whole list, because stock sops would then use none of it.
 *
 * @throws SecretsError `BAD_IDENTITY` with the line, never with a part of the text; `UNSUPPORTED` for a list
 * that is protected by a passphrase
 */
export function parseIdentityText(text: string, style: IdentityStyle = 'file'): Identity[] {
  if (text.length > MAX_CHARACTERS) throw bad('this is no list of identities: it has more than 1 MiB');
  if (text.startsWith('age-encryption') || text.startsWith('-----BEGIN AGE')) throw encryptedList();
  return text.split('\n').flatMap((ended, index) => {
    const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
    if (line === '' || line.startsWith('#')) return [];
    const words = style === 'environment' ? line.split(BLANKS).filter(word => word !== '') : [line];
    return words.map(word => atLine(index + 1, () => parseIdentity(word)));
  });
}

/** A new key pair. */
export interface GeneratedIdentity {
  /** `AGE-SECRET-KEY-1…` */
  readonly identity: Redacted<string>;
  /** `age1…` */
  readonly recipient: string;
}

/**
 * Makes an X25519 key pair.
 *
 * @param random gives that many bytes from a cryptographic source
 */
export function generateIdentity(random: (bytes: number) => Uint8Array = randomBytes): GeneratedIdentity {
  const secret = Uint8Array.from(random(X25519_BYTES));
  if (secret.length !== X25519_BYTES)
    throw new SecretsError('INTERNAL', 'the random source gave too few bytes');
  return {
    identity: new Redacted(encodeBech32(X25519_PREFIX, secret).toUpperCase()),
    recipient: encodeBech32('age', publicKeyOf(secret)),
  };
}

/**
 * The public half of an identity, `null` where only a plugin can tell it. A hybrid one loads the library for
 * post-quantum keys.
 */
export async function recipientOfIdentity(identity: Identity): Promise<string | null> {
  if (identity.recipient !== null || identity.kind !== 'hybrid') return identity.recipient;
  const { hybridRecipientOf } = await import('./post-quantum.ts');
  return hybridRecipientOf(identity);
}

/** The text of a hybrid identity, as the library wants it. */
export function hybridText(identity: Identity): string {
  return encodeBech32(HYBRID_PREFIX, identity.secret.reveal()).toUpperCase();
}

/**
 * An identity in the form of age-keygen, on one line; what {@link parseIdentity} reads.
 *
 * @throws SecretsError `UNSUPPORTED` for an ssh key as it is, which that form cannot hold
 */
export function identityText(identity: Identity): Redacted<string> {
  const { kind, secret } = identity;
  if (kind === 'hybrid') return new Redacted(hybridText(identity));
  if (kind === 'x25519') return new Redacted(encodeBech32(X25519_PREFIX, secret.reveal()).toUpperCase());
  if (kind === 'plugin') return new Redacted(new TextDecoder().decode(secret.reveal()));
  throw new SecretsError('UNSUPPORTED', 'an ssh key is no age identity');
}

function decodeSecret(text: string, prefix: string): Uint8Array {
  const decoded = decodeBech32(text);
  if (typeof decoded === 'string') throw bad(`the identity ${decoded}`);
  if (decoded.prefix !== prefix || decoded.bytes.length !== SECRET_BYTES)
    throw bad('the identity has a wrong length');
  return decoded.bytes;
}

function parsePluginIdentity(text: string): Identity {
  const decoded = decodeBech32(text);
  if (typeof decoded === 'string') throw bad(`the plugin identity ${decoded}`);
  if (!/^age-plugin-[a-z0-9+._-]+-$/.test(decoded.prefix)) throw bad('the plugin identity names no plugin');
  return { kind: 'plugin', recipient: null, secret: new Redacted(new TextEncoder().encode(text)) };
}

function notAnIdentity(text: string): string {
  if (text.startsWith('\ufeff')) return 'there is a byte order mark before the identity';
  const trimmed = text.trim();
  if (trimmed === '') return 'there are only blanks';
  if (/^age-(secret-key|plugin)-/.test(trimmed))
    return 'the identity is in lower case, it must be in capitals';
  if (/^#/.test(trimmed)) return 'a comment must begin in the first column';
  if (trimmed !== text) return 'there are blanks around the identity';
  if (/^-----BEGIN/.test(text)) return 'this is a key in PEM form, not an age identity';
  if (/^AGE-SECRET-KEY|^AGE-PLUGIN/.test(text)) return 'the identity is cut short';
  const kind = nameWhatItIs(text);
  return kind === null || kind === 'a private key'
    ? 'this is no age identity'
    : `this is ${kind}, not an identity`;
}

function encryptedList(): SecretsError {
  return new SecretsError('UNSUPPORTED', 'the identities are protected by a passphrase', {
    hint: 'decrypt them on demand: SOPS_AGE_KEY_CMD="age -d FILE"',
  });
}

function atLine(line: number, parse: () => Identity): Identity {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new SecretsError(error.code, error.message, { hint: error.hint, line });
  }
}

function bad(message: string): SecretsError {
  return new SecretsError('BAD_IDENTITY', message);
}
