import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { repeatable, writing } from './options.ts';

const GRANT = `
The secret moves to the folder of its new audience; its options and the modules of all hosts concerned follow.
What readers that stay have in the file is kept, so git shows a rename.

Example:
  $ secrets grant wifi --host aya`;

const REVOKE = `
The secret moves to the folder of those who keep it and gets a new data key. What was readable stays known:
\`secrets rotate\` makes a new value.

Example:
  $ secrets revoke wifi --host aya`;

const MOVE = `
Examples:
  $ secrets mv miniflux kanidm/miniflux           another name
  $ secrets mv wifi --host megumu --host aya      another audience
  $ secrets mv megumu/wg servers-wg --host servers`;

/** `grant`, `revoke` and `mv`. */
export function defineAudience(program: Command, handle: Handler): void {
  writing(program.command('grant <name>'))
    .description('let another host receive a secret')
    .addOption(repeatable('--host <host>', 'the host or group').makeOptionMandatory())
    .addHelpText('after', GRANT)
    .action((name, options) =>
      handle(async world => (await import('../commands/grant.ts')).runGrant(world, name, options)),
    );
  writing(program.command('revoke <name>'))
    .description('take a secret from a host')
    .addOption(repeatable('--host <host>', 'the host or group').makeOptionMandatory())
    .addHelpText('after', REVOKE)
    .action((name, options) =>
      handle(async world => (await import('../commands/grant.ts')).runRevoke(world, name, options)),
    );
  writing(program.command('mv <name> [new-name]'))
    .description('give a secret another name or another audience')
    .addOption(repeatable('--host <host>', 'who receives it from then on (may be repeated)'))
    .addHelpText('after', MOVE)
    .action((name, newName, options) =>
      handle(async world => (await import('../commands/grant.ts')).runMove(world, name, newName, options)),
    );
}
