import { encodeBase64 } from '../../age/base64.ts';
import { ed25519PublicKey } from '../../age/edwards.ts';
import { generateIdentity } from '../../age/identity.ts';
import { sshStrings } from '../../age/ssh-wire.ts';
import { publicKeyOf, X25519_BYTES } from '../../age/x25519.ts';
import type { Random } from './characters.ts';

/** Both halves of a key, in the text forms of the program that uses it. */
export interface KeyPair {
  readonly privateHalf: string;
  /** One line without its end. */
  readonly publicHalf: string;
}

const SSH_TYPE = 'ssh-ed25519';
const SEED_BYTES = 32;
/** OpenSSH breaks the lines of its own form there. */
const PEM_WIDTH = 70;
/** Block size of the cipher `none`. */
const SSH_BLOCK = 8;

/** What `wg genkey` and `wg pubkey` print: X25519, the private half clamped (RFC 7748, section 5). */
export function wireguardPair(random: Random): KeyPair {
  const secret = Uint8Array.from(random(X25519_BYTES));
  secret[0] = (secret[0] ?? 0) & 248;
  secret[31] = ((secret[31] ?? 0) & 127) | 64;
  return { privateHalf: encodeBase64(secret), publicHalf: encodeBase64(publicKeyOf(secret)) };
}

/** An identity and its recipient. */
export function agePair(random: Random): KeyPair {
  const { identity, recipient } = generateIdentity(random);
  return { privateHalf: identity.reveal(), publicHalf: recipient };
}

/**
 * An unencrypted ed25519 key in OpenSSH's own form (PROTOCOL.key), as `ssh-keygen -t ed25519 -N ''` makes it.
 *
 * @param name becomes the comment
 */
export function sshPair(name: string, random: Random): KeyPair {
  const comment = name.replace(/[^!-~]+/g, '_');
  const seed = Uint8Array.from(random(SEED_BYTES));
  const point = ed25519PublicKey(seed);
  const blob = sshStrings(SSH_TYPE, point);
  const count = Uint8Array.of(0, 0, 0, 1);
  const key = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    sshStrings('none', 'none', ''),
    count,
    sshStrings(blob, privateSection(seed, point, comment, random)),
  ]);
  const lines = key.toString('base64').match(new RegExp(`.{1,${PEM_WIDTH}}`, 'g')) ?? [];
  const frame = (word: string) => `-----${word} OPENSSH PRIVATE KEY-----`;
  return {
    privateHalf: `${[frame('BEGIN'), ...lines, frame('END')].join('\n')}\n`,
    publicHalf: `${SSH_TYPE} ${encodeBase64(blob)} ${comment}`,
  };
}

/** Two equal check numbers, the key, its comment, and padding that counts from 1. */
function privateSection(seed: Uint8Array, point: Uint8Array, comment: string, random: Random): Uint8Array {
  const check = random(4);
  const fields = sshStrings(SSH_TYPE, point, Buffer.concat([seed, point]), comment);
  const length = 2 * check.length + fields.length;
  const padding = Array.from({ length: (SSH_BLOCK - (length % SSH_BLOCK)) % SSH_BLOCK }, (_, i) => i + 1);
  return Buffer.concat([check, check, fields, Uint8Array.from(padding)]);
}
