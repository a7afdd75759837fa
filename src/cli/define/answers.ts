import type { Command } from 'commander';
import type { Handler } from './handler.ts';

/** `list` and `show`: answers that need no key. */
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
}
