import { inspect } from 'node:util';
import { expect } from 'vitest';
import { SecretsError } from '../../src/errors.ts';

/** Every text that JavaScript makes of a thing, hidden properties and causes too. */
function texts(thing: unknown): string {
  const own = thing instanceof Error ? [thing.message, thing.stack ?? '', texts(thing.cause)] : [];
  const json = JSON.stringify(thing, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? '';
  return [String(thing), json, inspect(thing, { depth: null, showHidden: true }), ...own].join('\n');
}

/** No run of ten characters of a secret text appears, in either case. */
export function expectNoLeak(thing: unknown, secret: string): void {
  const haystack = texts(thing).toLowerCase();
  const needle = secret.toLowerCase();
  for (let at = 0; at + 10 <= needle.length; at++) {
    if (haystack.includes(needle.slice(at, at + 10)))
      throw new Error(`leaks its input from character ${at} on`);
  }
}

/** What a function throws, which must be a SecretsError that holds nothing of the secret. */
export function failure(work: () => unknown, secret = ''): SecretsError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SecretsError);
    expectNoLeak(error, secret);
    if (error instanceof SecretsError) return error;
  }
  throw new Error('nothing was thrown');
}

/** As {@link failure}, of a promise. */
export async function rejection(work: Promise<unknown>, secret = ''): Promise<SecretsError> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (outcome === null) throw new Error('it did not reject');
  return failure(() => {
    throw outcome.error;
  }, secret);
}
