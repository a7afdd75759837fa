import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const VERIFY = `
Compares the key in .sops.yaml with the ed25519 host key that the machine shows (ssh-keyscan). Exit 1 where they
differ, or nothing can be said. --deployed proves that a change has reached the machine: over your own ssh it
compares SHA-256 sums of what lies in /run/secrets with what the repository holds; it needs a key of yours that
opens the files, and prints no value.

Examples:
  $ secrets host verify megumu
  $ secrets host verify --all --offline           known_hosts instead of the network
  $ secrets host verify megumu --deployed --ssh root@megumu`;

/** `host verify`. */
export function defineHostVerify(host: Command, handle: Handler): void {
  host
    .command('verify [name...]')
    .description('is the key in .sops.yaml the one that the machine has?')
    .option('--all', 'every host')
    .option('--offline', 'look only at known_hosts')
    .option('--deployed', 'compare the secrets on the machine too, over ssh')
    .option('--sudo', 'with --deployed: read the files through `sudo -n`')
    .option('--ssh <target>', 'where the machine is (default: its name)')
    .option('--json', 'as JSON')
    .addHelpText('after', VERIFY)
    .action((names, options) =>
      handle(async world =>
        (await import('../commands/host-verify.ts')).runHostVerify(world, names, options),
      ),
    );
}
