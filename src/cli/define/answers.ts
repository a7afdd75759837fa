import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const WHY = `
Every rule of the nearest .sops.yaml up to the first that matches, what it was matched against, and who is missing.
The file need not exist: so a new path can be tried before anything is put there.

Examples:
  $ secrets why secrets/megumu/kotori.yaml
  $ secrets why hosts/megumu/secrets.yaml --json`;

/** `list`, `show` and `why`: answers that need no key. */
export function defineAnswers(program: Command, handle: Handler): void {
  program
    .command('list')
    .description('the secrets and the hosts that receive them; needs no key')
    .option('--host <host>', 'only what this host receives')
    .option('--json', 'as JSON')
    .action(options => handle(async world => (await import('../commands/list.ts')).runList(world, options)));
  program
    .command('show <name>')
    .description('who reads a secret, where it lies, its options; never its value')
    .option('--host <host>', 'the host whose secret is meant')
    .option('--json', 'as JSON')
    .action((name, options) =>
      handle(async world => (await import('../commands/show.ts')).runShow(world, name, options)),
    );
  program
    .command('why <file>')
    .description('which rule governs a file, and why')
    .option('--json', 'as JSON')
    .addHelpText('after', WHY)
    .action((file, options) =>
      handle(async world => (await import('../commands/why.ts')).runWhy(world, file, options)),
    );
}
