import type { Command } from 'commander';
import type { Handler } from './handler.ts';

const SCAN = `
Looks for three things: managed files that are not encrypted as their rule says, credentials of some 260 kinds, and the
values of your own secrets where they do not belong (as far as one of your keys opens them without asking). Prints
places and what to do, never a value. Exit status 1: found something; 3: something could not be checked.

Without a path it looks at every file that git tracks or would. A finding that is meant stays with a comment on its
line, \`secrets:allow RULE -- reason\`, or in .secrets-allow.yaml, which --baseline writes. SECRETS_SKIP=RULE,RULE leaves
rules out for one run.

Examples:
  $ secrets scan
  $ secrets scan --staged                       what the git hook does
  $ secrets scan --range origin/main..HEAD      every commit of a branch, for CI
  $ secrets scan --all --sarif > findings.sarif`;

/** `scan` */
export function defineScan(program: Command, handle: Handler): void {
  program
    .command('scan [path...]')
    .description('look for plaintext secrets in files, in what is staged, or in commits')
    .option('--staged', 'what is about to be committed, and of it only what is new')
    .option('--range <range>', 'each commit of A..B')
    .option('--all', 'the whole history')
    .option('--baseline', 'let everything through from now on that is found now')
    .option('-y, --yes', 'with --baseline: do not ask')
    .option('--json', 'as JSON')
    .option('--sarif', 'as SARIF 2.1.0')
    .addHelpText('after', SCAN)
    .action((paths, options) =>
      handle(async world => (await import('../commands/scan.ts')).runScanCommand(world, paths, options)),
    );
}
