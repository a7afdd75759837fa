import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { repeatable, writing } from './options.ts';

const RESOLVE = `
Finishes a merge (also a rebase or a cherry-pick) that left encrypted files in conflict: value by value, from what git
keeps of both sides. Where both changed the same value you are asked, by name; no value is shown, and none is written
in clear. Without a terminal say it: --ours NAME, --theirs NAME. The results are staged.

"ours" is the branch that you are on; during a rebase that is the one that you rebase onto.

Examples:
  $ secrets resolve
  $ secrets resolve secrets/megumu/mail.env --theirs MAIL_PASS`;

/** `resolve`, and what git itself calls by the drivers of its configuration. */
export function defineGitDrivers(program: Command, handle: Handler): void {
  writing(program.command('resolve [file...]'))
    .description('finish a merge that left encrypted files in conflict')
    .addOption(repeatable('--ours <name>', 'take our value of this name (may be repeated)'))
    .addOption(repeatable('--theirs <name>', 'take their value of this name (may be repeated)'))
    .addHelpText('after', RESOLVE)
    .action((files, options) =>
      handle(async world => (await import('../commands/resolve.ts')).runResolve(world, files, options)),
    );
  program
    .command('git-textconv <file>', { hidden: true })
    .description('what git shows of an encrypted file in a diff')
    .action(file =>
      handle(async world => (await import('../commands/git-textconv.ts')).runGitTextconv(world, file)),
    );
  program
    .command('git-merge <base> <ours> <theirs> <path>', { hidden: true })
    .description('merges one file for git')
    .option('--ancestor', 'for a common version: no conflicts, and nothing is said')
    .action((base, ours, theirs, path, options) =>
      handle(async world =>
        (await import('../commands/git-merge.ts')).runGitMerge(world, { base, ours, theirs, path }, options),
      ),
    );
  program
    .command('git-finish', { hidden: true })
    .description('brings what a merge left behind to .sops.yaml')
    .option('--amend', 'put it into the merge commit')
    .action(options =>
      handle(async world => (await import('../commands/git-finish.ts')).runGitFinish(world, options)),
    );
}
