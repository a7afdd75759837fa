import type { Command } from 'commander';
import type { Handler } from './handler.ts';
import { writing } from './options.ts';

const HOOK = `
pre-commit, pre-merge-commit and pre-applypatch look at what is about to be committed, pre-push at every commit
that the remote does not have yet, also those that were made with --no-verify. Where a hook stops you it says what it
found, and where; never a value.`;

const INSTALL = `
Writes into the folder that git looks into (core.hooksPath, linked work trees and husky are known). A shell script
that is there keeps its lines and gets ours in front; of anything else you are shown the line to add. Run it again
after secrets or node moved.

Examples:
  $ secrets hook install
  $ secrets hook install --dry-run`;

const UNINSTALL = `
Every hook gets the bytes that it had before; a file that holds nothing else is removed.

Examples:
  $ secrets hook uninstall`;

const STATUS = `
Exit status 1 where a hook is missing, outdated, or another one is in its way.

Examples:
  $ secrets hook status
  $ secrets hook status --json`;

const RUN = `
What the hook files call, for the configuration of lefthook, husky, pre-commit and others. Looks at what is staged;
for pre-push at the commits that git names on stdin. Without a name it asks the environment of the pre-commit
framework.

Examples:
  $ secrets hook run pre-commit
  $ secrets hook run pre-push < refs`;

/** `hook install`, `hook uninstall`, `hook status` and `hook run`. */
export function defineHook(program: Command, handle: Handler): void {
  const hook = program
    .command('hook')
    .description('the git hooks that keep plaintext out of history')
    .addHelpText('after', HOOK);
  writing(hook.command('install'))
    .description('write the hooks, or bring them up to date')
    .option('--force', 'also into a folder outside the repository, which serves others too')
    .addHelpText('after', INSTALL)
    .action(options =>
      handle(async world => (await import('../commands/hook-install.ts')).runHookInstall(world, options)),
    );
  writing(hook.command('uninstall'))
    .description('take them out again')
    .addHelpText('after', UNINSTALL)
    .action(options =>
      handle(async world => (await import('../commands/hook-uninstall.ts')).runHookUninstall(world, options)),
    );
  hook
    .command('status')
    .description('which hooks are in place')
    .option('--json', 'as JSON on stdout')
    .addHelpText('after', STATUS)
    .action(options =>
      handle(async world => (await import('../commands/hook-status.ts')).runHookStatus(world, options)),
    );
  hook
    .command('run [hook] [words...]')
    .description('what a hook does: check, and stop git where something is found')
    .addHelpText('after', RUN)
    .action((name, words) =>
      handle(async world => (await import('../commands/hook-run.ts')).runHook(world, name, words)),
    );
}
