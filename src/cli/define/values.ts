import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { repeatable, takingValue, writing } from './options.ts';
import { defineNix } from './setup.ts';

const ADD = `
The value comes from a hidden prompt, from stdin, from --from-file, or is made by --generate. It is encrypted for
the admins and the hosts named, declared in secrets/HOST.nix and staged in git; no private key is needed.

Examples:
  $ secrets add kotori --host megumu --env --unit fukurou.service
  $ secrets add kanidm/miniflux --host megumu --owner miniflux --group kanidm --mode 0440
  $ secrets add wifi --host aya --host megumu --generate password:24
  $ secrets add wg --host megumu --generate wireguard      and secrets/public/megumu/wg.pub
  $ secrets add smtp --host megumu --pending               its value follows with secrets fill
  $ secrets add tls --host megumu --from-file key.pem
  $ pass show miniflux | secrets add miniflux --host megumu

Then, in the module of the service:
  services.fukurou.envFile = config.sops.secrets.kotori.path;`;

const GET = `
Prints exactly the bytes that the host will find; on a terminal a final newline is added where there is none.

Examples:
  $ secrets get kotori
  $ secrets get kotori --key TOKEN        one variable of an env file, or one key of a map
  $ secrets get megumu/wg                 the address, where several hosts have a wg`;

const SET = `
Takes the value as add does. Values that stay the same keep their ciphertext, so git shows what changed.

Examples:
  $ secrets set miniflux
  $ secrets set kotori --key TOKEN        one variable of an env file
  $ secrets set kotori --env < new.env    all of it`;

/** `add`, `get`, `set`, `rm` and `nix`. */
export function defineValues(program: Command, handle: Handler): void {
  takingValue(writing(program.command('add <name>')))
    .description('encrypt a new secret for a host and declare it')
    .addOption(
      repeatable(
        '--host <host>',
        'who receives it: a host (may be repeated) or a group',
      ).makeOptionMandatory(),
    )
    .addOption(
      repeatable('--unit <unit>', 'systemd unit to restart when the value changes (NixOS; may be repeated)'),
    )
    .option('--owner <user>', 'owner of the file on the host (default root)')
    .option('--group <group>', 'group of the file')
    .option('--mode <mode>', 'octal mode of the file (default 0400)')
    .option('--pending', 'declare it now; somebody who knows the value runs `secrets fill` later')
    .addHelpText('after', ADD)
    .action((name, options) =>
      handle(async world => (await import('../commands/add.ts')).runAdd(world, name, options)),
    );
  program
    .command('get <name>')
    .description('decrypt a secret to stdout')
    .option('--key <key>', 'one variable of an env file, or one key inside')
    .option('--host <host>', 'the host whose secret is meant')
    .addHelpText('after', GET)
    .action((name, options) =>
      handle(async world => (await import('../commands/get.ts')).runGet(world, name, options)),
    );
  takingValue(writing(program.command('set <name>')))
    .description('give a secret a new value')
    .option('--key <key>', 'one variable of an env file, or one key inside')
    .option('--host <host>', 'the host whose secret is meant')
    .addHelpText('after', SET)
    .action((name, options) =>
      handle(async world => (await import('../commands/set.ts')).runSet(world, name, options)),
    );
  writing(program.command('rm <name>'))
    .description('remove a secret and its declaration')
    .option('--host <host>', 'the host whose secret is meant')
    .action((name, options) =>
      handle(async world => (await import('../commands/rm.ts')).runRemove(world, name, options)),
    );
  defineNix(program, handle);
}
