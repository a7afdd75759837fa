import { SecretsError } from '../errors.ts';
import { modeTooOpen } from '../keys/key-file.ts';
import { checkKeyName, freeKeyName, isKeyName } from '../keys/key-name.ts';
import {
  type KeyToStore,
  STORES,
  type StoreName,
  type Stores,
  storedKeys,
  storeKey,
} from '../keys/stores.ts';
import type { Redacted } from '../redacted.ts';
import { confirmedHidden } from './prompt.ts';
import type { Session } from './session.ts';
import { personAt } from './vault.ts';

/** What was stored, as `--json` says it. */
export interface Kept {
  /** `null`: it has none. */
  readonly name: string | null;
  readonly recipient: string;
  readonly store: StoreName;
  readonly location: string;
}

/** @throws SecretsError `BAD_OPTION` */
export function storeNamed(name: string): StoreName {
  const store = STORES.find(known => known === name);
  if (store !== undefined) return store;
  throw new SecretsError('BAD_OPTION', `no store is called ${JSON.stringify(name.slice(0, 40))}`, {
    hint: `there are ${STORES.join(', ')}`,
  });
}

/**
 * Puts an identity into a store under a name that is free, and says so.
 *
 * @param name wanted by the person; left out: the login name, with a number where it is taken
 * @throws SecretsError `BAD_NAME`, `ALREADY_EXISTS`, `EMPTY_VALUE` (no passphrase), `NO_IDENTITY` (nobody to ask), and
 * what storing throws
 */
export async function keep(
  session: Session,
  stores: Stores,
  store: StoreName,
  key: Omit<KeyToStore, 'name'>,
  name: string | undefined,
): Promise<Kept> {
  const { world, talk } = session;
  const chosen = await nameFor(session, stores, key.recipient, name);
  const wasOpen = store === 'file' && (await modeTooOpen(stores.keyFile, world.platform));
  const passphrase = store === 'passphrase' ? await newPassphrase(session, chosen) : null;
  const location = await storeKey(stores, store, { ...key, name: chosen }, passphrase);
  if (wasOpen) await talk.note(`others could read ${location}: its mode is 600 now`);
  return { name: chosen, recipient: key.recipient, store, location };
}

async function nameFor(
  { world }: Session,
  stores: Stores,
  recipient: string,
  name: string | undefined,
): Promise<string> {
  const stored = await storedKeys(stores);
  const same = stored.find(key => key.recipient === recipient);
  if (same !== undefined) {
    throw new SecretsError('ALREADY_EXISTS', `this key is here already, in ${same.location}`);
  }
  const taken = new Set(stored.flatMap(key => key.name ?? []));
  if (name === undefined) return freeKeyName(isKeyName(loginOf(world)) ? loginOf(world) : 'key', taken);
  if (!taken.has(checkKeyName(name))) return name;
  throw new SecretsError('ALREADY_EXISTS', `a key is called ${name} already`, {
    hint: 'secrets key list shows it; choose another --name',
  });
}

function loginOf({ username }: Session['world']): string {
  return username
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
}

async function newPassphrase({ world }: Session, name: string): Promise<Redacted<string>> {
  const terminal = await personAt(world);
  if (terminal === null) {
    throw new SecretsError('USAGE', 'a passphrase is asked for on a terminal, and there is none', {
      hint: 'take --store file or --store keychain',
    });
  }
  const passphrase = await confirmedHidden(terminal, `new passphrase for ${name}: `);
  if (passphrase.reveal() !== '') return passphrase;
  throw new SecretsError('EMPTY_VALUE', 'an empty passphrase protects nothing', {
    hint: 'for a key without one: --store file',
  });
}

/** Says what was stored, where, and what to do next. */
export async function sayKept({ talk }: Session, kept: Kept, verb: string): Promise<void> {
  const { store, location, name } = kept;
  const where = { file: location, keychain: `the keychain (${location})`, passphrase: location }[store];
  await talk.note(`${verb} ${name ?? 'a key'} in ${where}: back it up, without it your secrets are lost`);
  if (store !== 'file') await talk.note("for stock sops: export SOPS_AGE_KEY_CMD='secrets key export'");
}
