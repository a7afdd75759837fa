import { identityText } from '../../age/identity.ts';
import { ExitCode } from '../../errors.ts';
import { entryText } from '../../keys/key-entries.ts';
import { type StoredKey, storedKeys } from '../../keys/stores.ts';
import { chooseKeys } from '../choose-key.ts';
import { namesHere } from '../known-keys.ts';
import { newSession } from '../session.ts';
import { storesOf } from '../vault.ts';
import type { World } from '../world.ts';

/**
 * `secrets key export`. Reads our own places alone, never the variables of sops: `SOPS_AGE_KEY_CMD` may be this very
 * command.
 */
export async function runKeyExport(world: World, wanted: string | undefined): Promise<number> {
  const { talk } = newSession(world, {});
  // sops calls this for every file: the repository is looked at only for a name in it
  const nameOf = wanted === undefined ? () => null : (await namesHere(world)).nameOf;
  const stored = await storedKeys(storesOf(world));
  const keys = stored.map(key => ({
    key,
    label: key.name,
    name: key.recipient === null ? null : nameOf(key.recipient),
    recipient: key.recipient,
  }));
  const chosen = chooseKeys(wanted === undefined ? mostGuarded(keys) : keys, wanted);
  if (world.stdout.isTTY === true) {
    await talk.note('this is the private key: clear the screen afterwards, and never paste it anywhere');
  }
  const printed = new Set<string | null>();
  for (const { key } of chosen) {
    if (key.recipient !== null && printed.has(key.recipient)) continue;
    printed.add(key.recipient);
    await talk.out(await textOf(key));
  }
  return ExitCode.ok;
}

/** What stock sops cannot reach by itself: the keychain, else what is behind a passphrase, else the key file. */
function mostGuarded<T extends { readonly key: StoredKey }>(keys: readonly T[]): T[] {
  const of = (store: StoredKey['store']) => keys.filter(({ key }) => key.store === store);
  return [of('keychain'), of('passphrase'), of('file')].find(found => found.length > 0) ?? [];
}

async function textOf({ name, recipient, held }: StoredKey): Promise<string> {
  const identity = 'unlock' in held ? await held.unlock() : held.identity;
  return entryText({
    identity: identityText(identity),
    recipient: identity.recipient ?? recipient ?? 'known to its plugin',
    name: name ?? undefined,
  });
}
