import { SecretsError } from '../errors.ts';
import { findGitTop } from '../git/repository.ts';
import type { GuardedIdentity } from '../keys/guarded.ts';
import { type KeyEntry, keyEntries } from '../keys/key-entries.ts';
import { type IdentitySource, loadIdentities } from '../keys/sources.ts';
import type { StoreName } from '../keys/stores.ts';
import { nodeKeysWorld } from '../keys/world.ts';
import { findRoot, readInventory } from '../ops/workspace.ts';
import { vaultOf } from './vault.ts';
import type { World } from './world.ts';

/** A public key at hand, whose private half somebody here has. */
interface KnownKey {
  /** What `.sops.yaml` calls it. */
  readonly name: string | null;
  readonly recipient: string;
  /** What it is called where it is kept. */
  readonly label: string | null;
}

/** A place where identities are looked for. */
export interface KnownSource {
  /** The variable that named it, or `keys.txt`, `id_ed25519`, `keychain`, `passphrase`. */
  readonly source: string;
  readonly location: string;
  readonly store: StoreName | 'ssh' | 'environment' | 'command';
  readonly recipients: readonly KnownKey[];
  /** Why it gives none. */
  readonly error: string | null;
  readonly note: string | null;
}

/** How a public key is called in `.sops.yaml`. */
export type NameOf = (recipient: string) => string | null;

/** The environment without the commands that print identities: those may ask for a password, or be ourselves. */
export function withoutKeyCommands(env: World['env']): World['env'] {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^SOPS_AGE_(KEY|SSH_PRIVATE_KEY)_CMD$/.test(name)),
  );
}

/** Every place that would be tried, in that order. Asks for nothing, runs no command. */
export async function knownSources(world: World, nameOf: NameOf): Promise<KnownSource[]> {
  const keys = nodeKeysWorld(world);
  const run = () => Promise.reject(new SecretsError('PROGRAM_FAILED', 'it is not run here'));
  const { sources, guarded = [] } = await loadIdentities({ ...keys, run }, vaultOf(world));
  const known = await Promise.all(sources.map(source => ofStockSops(source, nameOf, keys.readFile)));
  return [...known, ...guarded.map(identity => ofVault(identity, nameOf))];
}

async function ofStockSops(
  source: IdentitySource,
  nameOf: NameOf,
  read: (path: string) => Promise<Uint8Array>,
): Promise<KnownSource> {
  const { name, location, recipients = [], note = null } = source;
  const isCommand = name.endsWith('_CMD');
  const entries = name === 'keys.txt' && source.error === null ? await entriesOf(location, read) : [];
  const labels = new Map(entries.map(entry => [entry.identity.recipient, entry.name]));
  const keys = recipients
    .filter(recipient => recipient !== null)
    .map(recipient => ({ name: nameOf(recipient), recipient, label: labels.get(recipient) ?? null }));
  const plugins = recipients.length - keys.length;
  return {
    source: name,
    location,
    store: storeOf(name),
    recipients: keys,
    error: isCommand ? null : source.error,
    note: isCommand ? 'a command: not run here' : plugins > 0 ? 'has keys of plugins' : note,
  };
}

function storeOf(source: string): KnownSource['store'] {
  if (source.endsWith('_CMD')) return 'command';
  if (source.includes('SSH') || source === 'id_ed25519') return 'ssh';
  return source === 'SOPS_AGE_KEY' ? 'environment' : 'file';
}

async function entriesOf(path: string, read: (path: string) => Promise<Uint8Array>): Promise<KeyEntry[]> {
  try {
    return await keyEntries(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await read(path)));
  } catch {
    return [];
  }
}

function ofVault(identity: GuardedIdentity, nameOf: NameOf): KnownSource {
  const { store, name, location, publicFile, recipient } = identity;
  const recipients = recipient === null ? [] : [{ name: nameOf(recipient), recipient, label: name }];
  const error =
    recipient === null
      ? `its public half is missing; write it: secrets key export ${name} | age-keygen -y > ${publicFile}`
      : null;
  return { source: store, location, store, recipients, error, note: null };
}

/** The names of the nearest `.sops.yaml`; without one, or with a broken one, nothing has a name. */
export async function namesHere(world: World): Promise<{ nameOf: NameOf; problem: string | null }> {
  const root = await findRoot(world.cwd, await findGitTop(world.cwd, world.env));
  if (root === null) return { nameOf: () => null, problem: null };
  try {
    const inventory = await readInventory(root);
    return { nameOf: recipient => inventory.nameOf(recipient), problem: null };
  } catch (error) {
    const problem = error instanceof SecretsError ? error.message : 'it cannot be read';
    return { nameOf: () => null, problem };
  }
}
