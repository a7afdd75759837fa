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

const ADOPT = `
For a repository that has a .sops.yaml already. Reads who is who from names, comments, sections, rules, folders and
the Nix files, and proposes admins:, hosts: and the options that Nix has for secrets. Shows why, asks once, and
writes .sops.yaml alone: no rule changes and no encrypted file is touched. Needs no key.

Examples:
  $ secrets adopt --dry-run
  $ secrets adopt --flake .        names, platforms and options as Nix evaluates them
  $ secrets adopt --no-options     who is who, and nothing else`;

/** `init` and `adopt`. */
export function defineSetup(program: Command, handle: Handler): void {
  writing(program.command('init'))
    .description('make my key, .sops.yaml and secrets/, or add what is missing')
    .option('--admin <name>', 'what to call you (default: your login name)')
    .option('--hook', 'install the git hooks without asking')
    .option('--no-hook', 'install none, and do not ask')
    .addHelpText('after', INIT)
    .action(options => handle(async world => (await import('../commands/init.ts')).runInit(world, options)));
  writing(program.command('adopt'))
    .description('say in .sops.yaml who is who in a repository that was made without this program')
    .option('--flake <ref>', 'evaluate this flake with nix, which runs its code')
    .option('--import-from-derivation', 'with --flake: let it build what it imports')
    .option('--no-options', 'leave out the options of secrets')
    .addHelpText('after', ADOPT)
    .action(options =>
      handle(async world => (await import('../commands/adopt.ts')).runAdopt(world, options)),
    );
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
