import { type Command, Option } from 'commander';
import type { Handler } from './handler.ts';
import { writing } from './options.ts';

const EDIT = `
Opens the decrypted text in $SOPS_EDITOR, $VISUAL or $EDITOR, else vim, vi or nano. NAME opens the secret: a single value
as plain text, an env file as its lines. FILE opens the whole document in its own format.

The copy lies in memory ($XDG_RUNTIME_DIR or /dev/shm; else in a private temporary folder, with a warning), is
readable by you alone, and is gone when the editor ends, however it ends. Swap, backup and undo files of vim, nvim,
emacs, nano and micro are off. What does not parse can be edited again; values that stay keep their ciphertext.
Other commands may write meanwhile: changes of different values are both kept.

Examples:
  $ secrets edit kotori
  $ secrets edit megumu/wg                 the address, where several hosts have a wg
  $ secrets edit secrets/megumu/kotori.env
  $ EDITOR='code --wait' secrets edit kotori`;

const EXEC = `
The variables of an env file are set as they stand in it; quotes are not removed. A single value is set under the name of the
secret in upper case, other characters become _ (kanidm/miniflux: KANIDM_MINIFLUX), or under --as VAR, which stands
behind its NAME. Two secrets that set one variable are an error.

Nothing is written to disk. The program is started without a shell; signals are passed on, and its exit status is ours:
128+N where signal N ended it, 127 where it was not found. SOPS_AGE_KEY* and SOPS_AGE_SSH_PRIVATE_KEY* are removed from
its environment. What it has there, other programs of yours can read while it runs.

Examples:
  $ secrets exec kotori -- ./fukurou --port 8080
  $ secrets exec miniflux --as PGPASSWORD -- psql -h megumu
  $ secrets exec kotori wifi --as PSK -- sh -c 'echo "$PSK" | wpa_passphrase home'`;

/** `edit` and `exec`. */
export function defineEdit(program: Command, handle: Handler): void {
  writing(program.command('edit <name-or-file>'))
    .description('change a secret, or a whole encrypted file, in your editor')
    .option('--host <host>', 'the host whose secret is meant')
    .addHelpText('after', EDIT)
    .action((text, options) =>
      handle(async world => (await import('../commands/edit.ts')).runEdit(world, text, options)),
    );
  program
    .command('exec <name...>')
    .usage('[options] <name...> [--as VAR] -- <command...>')
    .description('run a program with secrets in its environment')
    .addOption(new Option('--as <var>', 'the variable of the single value before it'))
    .option('--host <host>', 'the host whose secrets are meant')
    .addHelpText('after', EXEC)
    .action((_names, options, command: Command) =>
      handle(async world =>
        (await import('../commands/exec.ts')).runExec(world, wordsBehind(command), options),
      ),
    );
}

/** What was typed behind the name of a command, with the order and the `--`, which `args` lacks. */
function wordsBehind(command: Command): readonly string[] {
  let root = command;
  while (root.parent !== null) root = root.parent;
  // Commander keeps it, though its types do not say so.
  const typed: unknown = Reflect.get(root, 'rawArgs');
  const words = Array.isArray(typed) ? typed.map(String) : [];
  return words.slice(words.indexOf(command.name()) + 1);
}
