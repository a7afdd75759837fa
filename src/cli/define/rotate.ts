import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { writing } from './options.ts';

const FILL = `
Gives secrets that were added with --pending their value: asked for at a hidden prompt, one after the other (an empty
answer leaves one waiting); one secret may also get it from stdin, a file or a generator. Needs no private key.

Examples:
  $ secrets fill
  $ secrets fill kotori
  $ pass show miniflux | secrets fill miniflux`;

const ROTATE = `
Makes a new value with the generator that add --generate recorded; others are asked for. A secret with a file of its
own gets a new data key too, which needs no private key. Then deploy: a host has the old value until it is deployed.

--stdin takes names or addresses, one a line, or the worklist that \`secrets host rm --json\` prints.

Examples:
  $ secrets rotate wifi
  $ secrets rotate --host megumu --generated --yes
  $ secrets host rm megumu --json --yes | secrets rotate --stdin --yes`;

/** `fill` and `rotate`. */
export function defineRotate(program: Command, handle: Handler): void {
  writing(program.command('fill [name]'))
    .description('give pending secrets their value')
    .option('--host <host>', 'only what this host receives')
    .option('--from-file <file>', 'take the value from a file, byte for byte (- is stdin)')
    .option('--generate <kind>', 'make the value; see add --help')
    .option('--keep-newline', 'keep the final newline of a value from stdin')
    .option('--allow-empty', 'the value is meant to be empty')
    .addHelpText('after', FILL)
    .action((name, options) =>
      handle(async world => (await import('../commands/fill.ts')).runFill(world, name, options)),
    );
  writing(program.command('rotate [name...]'))
    .description('new values')
    .option('--host <host>', 'everything that this host receives, or the host whose secret is meant')
    .option('--stdin', 'read the names, or a worklist, from stdin')
    .option('--generated', 'only what has a recorded generator; leave the others')
    .addHelpText('after', ROTATE)
    .action((names, options) =>
      handle(async world => (await import('../commands/rotate.ts')).runRotate(world, names, options)),
    );
}
