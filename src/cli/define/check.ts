import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const CHECK = `
Needs no key and changes nothing: for CI, and for a look before a deploy. Includes \`sync --check\` and
\`nix --check\`. Exit status 1 where there is an error; warnings alone end in 0. Each code has a paragraph in
docs/checks.md.

--flake evaluates nixosConfigurations, darwinConfigurations and homeConfigurations of a flake with the nix of the
PATH, and checks each secret that they declare, also by hand and behind lib.mkIf. It runs the flake's code in Nix's
evaluator, so name only a flake that you would build; nothing is built or written. A host that fails to evaluate is a
finding, and the others are checked all the same.

Examples:
  $ secrets check
  $ secrets check --flake .
  $ secrets check --host megumu --json
  $ secrets check --max-age 365
  $ secrets check --sarif > findings.sarif`;

const DOCTOR = `
Safe to paste into a bug report: no value, no private key, and your home folder is ~. Opens nothing: no passphrase is
asked, no keychain unlocked, no command run.`;

/** `check` and `doctor` */
export function defineCheck(program: Command, handle: Handler): void {
  program
    .command('check')
    .description('everything that would stop a deploy or leak a value; needs no key')
    .option('--host <host>', 'only what concerns this host')
    .option('--max-age <days>', 'values whose ciphertext is older, by the history of git')
    .option('--flake <ref>', 'also evaluate this flake with nix, and check what its hosts declare')
    .option('--import-from-derivation', 'with --flake: let the evaluation build what the flake imports')
    .option('--json', 'as JSON')
    .option('--sarif', 'as SARIF 2.1.0')
    .addHelpText('after', CHECK)
    .action(options =>
      handle(async world => (await import('../commands/check.ts')).runCheck(world, options)),
    );
  program
    .command('doctor')
    .description('how this machine and this repository stand: programs, keys, wiring; safe to paste')
    .option('--json', 'as JSON')
    .addHelpText('after', DOCTOR)
    .action(options =>
      handle(async world => (await import('../commands/doctor.ts')).runDoctor(world, options)),
    );
}
