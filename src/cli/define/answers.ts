import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const WHY = `
Every rule of the nearest .sops.yaml up to the first that matches, what it was matched against, and who is missing.
The file need not exist: so a new path can be tried before anything is put there.

Examples:
  $ secrets why secrets/megumu/kotori.yaml
  $ secrets why hosts/megumu/secrets.yaml --json`;

const SHOW = `
Says who reads it and since which commit, the options that it has in Nix, and how old the value is: when its ciphertext
last changed in git. A value that was encrypted anew with a new data key counts as changed.

Examples:
  $ secrets show kotori
  $ secrets show megumu/kotori --json`;

const ACCESS = `
A table in Markdown for a pull request: who can read what they could not, and the other way round, which values are new,
changed or gone, which keys, people, machines and rules changed. What the encrypted files themselves say counts, not what
the rules promise. On a branch, what is compared with is the commit where it left REV.

Examples:
  $ secrets access --since origin/main
  $ secrets access --since v1 --until v2 --json
  $ secrets access --since origin/main >> "$GITHUB_STEP_SUMMARY"`;

/** `list`, `show`, `why` and `access`: answers that need no key. */
export function defineAnswers(program: Command, handle: Handler): void {
  program
    .command('list')
    .description('the secrets and the hosts that receive them; needs no key')
    .option('--host <host>', 'only what this host receives')
    .option('--json', 'as JSON')
    .action(options => handle(async world => (await import('../commands/list.ts')).runList(world, options)));
  program
    .command('show <name>')
    .description('who reads a secret and since when, its options, the age of its value; never the value')
    .option('--host <host>', 'the host whose secret is meant')
    .option('--json', 'as JSON')
    .addHelpText('after', SHOW)
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
  program
    .command('access')
    .description('who gained and lost access to what since a commit, as Markdown; needs no key')
    .requiredOption('--since <rev>', 'the commit, branch or tag to compare with')
    .option('--until <rev>', 'another end than the work tree')
    .option('--json', 'as JSON')
    .addHelpText('after', ACCESS)
    .action(options =>
      handle(async world => (await import('../commands/access.ts')).runAccess(world, options)),
    );
}
