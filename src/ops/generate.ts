import { SecretsError } from '../errors.ts';
import { Redacted } from '../redacted.ts';

/** A recipe for a value, as `--generate` takes it and `secrets:` records it. */
export interface Recipe {
  readonly kind: 'password' | 'hex';
  /** Characters. */
  readonly length: number;
}

const DEFAULT_LENGTH = { password: 32, hex: 64 } as const;
const SHORTEST = 8;
const LONGEST = 4096;
/** No quote, backslash, `$` or `#`: it survives shells, env files and YAML as it is. */
const PASSWORD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Parses `password[:N]` or `hex[:N]`; N counts characters.
 *
 * @throws SecretsError `BAD_OPTION`
 */
export function parseRecipe(text: string): Recipe {
  const match = /^([a-z0-9-]+)(?::(\d{1,6}))?$/.exec(text);
  const kind = match?.[1];
  if (kind !== 'password' && kind !== 'hex') {
    throw new SecretsError('BAD_OPTION', `no generator is called ${JSON.stringify(text.slice(0, 40))}`, {
      hint: 'use --generate password, password:48, hex or hex:32 (the number counts characters)',
    });
  }
  const length = match?.[2] === undefined ? DEFAULT_LENGTH[kind] : Number(match[2]);
  if (length < SHORTEST || length > LONGEST) {
    throw new SecretsError(
      'BAD_OPTION',
      `a generated value has ${SHORTEST} to ${LONGEST} characters, not ${length}`,
    );
  }
  return { kind, length };
}

/** The text form of a recipe, which {@link parseRecipe} reads back. */
export function formatRecipe(recipe: Recipe): string {
  return `${recipe.kind}:${recipe.length}`;
}

/**
 * A fresh value. Both alphabets have a power of two of characters, so that masking a random byte is unbiased.
 *
 * @param random gives that many random bytes from a cryptographic source
 */
export function generateValue(recipe: Recipe, random: (bytes: number) => Uint8Array): Redacted<Uint8Array> {
  const alphabet = recipe.kind === 'hex' ? '0123456789abcdef' : PASSWORD_ALPHABET;
  const mask = alphabet.length - 1;
  const text = Array.from(random(recipe.length), byte => alphabet[byte & mask]).join('');
  return new Redacted(new TextEncoder().encode(text));
}
