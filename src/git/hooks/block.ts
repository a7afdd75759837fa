import type { HookName, Launch } from './model.ts';

/** Texts of hooks are handled byte for byte: one character is one byte, whatever encoding they have. */
export type HookText = string;

/** What stands between our two marks in a hook. */
export interface FoundBlock {
  /** The offsets that it takes in the text. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** True where the file was made by us. */
  readonly wholeFile: boolean;
}

export interface BlockOptions {
  readonly hook: HookName;
  /** `null`: the paths are looked up in git's configuration, because the file is shared. */
  readonly launch: Launch | null;
  readonly wholeFile: boolean;
}

const BEGIN = '# >>> secrets hook >>>';
const END = '# <<< secrets hook <<<';
/** Tells a file that we made from one that held a first line and nothing else. */
const WHOLE = ' (the whole file)';
export const SHEBANG = '#!/bin/sh';

/** Git's configuration in which a shared hook file finds the program of this machine. */
export const CONFIG_KEYS = { node: 'secrets.hookNode', script: 'secrets.hookProgram' } as const;

/** Where programs lie that a graphical client does not have in its `PATH`. */
const PLACES = [
  '/run/current-system/sw/bin',
  `$\{HOME:-}/.nix-profile/bin`,
  `/etc/profiles/per-user/$\{USER:-}/bin`,
  '/nix/var/nix/profiles/default/bin',
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
];

/** A word for a POSIX shell. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The lines of one hook, without a final newline. They run in a subshell, so that they leave no variable behind, and
 * end the hook where the check fails or cannot run.
 */
export function blockText({ hook, launch, wholeFile }: BlockOptions): string {
  return [
    `${BEGIN} ${hook}${wholeFile ? WHOLE : ''}`,
    '# keeps plaintext secrets out of git; written by `secrets hook install`, taken out by `secrets hook uninstall`',
    'secrets_hook() (',
    ...programLines(launch),
    `  PATH="$\{PATH:+$PATH:}${PLACES.join(':')}"`,
    '  export PATH',
    '  [ -x "$node" ] || node=node',
    '  if [ -f "$program" ] && command -v "$node" >/dev/null 2>&1; then exec "$node" "$program" hook run "$@"; fi',
    '  if [ -z "$program" ] && [ "$node" != node ]; then exec "$node" hook run "$@"; fi',
    '  if command -v secrets >/dev/null 2>&1; then exec secrets hook run "$@"; fi',
    `  echo "secrets: nothing was checked, so $1 stops: no program at '$program', and no \\\`secrets\\\` in PATH" >&2`,
    '  echo "secrets: hint: run \\`secrets hook install\\` again where secrets is installed" >&2',
    '  exit 3',
    ')',
    ...callLines(hook),
    END,
  ].join('\n');
}

function programLines(launch: Launch | null): string[] {
  if (launch !== null)
    return [`  node=${shellQuote(launch.node)}`, `  program=${shellQuote(launch.script ?? '')}`];
  return [
    `  node=$(git config --get ${CONFIG_KEYS.node}) || node=`,
    `  program=$(git config --get ${CONFIG_KEYS.script}) || program=`,
  ];
}

/** What git tells pre-push on stdin is kept for the rest of the hook. */
function callLines(hook: HookName): string[] {
  if (hook !== 'pre-push') return [`secrets_hook ${hook} -- "$@" || exit $?`];
  return [
    'secrets_refs=$(PATH="$PATH:/run/current-system/sw/bin:/usr/bin:/bin" && cat) || exit 3',
    `printf '%s\\n' "$secrets_refs" | secrets_hook ${hook} -- "$@" || exit $?`,
    'if [ -z "$secrets_refs" ]; then exec </dev/null; else exec <<SECRETS_REFS',
    '$secrets_refs',
    'SECRETS_REFS',
    'fi',
  ];
}

/**
 * Our lines in a hook.
 *
 * @returns `null` where there are none, `'damaged'` where the marks do not pair
 */
export function findBlock(text: HookText): FoundBlock | null | 'damaged' {
  const begins = [...text.matchAll(/^# >>> secrets hook >>>.*$/gm)];
  const ends = [...text.matchAll(/^# <<< secrets hook <<<\r?$/gm)];
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined && end === undefined) return null;
  if (begin === undefined || end === undefined || begins.length > 1 || ends.length > 1) return 'damaged';
  if (end.index < begin.index) return 'damaged';
  const stop = end.index + END.length;
  const found = text.slice(begin.index, stop);
  return {
    start: begin.index,
    end: stop,
    text: found.replaceAll('\r\n', '\n'),
    wholeFile: begin[0].trimEnd().endsWith(WHOLE),
  };
}

/** The paths that a block of an earlier installation has; `null` where it has none that can be read. */
export function launchOf(block: string): Launch | null {
  const node = unquoted(/^ {2}node=('.*')$/m.exec(block)?.[1]);
  const script = unquoted(/^ {2}program=('.*')$/m.exec(block)?.[1]);
  if (node === null || script === null) return null;
  return { node, script: script === '' ? null : script };
}

function unquoted(word: string | undefined): string | null {
  if (word === undefined || !/^'(?:[^']|'\\'')*'$/.test(word)) return null;
  return word.slice(1, -1).replaceAll("'\\''", "'");
}

/**
 * Puts the lines where they run first: behind the first line and the comment that follows it, because a later
 * `exit` or `exec` would go past them.
 */
export function insertBlock(text: HookText, block: string): HookText {
  const head = headOf(text);
  const eol = lineEndOf(text);
  const lines = bytesAsText(block).replaceAll('\n', eol);
  const rest = text.slice(head.length);
  // A text whose last line has no newline gets it in front of our lines, and none behind them.
  return head === '' || head.endsWith('\n') ? `${head}${lines}${eol}${rest}` : `${head}${eol}${lines}`;
}

/** The first line, where it names an interpreter, and the comment right below it. */
function headOf(text: HookText): HookText {
  let end = 0;
  while (text[end] === '#') {
    const newline = text.indexOf('\n', end);
    end = newline < 0 ? text.length : newline + 1;
  }
  return text.slice(0, end);
}

/** Puts other lines in the place of ours. */
export function replaceBlock(text: HookText, found: FoundBlock, block: string): HookText {
  const eol = lineEndOf(text);
  const lines = bytesAsText(block).replaceAll('\n', eol);
  return `${text.slice(0, found.start)}${lines}${text.slice(found.end)}`;
}

/** The text as it was before {@link insertBlock}. */
export function removeBlock(text: HookText, found: FoundBlock): HookText {
  const before = text.slice(0, found.start);
  const after = text.slice(found.end);
  if (after === '') return before.replace(/\r?\n$/, '');
  return before + after.replace(/^\r?\n/, '');
}

/** As the first line ends. */
function lineEndOf(text: HookText): string {
  return text[text.indexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
}

function bytesAsText(block: string): HookText {
  return Buffer.from(block, 'utf8').toString('latin1');
}
