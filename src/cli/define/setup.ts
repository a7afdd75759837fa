import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { writing } from './options.ts';

const INIT = `
Makes what is missing and leaves what is there: an age key in sops' own place (never overwritten),
.sops.yaml with you as admin, and secrets/. Safe to run again, also in a repository that uses sops-nix already.
Asks whether git shall stop a commit that holds a plaintext secret; where nobody is there to be asked, --hook does it.

Examples:
  $ secrets init
  $ secrets init --admin kamov`;

const NIX = `
Writes secrets/HOST.nix, the module that the host imports, from .sops.yaml and the tree. add, set, rm and
host add do this by themselves; run it after a merge or an edit of .sops.yaml by hand. Needs no key.

Examples:
  $ secrets nix
  $ secrets nix --check        exit 1 where a module is out of date (for CI)`;

/** `init`. */
export function defineSetup(program: Command, handle: Handler): void {
  writing(program.command('init'))
    .description('make my key, .sops.yaml and secrets/, or add what is missing')
    .option('--admin <name>', 'what to call you (default: your login name)')
    .option('--hook', 'install the git hooks without asking')
    .option('--no-hook', 'install none, and do not ask')
    .addHelpText('after', INIT)
    .action(options => handle(async world => (await import('../commands/init.ts')).runInit(world, options)));
}

/** `nix`, which stands after the commands that change values. */
export function defineNix(program: Command, handle: Handler): void {
  writing(program.command('nix'))
    .description('emit the Nix declarations of the hosts')
    .option('--host <host>', 'only this host')
    .option('--check', 'write nothing, exit 1 where a module is out of date')
    .addHelpText('after', NIX)
    .action(options => handle(async world => (await import('../commands/nix.ts')).runNix(world, options)));
}
