import { SecretsError } from '../errors.ts';

/** What a key can be chosen by. */
interface Choosable {
  readonly name: string | null;
  readonly label?: string | null | undefined;
  readonly recipient: string | null;
}

/** So much of a public key is enough to mean it: the letters behind `age1` are random. */
const PREFIX = 8;

/**
 * The keys that are meant by a name, a label, a public key or its beginning; without one, all of them.
 *
 * @throws SecretsError `UNKNOWN_KEY`
 */
export function chooseKeys<T extends Choosable>(keys: readonly T[], wanted: string | undefined): T[] {
  if (wanted === undefined) {
    if (keys.length > 0) return [...keys];
    throw new SecretsError('UNKNOWN_KEY', 'there is no key here', { hint: 'make one: secrets key new' });
  }
  const found = keys.filter(
    ({ name, label, recipient }) =>
      name === wanted || label === wanted || (wanted.length >= PREFIX && recipient?.startsWith(wanted)),
  );
  if (found.length > 0) return found;
  const names = [...new Set(keys.flatMap(key => key.label ?? key.name ?? []))];
  throw new SecretsError('UNKNOWN_KEY', `no key here is called ${JSON.stringify(wanted.slice(0, 80))}`, {
    hint:
      names.length > 0
        ? `there are ${names.join(', ')}`
        : 'secrets key list shows all, with their public keys',
  });
}

/**
 * The one key that is meant; the same key in two places is one.
 *
 * @throws SecretsError `UNKNOWN_KEY`, `AMBIGUOUS_NAME`
 */
export function chooseKey<T extends Choosable>(keys: readonly T[], wanted: string | undefined): T {
  const found = chooseKeys(keys, wanted);
  const [first] = found;
  if (first !== undefined && new Set(found.map(({ recipient }) => recipient)).size === 1) return first;
  const shown = found.map(key => key.label ?? key.name ?? key.recipient?.slice(0, 16) ?? '?');
  throw new SecretsError('AMBIGUOUS_NAME', `several keys are meant: ${shown.join(', ')}`, {
    hint: 'give a name, or the beginning of a public key',
  });
}
