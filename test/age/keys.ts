/** Throw-away keys for tests, made anew in every run, so that no test can depend on one. */

import { generateKeyPairSync } from 'node:crypto';
import { generateIdentity, parseIdentity } from '../../src/age/identity.ts';
import { sshStrings } from '../../src/age/ssh-wire.ts';

/** A fresh X25519 pair: its text, its public key, and both as an Identity. */
export function freshKey() {
  const { identity, recipient } = generateIdentity();
  const text = identity.reveal();
  return { text, recipient, identity: parseIdentity(text) };
}

/** An ssh public key line around 32 bytes. */
export function ed25519Line(point: Uint8Array, type = 'ssh-ed25519'): string {
  return `${type} ${Buffer.from(sshStrings(type, point)).toString('base64')}`;
}

/** A fresh ssh-rsa line. */
export function rsaLine(bits: number): string {
  const jwk = generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
  const [e, n] = [jwk.e, jwk.n].map(number => Buffer.from(number ?? '', 'base64url'));
  if (e === undefined || n === undefined) throw new Error('no rsa numbers');
  const blob = sshStrings('ssh-rsa', e, Buffer.concat([Buffer.of(0), n]));
  return `ssh-rsa ${Buffer.from(blob).toString('base64')} comment`;
}
