import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { repeatable, writing } from './options.ts';

const ROTATE = `
Another key for a host. In one step where the old key is gone; in two where the machine keeps running:

  $ secrets host rotate megumu --ssh-key new.pub --stage    both keys read; deploy, then put the new key there
  $ secrets host rotate megumu --finish                     the old key is dropped, new data keys

In one step:
  $ secrets host rotate megumu --ssh-key new.pub
  $ secrets host rotate megumu --ssh                        the machine was reinstalled and answers

In every phase stock sops reads and writes the files. \`secrets host list\` shows the phase.`;

const REMOVE = `
The key goes from every rule and every file, and each file that it could read gets a new data key. Values that were
readable are listed, those of earlier commits too: with --json as a worklist for \`secrets rotate --stdin\`.

  $ secrets host rm momiji --dry-run
  $ secrets host rm momiji --yes --json | secrets rotate --stdin`;

/** The options by which a public key is given. */
export function takingKey(command: Command): Command {
  return command
    .option('--ssh [host[:port]]', 'ask the machine over the network (default: NAME, port 22)')
    .option('--ssh-key <file>', 'an ssh public key (ed25519)')
    .option('--age <key>', 'an age public key')
    .option('--fingerprint <sha256>', 'with --ssh: the fingerprint that the key must have');
}

function changing(command: Command): Command {
  return writing(command).option('--skip-unreadable', 'leave out files that none of your keys opens');
}

/** `host rotate`, `host rename` and `host rm`. */
export function defineHostChanges(host: Command, handle: Handler): void {
  takingKey(changing(host.command('rotate <name>')))
    .description('another key for a host')
    .option('--generate', 'make a new ssh host key')
    .option('--out <dir>', 'with --generate: where the private key goes, in etc/ssh/')
    .option('--keep', 'with --generate: keep the private key, encrypted for the admins')
    .option('--stage', 'let the new key read beside the old one')
    .option('--finish', 'drop the old key, once the machine has the new one')
    .option('--abort', 'take the staged key back')
    .addHelpText('after', ROTATE)
    .action((name, options) =>
      handle(async world => (await import('../commands/host-rotate.ts')).runHostRotate(world, name, options)),
    );
  changing(host.command('rename <name> <new-name>'))
    .description('call a host otherwise: its key, rules, folder and module follow')
    .action((from, to, options) =>
      handle(async world => (await import('../commands/members.ts')).runHostRename(world, from, to, options)),
    );
  changing(host.command('rm <name>'))
    .description('remove a host, and rekey what it could read')
    .addHelpText('after', REMOVE)
    .action((name, options) =>
      handle(async world => (await import('../commands/members.ts')).runHostRemove(world, name, options)),
    );
}

/** `admin …` */
export function defineAdmins(program: Command, handle: Handler): void {
  const admin = program.command('admin').description('the people (and recovery keys) who read every secret');
  takingKey(changing(admin.command('add <name>')))
    .description('let a person read everything that admins read')
    .action((name, options) =>
      handle(async world => (await import('../commands/members.ts')).runAdminAdd(world, name, options)),
    );
  admin
    .command('list')
    .description('the admins and their keys')
    .option('--json', 'as JSON')
    .action(options =>
      handle(async world => (await import('../commands/members.ts')).runAdminList(world, options)),
    );
  takingKey(changing(admin.command('rotate <name>')))
    .description('another key for a person; what the old one could read is rekeyed')
    .action((name, options) =>
      handle(async world =>
        (await import('../commands/host-rotate.ts')).runAdminRotate(world, name, options),
      ),
    );
  changing(admin.command('rename <name> <new-name>'))
    .description('call a person otherwise, wherever the name stands')
    .action((from, to, options) =>
      handle(async world =>
        (await import('../commands/members.ts')).runAdminRename(world, from, to, options),
      ),
    );
  changing(admin.command('rm <name>'))
    .description('remove a person, and rekey what they could read')
    .action((name, options) =>
      handle(async world => (await import('../commands/members.ts')).runAdminRemove(world, name, options)),
    );
}

/** `group …` */
export function defineGroups(program: Command, handle: Handler): void {
  const group = program.command('group').description('named lists of hosts, usable wherever a host is');
  changing(group.command('add <name>'))
    .description('make a group, or change its members')
    .addOption(repeatable('--host <host>', 'a host that belongs to it (may be repeated)'))
    .addOption(repeatable('--remove <host>', 'a host that leaves it (may be repeated)'))
    .action((name, options) =>
      handle(async world => (await import('../commands/members.ts')).runGroupAdd(world, name, options)),
    );
  group
    .command('list')
    .description('the groups and their hosts')
    .option('--json', 'as JSON')
    .action(options =>
      handle(async world => (await import('../commands/members.ts')).runGroupList(world, options)),
    );
  changing(group.command('rm <name>'))
    .description('remove a group that receives nothing')
    .action((name, options) =>
      handle(async world => (await import('../commands/members.ts')).runGroupRemove(world, name, options)),
    );
}
