import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const ABOUT = `
The file format itself, with the flags and exit codes of stock sops, for scripts and for machines without it.
Your secrets are managed by the other commands; these two know nothing of hosts and names.

Examples:
  $ secrets sops decrypt secrets/megumu/kotori.env
  $ secrets sops decrypt --extract '["kanidm"]["miniflux"]' hosts/megumu/sops.yaml
  $ secrets sops encrypt --age age1… --output config.enc.yaml config.yaml`;

/** The stock-compatible plumbing: `sops encrypt` and `sops decrypt`. */
export function defineSops(program: Command, handle: Handler): void {
  const sops = program
    .command('sops')
    .description('encrypt and decrypt as stock sops does')
    .addHelpText('after', ABOUT);
  files(sops.command('decrypt [file]'))
    .description('decrypt a sops file to stdout')
    .option('--extract <path>', `one key or branch, for example '["a"]["b"][0]'`)
    .option('--ignore-mac', 'do not verify the MAC')
    .action((file, options) =>
      handle(async world =>
        (await import('../commands/sops-decrypt.ts')).runSopsDecrypt(world, file, options),
      ),
    );
  files(sops.command('encrypt [file]'))
    .description('encrypt a file for the keys of its creation rule, or for --age')
    .option('-a, --age <recipients>', 'comma separated age recipients (or SOPS_AGE_RECIPIENTS)')
    .option('--unencrypted-suffix <suffix>', 'leave keys with this suffix in clear')
    .option('--encrypted-suffix <suffix>', 'encrypt only keys with this suffix')
    .option('--unencrypted-regex <regex>', 'leave keys that match in clear')
    .option('--encrypted-regex <regex>', 'encrypt only keys that match')
    .option('--mac-only-encrypted', 'compute the MAC over encrypted values only')
    .action((file, options) =>
      handle(async world =>
        (await import('../commands/sops-encrypt.ts')).runSopsEncrypt(world, file, options),
      ),
    );
}

function files(command: Command): Command {
  return command
    .option('-i, --in-place', 'write back to the same file')
    .option('--output <file>', 'write to this file')
    .option('--input-type <type>', 'json, yaml, dotenv, ini or binary (default: by the name)')
    .option('--output-type <type>', 'json, yaml, dotenv, ini or binary (default: by the name)')
    .option('--filename-override <name>', 'take type and creation rule from this name; needed for stdin');
}
