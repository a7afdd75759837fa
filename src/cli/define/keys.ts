import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const KEY = `
Your keys, by which you read the secrets. They are looked for where stock sops looks, then in the keychain of your
desktop, then behind a passphrase; the last two only for a file that they open and no other key does.

  $ secrets key new --store keychain
  $ export SOPS_AGE_KEY_CMD='secrets key export'      so that stock sops uses the same key`;

const NEW = `
Stores:
  file         keys.txt of stock sops, mode 0600 (default); one that exists is appended to
  keychain     Secret Service (GNOME, KDE, KeePassXC), macOS Keychain, Windows Credential Manager
  passphrase   an age file beside keys.txt, encrypted with a passphrase that is asked for

stdout is the public key. --pq makes a hybrid key (ML-KEM-768 with X25519), which sops 3.13 and age 1.3 read.

Examples:
  $ secrets key new
  $ secrets key new --store keychain --name laptop
  $ secrets admin rotate kamov --age "$(secrets key new --pq --name next)"`;

const LIST = `
Every place that would be tried, in that order, the public keys it holds, and what .sops.yaml calls them. Opens
nothing: no passphrase is asked, no keychain unlocked, no command run.`;

const IMPORT = `
Reads age identities (a key file of age-keygen, also one behind a passphrase) or an ed25519 ssh private key, of which
the age form is stored. Without FILE it is asked for on a terminal, else read from stdin.

Examples:
  $ secrets key import --store keychain ~/.config/sops/age/keys.txt
  $ pass show age | secrets key import --store passphrase --name work -`;

const EXPORT = `
Prints the private key, for stock sops:

  $ export SOPS_AGE_KEY_CMD='secrets key export'
  $ sops decrypt secrets/megumu/kotori.yaml

Without NAME: what is in the keychain; where that has none, what is behind a passphrase, else keys.txt. The variables
of sops are not looked at.`;

const ALLOW = `
Keys of hardware (age1yubikey1…, age1se1…) are used by a program of their own. It is run only where you agreed to it:
a repository can name any plugin. Without a terminal this command is how to agree. The program is taken from an
absolute entry of your PATH, never from the work tree or a node_modules.

  $ secrets key allow-plugin yubikey`;

const REMOVE = `
Asks for the first characters of the public key. A key that alone opens files of this repository is refused.
--yes skips both.`;

/** `key …` */
export function defineKeys(program: Command, handle: Handler): void {
  const key = program
    .command('key')
    .description('my own keys: make, store, list, export')
    .addHelpText('after', KEY);
  defineStoring(key, handle);
  defineAnswers(key, handle);
  key
    .command('rm <name>')
    .description('remove a key for good (NAME or the beginning of its public key)')
    .option('--store <store>', 'only the one in this store: file, keychain, passphrase')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'as JSON')
    .addHelpText('after', REMOVE)
    .action((name, options) =>
      handle(async world => (await import('../commands/key-rm.ts')).runKeyRm(world, name, options)),
    );
  key
    .command('allow-plugin <name>')
    .description('agree that age-plugin-NAME is run for keys that need it')
    .option('--json', 'as JSON')
    .addHelpText('after', ALLOW)
    .action((name, options) =>
      handle(async world =>
        (await import('../commands/key-allow-plugin.ts')).runKeyAllowPlugin(world, name, options),
      ),
    );
  key
    .command('keychain-request', { hidden: true })
    .action(() =>
      handle(async world => (await import('../commands/key-keychain.ts')).runKeychainRequest(world)),
    );
}

function storing(command: Command): Command {
  return command
    .option('--name <name>', 'what to call it (default: your login name)')
    .option('--store <store>', 'where to keep it: file, keychain, passphrase', 'file')
    .option('--json', 'as JSON');
}

function defineStoring(key: Command, handle: Handler): void {
  storing(key.command('new'))
    .description('make a key')
    .option('--pq', 'a post-quantum key')
    .addHelpText('after', NEW)
    .action(options =>
      handle(async world => (await import('../commands/key-new.ts')).runKeyNew(world, options)),
    );
  storing(key.command('import [file]'))
    .description('store a key that exists (- is stdin)')
    .addHelpText('after', IMPORT)
    .action((file, options) =>
      handle(async world => (await import('../commands/key-import.ts')).runKeyImport(world, file, options)),
    );
}

function defineAnswers(key: Command, handle: Handler): void {
  key
    .command('list')
    .description('every place where keys are looked for, and what it holds')
    .option('--json', 'as JSON')
    .addHelpText('after', LIST)
    .action(options =>
      handle(async world => (await import('../commands/key-list.ts')).runKeyList(world, options)),
    );
  key
    .command('show [name]')
    .description('the public half of a key')
    .option('--json', 'as JSON')
    .action((name, options) =>
      handle(async world => (await import('../commands/key-show.ts')).runKeyShow(world, name, options)),
    );
  key
    .command('export [name]')
    .description('print a private key, for SOPS_AGE_KEY_CMD')
    .addHelpText('after', EXPORT)
    .action(name =>
      handle(async world => (await import('../commands/key-export.ts')).runKeyExport(world, name)),
    );
}
