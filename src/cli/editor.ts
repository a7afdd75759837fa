import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { SecretsError } from '../errors.ts';
import { splitShellWords } from '../keys/shell-words.ts';
import type { World } from './world.ts';

/** How to start an editor, up to the file. */
export interface Editor {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** What it keeps all the same, and other things a person should know. */
  readonly warning: string | null;
}

const VARIABLES = ['SOPS_EDITOR', 'VISUAL', 'EDITOR'] as const;
const FALLBACKS = ['vim', 'vi', 'nano'] as const;

/** Set before the user's configuration is read and again after it, because that may turn it on. */
const VIM_OPTIONS =
  'silent! set noswapfile nobackup nowritebackup noundofile nomodeline | silent! set viminfo= | silent! set shada=';
const VIM_FLAGS = ['-n', '-i', 'NONE', '--cmd', VIM_OPTIONS, '-c', VIM_OPTIONS];
const EMACS_FORM =
  '(setq make-backup-files nil auto-save-default nil create-lockfiles nil auto-save-list-file-prefix nil undo-tree-auto-save-history nil)';

/** What makes an editor keep nothing, by the name of its program. */
const FLAGS: readonly (readonly [name: RegExp, flags: readonly string[]])[] = [
  [/^gvim/, ['-f', ...VIM_FLAGS]],
  [/^(n?vim|view)(\.|$)/, VIM_FLAGS],
  [/^nano$/, ['-R']],
  [/^emacs(-|$)/, ['--eval', EMACS_FORM]],
  [/^micro$/, ['-backup', 'false', '-permbackup', 'false', '-savehistory', 'false', '-saveundo', 'false']],
];

/** Editors that give the terminal back at once, or that keep a history of their own which no flag turns off. */
const KEEPS_HISTORY = /^(code(-insiders)?|codium|cursor|subl|zed|atom|idea|emacsclient)$/;

/**
 * The editor of the person: `$SOPS_EDITOR`, `$VISUAL`, `$EDITOR`, else vim, vi or nano. Words as sops splits them; no
 * shell reads them. Swap files, backups, undo files and histories are turned off where the editor is known.
 *
 * @param bytes the file is no text, and no final newline is to be added
 * @throws SecretsError `USAGE` where there is none
 */
export function chooseEditor(
  { env, stdin, cwd }: Pick<World, 'env' | 'stdin' | 'cwd'>,
  bytes: boolean,
): Editor {
  for (const variable of VARIABLES) {
    const text = env[variable]?.trim() ?? '';
    if (text !== '') return withFlags(wordsOf(variable, text), env, cwd, bytes);
  }
  if (stdin.isTTY !== true) {
    throw new SecretsError('USAGE', 'there is no terminal to edit on, and EDITOR names no program', {
      hint: 'to give a value without an editor: secrets set NAME',
    });
  }
  const found = FALLBACKS.find(name => pathOf(name, env, cwd) !== null);
  if (found !== undefined) return withFlags([found], env, cwd, bytes);
  throw new SecretsError('USAGE', 'no editor was found', { hint: 'set EDITOR to the program that you use' });
}

function wordsOf(variable: string, text: string): string[] {
  const words = splitShellWords(text);
  if (words !== null && words.length > 0 && words[0] !== '') return words;
  throw new SecretsError('USAGE', `${variable} is no command: a quote does not close`, {
    hint: `${variable}='vim -p' is read as words, not by a shell`,
  });
}

function withFlags(words: readonly string[], env: World['env'], cwd: string, bytes: boolean): Editor {
  const [program = '', ...args] = words;
  const name = knownAs(program, env, cwd);
  const known = FLAGS.find(([pattern]) => pattern.test(name))?.[1] ?? [];
  const flags = bytes && known.includes('-n') ? ['-b', ...known] : known;
  const warning = KEEPS_HISTORY.test(name)
    ? `${name} may keep what it opens in a history of its own, and needs an option to wait until the file is closed (code --wait)`
    : null;
  return { argv: [program, ...flags, ...args], warning };
}

/** `vi` is often vim under another name, and understands its flags only then. */
function knownAs(program: string, env: World['env'], cwd: string): string {
  const name = basename(program);
  if (name !== 'vi' && name !== 'editor') return name;
  const path = pathOf(program, env, cwd);
  try {
    return path === null ? name : basename(realpathSync.native(path));
  } catch {
    return name;
  }
}

function pathOf(program: string, env: World['env'], cwd: string): string | null {
  const paths = program.includes('/')
    ? [resolve(cwd, program)]
    : (env['PATH'] ?? '')
        .split(delimiter)
        .filter(isAbsolute)
        .map(folder => join(folder, program));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
