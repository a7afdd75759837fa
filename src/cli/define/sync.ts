import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { writing } from './options.ts';

const SYNC = `
Every managed file gets the readers, key groups and selection that its rule in .sops.yaml says. Files are found by
the rules among all that git knows or could add. What readers that stay have is kept byte for byte; the data key
stays too (\`secrets rekey\` makes new ones). Nothing is half done: where one file cannot be opened, nothing changes.

--check needs no key, writes nothing, and exits 1 where a file differs.

Examples:
  $ secrets sync --dry-run
  $ secrets sync --yes
  $ secrets sync --check --json        for CI`;

const REKEY = `
A new data key for each file, encrypted to those whom its rule names: what somebody who was removed still has
opens nothing any more. The values stay; \`secrets rotate\` makes new ones.

Examples:
  $ secrets rekey kotori
  $ secrets rekey --host megumu --yes`;

/** `sync` and `rekey`. */
export function defineSync(program: Command, handle: Handler): void {
  writing(program.command('sync [path...]'))
    .description('bring every encrypted file to what .sops.yaml says')
    .option('--check', 'only say which files differ; needs no key')
    .option('--skip-unreadable', 'leave out files that none of your keys opens')
    .addHelpText('after', SYNC)
    .action((paths, options) =>
      handle(async world => (await import('../commands/sync.ts')).runSync(world, paths, options)),
    );
  writing(program.command('rekey [name...]'))
    .description('new data keys')
    .option('--host <host>', 'every file that this host reads, or the host whose secret is meant')
    .option('--all', 'every managed file')
    .option('--skip-unreadable', 'leave out files that none of your keys opens')
    .addHelpText('after', REKEY)
    .action((names, options) =>
      handle(async world => (await import('../commands/rekey.ts')).runRekey(world, names, options)),
    );
}
