import type { SecretsError } from '../errors.ts';
import { decodeBech32 } from './bech32.ts';
import { holdsPrivateKey, nameWhatItIs } from './pasted.ts';
import { ed25519AsX25519, rsaNumbers } from './ssh-key-data.ts';
import { badKey, parseSshPublicKey } from './ssh-public-key.ts';
import { isLowOrder } from './x25519.ts';

/** How a public key encrypts; `tag` is a hardware key whose public half works without its plugin. */
type RecipientKind = 'x25519' | 'hybrid' | 'tag' | 'plugin' | 'ssh-ed25519' | 'ssh-rsa';

/** A public key that was checked. */
export interface Recipient {
  readonly kind: RecipientKind;
  /** As it was given, without blanks around it; an ssh key keeps its comment, because sops compares texts. */
  readonly text: string;
}

const LIKE = 'a public key looks like age1… or ssh-ed25519 AAAA…';
const MAX_CHARACTERS = 32 * 1024;

/** Lengths of the native kinds: X25519; ML-KEM-768 with it; a P-256 point; ML-KEM-768 with that. */
const NATIVE = new Map<string, { kind: RecipientKind; bytes: number }>([
  ['age', { kind: 'x25519', bytes: 32 }],
  ['age1pq', { kind: 'hybrid', bytes: 1184 + 32 }],
  ['age1tag', { kind: 'tag', bytes: 33 }],
  ['age1tagpq', { kind: 'tag', bytes: 1184 + 65 }],
]);

/**
 * Checks a public key: its kind by the prefixes of sops, checksum, length, and that it is not of low order.
 *
 * @throws SecretsError `BAD_KEY`, which says what was given instead and never repeats it
 */
export function parseRecipient(text: string): Recipient {
  const trimmed = text.trim();
  if (trimmed === '') throw badKey('the public key is empty', LIKE);
  if (holdsPrivateKey(trimmed)) throw privateKeyGiven();
  if (trimmed.length > MAX_CHARACTERS) throw badKey('this is no public key: it has more than 32 KiB', LIKE);
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(trimmed))
    throw badKey('the public key has a line break or a control character in it', LIKE);
  if (trimmed.startsWith('age1')) {
    const { kind, bytes } = parseAge(trimmed);
    if (kind === 'x25519' && isLowOrder(bytes))
      throw badKey('this age public key is a point of low order, it would protect nothing');
    return { kind, text: trimmed };
  }
  if (/^ssh-(ed25519|rsa) /.test(trimmed)) return { kind: parseSsh(trimmed), text: trimmed };
  throw somethingElse(trimmed);
}

/**
 * The 32 bytes of an `age1…` recipient of kind x25519.
 *
 * @throws SecretsError `BAD_KEY`
 */
export function x25519KeyOf(text: string): Uint8Array {
  const { kind, bytes } = parseAge(text);
  if (kind !== 'x25519') throw badKey(`this is a key of kind ${kind}, not x25519`);
  return bytes;
}

function parseAge(text: string): { kind: RecipientKind; bytes: Uint8Array } {
  if (/[,;\s]/.test(text))
    throw badKey('there is more than one age public key, or text behind it', 'give one at a time');
  const decoded = decodeBech32(text);
  if (typeof decoded === 'string')
    throw badKey(`this is no age public key: it ${decoded}`, 'copy it again, all of it');
  const native = NATIVE.get(decoded.prefix);
  if (native === undefined) {
    if (!/^age1[a-z0-9+._-]+$/.test(decoded.prefix))
      throw badKey('this is no age public key: its prefix names no plugin', LIKE);
    return { kind: 'plugin', bytes: decoded.bytes };
  }
  if (decoded.bytes.length !== native.bytes)
    throw badKey('this is no age public key: it has a wrong length', 'copy it again, all of it');
  return { kind: native.kind, bytes: decoded.bytes };
}

function parseSsh(text: string): RecipientKind {
  const key = parseSshPublicKey(text);
  if (key.type === 'ssh-rsa') {
    rsaNumbers(key);
    return 'ssh-rsa';
  }
  ed25519AsX25519(key);
  return 'ssh-ed25519';
}

function privateKeyGiven(): SecretsError {
  return badKey(
    'that is a private key, a public key belongs here',
    'keep it secret; its public half: age-keygen -y FILE, or the .pub file of an ssh key',
  );
}

function somethingElse(text: string): SecretsError {
  const kind = nameWhatItIs(text);
  if (kind === null) return badKey('this is no public key that age knows', LIKE);
  const hint = /capitals/.test(kind) ? 'age public keys are in lower case' : LIKE;
  return badKey(`this is ${kind}, which cannot be used as an age recipient`, hint);
}

/**
 * A recipient for people: `age1d96…x7k2`, `ssh-ed25519 …PB3t`. Takes any text, because files name recipients
 * of every service; control characters are left out, and a private key is never shown.
 */
export function shortRecipient(text: string): string {
  if (holdsPrivateKey(text)) return '(a private key)';
  const clean = text
    .slice(0, MAX_CHARACTERS)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  const ssh = /^(ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+|sk-\S+) +(\S+)/.exec(clean);
  if (ssh !== null) return `${(ssh[1] ?? '').slice(0, 40)} …${(ssh[2] ?? '').slice(-4)}`;
  if (clean.length <= 20) return clean;
  const start = /^age1[a-z0-9+._-]{0,20}1(?=[^1]*$)|^age1/.exec(clean)?.[0] ?? clean.slice(0, 8);
  return `${start}${clean.slice(start.length, start.length + 3)}…${clean.slice(-4)}`;
}
