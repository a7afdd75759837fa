import { type Command, Option } from 'commander';
import type { Handler } from './handler.ts';
import { defineHostVerify } from './host-verify.ts';
import { defineHostChanges, takingKey } from './members.ts';
import { repeatable, writing } from './options.ts';

const ADD = `
A machine's key, as a named recipient. --ssh asks the machine itself (ssh-keyscan): a key that your known_hosts has
is taken, an unknown one is shown and asked about, a different one is refused. The host gets a folder
secrets/NAME/, a rule in .sops.yaml, and a module secrets/NAME.nix to import. Your own key is not needed.

Examples:
  $ secrets host add megumu --ssh                              the machine is reachable as megumu
  $ secrets host add megumu --ssh 203.0.113.7:2222 --fingerprint SHA256:…
  $ secrets host add aya --platform darwin --ssh-key aya.pub   /etc/ssh/ssh_host_ed25519_key.pub of aya
  $ secrets host add nitori --generate --out ../nitori    then nixos-anywhere --extra-files ../nitori
  $ secrets host add momiji --platform home --age age1…        the public half of its age.keyFile`;

/** `host …` */
export function defineHosts(program: Command, handle: Handler): void {
  const host = program.command('host').description('the machines that receive secrets');
  takingKey(writing(host.command('add <name>')))
    .description('register a machine by its public key')
    .addOption(
      new Option('--platform <platform>', 'what sops-nix runs on')
        .choices(['nixos', 'darwin', 'home'])
        .default('nixos'),
    )
    .addOption(repeatable('--group <group>', 'a group that it joins (may be repeated)'))
    .option('--generate', 'make its ssh host key, before the machine exists')
    .option('--out <dir>', 'with --generate: where nixos-anywhere --extra-files finds the private key')
    .option('--keep', 'with --generate: keep the private key, encrypted for the admins')
    .addHelpText('after', ADD)
    .action((name, options) =>
      handle(async world => (await import('../commands/host-add.ts')).runHostAdd(world, name, options)),
    );
  host
    .command('show <name>')
    .description('a machine: its key, groups, module, and what it receives; needs no key')
    .option('--json', 'as JSON')
    .action((name, options) =>
      handle(async world => (await import('../commands/host-show.ts')).runHostShow(world, name, options)),
    );
  host
    .command('list')
    .description('the machines, their platform and key, and how many secrets they receive')
    .option('--json', 'as JSON')
    .action(options =>
      handle(async world => (await import('../commands/host-list.ts')).runHostList(world, options)),
    );
  defineHostChanges(host, handle);
  defineHostVerify(host, handle);
}
