import { Redacted } from '../../redacted.ts';
import type { RunProgram } from '../ports.ts';
import { type Beside, NOTHING_BESIDE } from '../secrets/beside.ts';
import { base64, hex, password, type Random, uuid } from './characters.ts';
import type { KeyPair } from './key-pairs.ts';
import type { Recipe } from './recipe.ts';

export { formatRecipe, parseRecipe } from './recipe.ts';

/** A value that was made, and what belongs to it. */
export interface Generated {
  readonly value: Redacted<Uint8Array>;
  readonly beside: Beside;
}

/** What generators take from outside. */
export interface GeneratorTools {
  /** Gives that many bytes from a cryptographic source. */
  readonly random: Random;
  /** Runs `mkpasswd`. */
  readonly run: RunProgram;
}

/**
 * A fresh value.
 *
 * @param name what the secret is called, the comment of an ssh key
 * @throws SecretsError `PROGRAM_FAILED` where the recipe needs a program
 */
export async function generate(recipe: Recipe, name: string, tools: GeneratorTools): Promise<Generated> {
  const { random } = tools;
  const amount = recipe.amount ?? 0;
  switch (recipe.kind) {
    case 'password':
      return alone(password(amount, random));
    case 'hex':
      return alone(hex(amount, random));
    case 'base64':
      return alone(base64(amount, random));
    case 'uuid':
      return alone(uuid(random));
    case 'passphrase':
      return alone((await import('./passphrase.ts')).passphrase(amount, random));
    case 'wireguard':
      return pair((await import('./key-pairs.ts')).wireguardPair(random));
    case 'age':
      return pair((await import('./key-pairs.ts')).agePair(random));
    case 'ssh-ed25519':
      return pair((await import('./key-pairs.ts')).sshPair(name, random));
    case 'mkpasswd':
      return hashed(password(amount, random), tools.run);
  }
}

function alone(text: string): Generated {
  return { value: bytesOf(text), beside: NOTHING_BESIDE };
}

function pair({ privateHalf, publicHalf }: KeyPair): Generated {
  return { value: bytesOf(privateHalf), beside: { publicHalf, password: null } };
}

async function hashed(text: string, run: RunProgram): Promise<Generated> {
  const { yescryptHash } = await import('./mkpasswd.ts');
  const secret = new Redacted(text);
  const hash = await yescryptHash(secret, run);
  return { value: bytesOf(hash.reveal()), beside: { publicHalf: null, password: secret } };
}

function bytesOf(text: string): Redacted<Uint8Array> {
  return new Redacted(new TextEncoder().encode(text));
}
