import { SecretsError } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { holdsPrivateKey, nameWhatItIs } from './pasted.ts';
import { SshReader } from './ssh-wire.ts';

/** A public key as OpenSSH writes it. */
export interface SshPublicKey {
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  /** The key in wire form, which fingerprints are taken of. */
  readonly blob: Uint8Array;
  /** The marker of a known_hosts line (`@revoked`) or `cert-authority` of an authorized_keys line. */
  readonly marker: string | null;
}

const TYPE =
  /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d{3}|sk-[a-z0-9-]+@openssh\.com|[a-z0-9-]+-cert-v01@openssh\.com)$/;
const MAX_CHARACTERS = 32 * 1024;
/** Host names, or options with quoted strings, before the key type. */
const FIRST_FIELD = /^(?:"(?:\\.|[^"\\])*"|[^\s"])+/;

/**
 * Reads a public key out of a `.pub` file, the output of ssh-keyscan, known_hosts or authorized_keys. Blank
 * lines and comment lines may surround the one line that counts.
 *
 * @throws SecretsError `BAD_KEY`
 */
export function parseSshPublicKey(text: string): SshPublicKey {
  if (holdsPrivateKey(text))
    throw badKey('this is a private key', 'give its public half, the file that ends in .pub');
  if (text.length > MAX_CHARACTERS) throw badKey('this is no ssh public key: it has more than 32 KiB');
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));
  const [line, ...others] = lines;
  if (line === undefined) throw badKey('there is no ssh public key, only blank lines');
  if (others.length > 0) throw badKey(`there are ${lines.length} lines where one ssh public key is wanted`);
  return parseLine(line);
}

function parseLine(line: string): SshPublicKey {
  const { marker, rest } = splitMarker(line);
  const plain = keyAt(rest, marker);
  if (plain !== null) return plain;
  const options = FIRST_FIELD.exec(rest)?.[0] ?? '';
  const isAuthority = options.split(',').includes('cert-authority');
  const behind = keyAt(rest.slice(options.length).trimStart(), isAuthority ? 'cert-authority' : marker);
  if (behind !== null) return behind;
  const kind = nameWhatItIs(line);
  throw badKey(
    `this is no ssh public key${kind === null ? '' : `, it is ${kind}`}`,
    'it looks like: ssh-ed25519 AAAA… comment',
  );
}

function splitMarker(line: string): { marker: string | null; rest: string } {
  const marker = /^@[a-z-]+/.exec(line)?.[0];
  return marker === undefined
    ? { marker: null, rest: line }
    : { marker, rest: line.slice(marker.length).trimStart() };
}

/** The key that begins right here, `null` where no key type does. */
function keyAt(text: string, marker: string | null): SshPublicKey | null {
  const [type = '', data = ''] = text.split(/[ \t]+/, 2);
  if (!TYPE.test(type)) return null;
  const blob = decodeBase64(data);
  const inner = blob === null ? null : new SshReader(blob).text();
  if (blob === null || inner === null) throw badKey(`the ${type} key is cut short or has a typing mistake`);
  if (inner !== type) throw badKey(`the key says that it is ${type}, but its data is that of another type`);
  return { type, blob, marker };
}

/** An error about a public key; the texts hold nothing of what was given but its type. */
export function badKey(message: string, hint?: string): SecretsError {
  return new SecretsError('BAD_KEY', message, { hint });
}
