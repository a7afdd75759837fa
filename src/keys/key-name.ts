import { SecretsError } from '../errors.ts';

const KEY_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * Refuses what cannot name an identity: the name becomes a file name and an account of the keychain.
 *
 * @returns the name
 * @throws SecretsError `BAD_NAME`
 */
export function checkKeyName(name: string): string {
  if (isKeyName(name)) return name;
  throw new SecretsError('BAD_NAME', `${JSON.stringify(name.slice(0, 80))} cannot name a key`, {
    hint: 'a name has the letters a-z, digits, `-` and `_`, up to 63 of them',
  });
}

/** Whether {@link checkKeyName} would let it pass. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name);
}

/** A name that is not taken: the wanted one, else with the first free number. */
export function freeKeyName(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted.slice(0, 56)}-${number}`;
    if (!taken.has(name)) return name;
  }
}
