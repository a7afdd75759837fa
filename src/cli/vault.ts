import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SecretsError } from '../errors.ts';
import type { Vault } from '../keys/guarded.ts';
import type { Keychain } from '../keys/keychain.ts';
import { defaultKeyFile } from '../keys/sources.ts';
import type { Stores } from '../keys/stores.ts';
import { nodeKeyFiles } from '../keys/world.ts';
import type { Redacted } from '../redacted.ts';
import { Talk } from './talk.ts';
import type { Terminal } from './terminal.ts';
import type { World } from './world.ts';

/**
 * Where the identities of the person lie.
 *
 * @throws SecretsError `BAD_PATH` where the folder of keys cannot be told
 */
export function storesOf(world: World): Stores {
  const keyFile = defaultKeyFile(world.env, world.platform, world.homedir);
  const vault: Vault = {
    folder: dirname(keyFile),
    files: nodeKeyFiles,
    keychain: lazyKeychain(world),
    askPassphrase: (name, attempt) => askPassphrase(world, name, attempt),
  };
  return { vault, keyFile, random: world.random };
}

/** The same for reading; `null` where the folder of keys cannot be told. */
export function vaultOf(world: World): Vault | null {
  try {
    return storesOf(world).vault;
  } catch {
    return null;
  }
}

/** The keychain of the system; nothing is loaded or started before it is asked something. */
function lazyKeychain(world: World): Keychain {
  let opened: Promise<Keychain> | undefined;
  const keychain = () => {
    opened ??= import('../keys/keychain-process.ts').then(({ keychainProcess }) =>
      keychainProcess({
        argv: [...ownWords(), 'key', 'keychain-request'],
        env: world.env,
        onWait: () => void new Talk(world, false).note('waiting for the keychain: is its window open?'),
      }),
    );
    return opened;
  };
  return {
    get: async account => (await keychain()).get(account),
    set: async (account, secret) => (await keychain()).set(account, secret),
    remove: async account => (await keychain()).remove(account),
    probe: async () => (await keychain()).probe(),
  };
}

/** The words that start this very program; a compiled one needs no script. */
function ownWords(): string[] {
  const [, script = ''] = process.argv;
  return existsSync(script) ? [process.execPath, script] : [process.execPath];
}

async function askPassphrase(world: World, name: string, attempt: number): Promise<Redacted<string>> {
  const terminal = await personAt(world);
  if (terminal === null) {
    throw new SecretsError(
      'NO_IDENTITY',
      `the identity ${name} is behind a passphrase, and nobody can be asked`,
      {
        hint: 'run the command on a terminal',
      },
    );
  }
  if (attempt > 1) terminal.write('that is not the passphrase, try again\n');
  return terminal.readHidden(`passphrase of ${name}: `);
}

/** Whoever can be asked, also where stdin or stderr is something else; `null`: nobody. */
export async function personAt(world: World): Promise<Terminal | null> {
  if (world.stdin.isTTY === true && world.stderr.isTTY === true) return world.terminal();
  return (await world.controllingTerminal?.()) ?? null;
}
