/**
 * Runs a script test: commands on top, then the files of its little world, in txtar format.
 *
 * Every script has a fresh work folder (`$WORK`), an empty `$HOME` and an environment built from nothing.
 * The first line that goes otherwise than it says fails the script.
 *
 *   secrets ARG… · git ARG… · exec PROGRAM ARG…   runs it; it must succeed, with `!` in front it must fail
 *   stdin FILE | stdin -                           stdin of the next command: a file, the last stdout
 *   ptyin FILE, pty secrets ARG…                   on a pseudo terminal, typing what the file says (`pty.ts`)
 *   after PATTERN                                  what that program left for the shell to read
 *   status N · stdout PATTERN · stderr PATTERN     of the last command; `stdout -count=2 PATTERN`
 *   json PATH VALUE                                `json secrets.0.name kotori`
 *   cmp A B · cmpenv A B · grep PATTERN FILE       `stdout` and `stderr` are files too
 *   exists F… · mode 600 F… · unchanged [F…]       unchanged since the last command began, or since `mark`
 *   cp mv mkdir rm chmod cd write symlink env unset capture
 *   key NAME · sshkey NAME                         throw-away keys: NAME.txt and $NAME_PUB, NAME and $NAME_SSH
 *   secret VALUE [F…] · secretfile F [F…]          must be in no other file, no stderr, no failing stdout
 *   requires PROGRAM…                              the script needs it (with CI=true its absence is a failure)
 *   [exec:PROGRAM] LINE · [!root] LINE             only where that is so
 *
 * Patterns are JavaScript's, `^` and `$` match at line ends. `'…'` quotes; `$NAME` outside of `'…'` is replaced.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { leaksInFiles, OutputLog } from './leaks.ts';
import { programPath, programsAreRequired } from './programs.ts';
import { CHECKS, NOT_NEGATABLE } from './script-checks.ts';
import { COMMANDS, PROGRAM_WORDS } from './script-commands.ts';
import { parseScript, type ScriptLine, splitWords } from './script-line.ts';
import { ScriptState } from './script-state.ts';
import { parseTxtar } from './txtar.ts';

/** A line that went otherwise than it says. */
export class ScriptFailure extends Error {}

/** A program that the script needs is not there. */
export class ScriptLeftOut extends Error {}

export interface ScriptOptions {
  /** The words that start `secrets`; the built program where it is absent. */
  readonly program?: readonly string[] | undefined;
  readonly log?: OutputLog | undefined;
}

/**
 * Runs one script.
 *
 * @param name shown in failures
 * @throws ScriptFailure, ScriptLeftOut
 */
export async function runScript(name: string, text: string, options: ScriptOptions = {}): Promise<void> {
  const archive = parseTxtar(text);
  const state = new ScriptState(name, options.program, options.log ?? new OutputLog());
  let phase = '';
  let asserted = false;
  try {
    for (const file of archive.files) state.write(file.name, file.text);
    state.commandBegins();
    for (const line of parseScript(archive.comment)) {
      if ('phase' in line) {
        phase = line.phase;
        continue;
      }
      state.line = line.number;
      asserted ||= line.word in CHECKS || line.word in PROGRAM_WORDS;
      await explained(state, line, phase, () => runLine(state, line));
    }
    if (!asserted) throw new ScriptFailure(`${name}: the script runs nothing`);
    checkFiles(state);
  } finally {
    state.sandbox.dispose();
  }
}

async function runLine(state: ScriptState, line: ScriptLine): Promise<void> {
  if (!line.conditions.every(holds)) return;
  const args = splitWords(line.rest, state.env);
  if (line.word === 'requires') return requirePrograms(state, args);
  const program = own(PROGRAM_WORDS, line.word);
  if (program !== undefined) {
    const { status, signal } = await program(state, args);
    if (signal !== null) throw new Error(`ended by ${signal}`);
    if (!line.negated && status !== 0) throw new Error(`failed with status ${status}`);
    if (line.negated && status === 0) throw new Error('succeeded, and should fail');
    return;
  }
  const check = own(CHECKS, line.word);
  if (check !== undefined) return runCheck(state, line, args);
  const command = own(COMMANDS, line.word);
  if (command === undefined) throw new Error(`unknown word ${line.word}`);
  if (line.negated) throw new Error(`${line.word} takes no !`);
  await command(state, args);
}

function runCheck(state: ScriptState, line: ScriptLine, args: readonly string[]): void {
  if (line.negated && NOT_NEGATABLE.has(line.word)) throw new Error(`${line.word} takes no !`);
  const wrong = CHECKS[line.word]?.(state, args) ?? null;
  if (line.negated && wrong === null) throw new Error('holds, and should not');
  if (!line.negated && wrong !== null) throw new Error(wrong);
}

function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

function requirePrograms(state: ScriptState, programs: readonly string[]): void {
  const missing = programs.filter(program => programPath(program) === null);
  if (missing.length === 0) return;
  if (programsAreRequired()) throw new Error(`not installed: ${missing.join(', ')}`);
  throw new ScriptLeftOut(`left out: ${state.name} (not installed: ${missing.join(', ')})`);
}

/** With `CI=true` every program that a condition names must be there: nothing is left out quietly. */
function holds(condition: string): boolean {
  const [, not, kind = '', program = ''] = /^(!)?(\w+)(?::(.+))?$/.exec(condition) ?? [];
  const wanted = not === undefined;
  if (kind === 'root') return (process.getuid?.() === 0) === wanted;
  if (kind !== 'exec') throw new Error(`unknown condition [${condition}]`);
  const found = programPath(program) !== null;
  if (!found && programsAreRequired()) throw new Error(`not installed: ${program}`);
  return found === wanted;
}

/** Runs a line; what goes wrong is told with the line, its phase, and what the last command printed. */
async function explained(
  state: ScriptState,
  line: ScriptLine,
  phase: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScriptLeftOut) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const parts = [
      `${state.name}:${line.number}: ${message}`,
      ...(phase === '' ? [] : [phase]),
      `> ${line.text}`,
    ];
    const last = state.last;
    if (last !== null) {
      parts.push(`--- status ${last.status ?? last.signal}`);
      for (const channel of ['stdout', 'stderr'] as const) {
        const text = last[channel].toString('utf8').replaceAll(state.sandbox.root, '$ROOT');
        if (text !== '') parts.push(`--- ${channel}`, text.trimEnd());
      }
    }
    throw new ScriptFailure(parts.join('\n'));
  }
}

/** At the end no file may hold a secret that was not told to, in the work folder, the home or the temporary folder. */
function checkFiles(state: ScriptState): void {
  if (state.secrets.length === 0) return;
  const { work, home, temporary } = state.sandbox;
  const found = [
    ...leaksInFiles(work, gitObjects(state), state.secrets),
    ...leaksInFiles(temporary, Buffer.alloc(0), state.secrets).map(leak => `$TMPDIR/${leak}`),
    ...leaksInFiles(home, Buffer.alloc(0), state.secrets).map(leak => `$HOME/${leak}`),
  ];
  if (found.length > 0) throw new ScriptFailure(`${state.name}: at the end ${found.join(', ')}`);
}

/** Everything that git stored, uncompressed. */
function gitObjects(state: ScriptState): Buffer {
  const { work, env } = state.sandbox;
  if (!existsSync(join(work, '.git'))) return Buffer.alloc(0);
  const argv = ['cat-file', '--batch-all-objects', '--batch'];
  return execFileSync('git', argv, { cwd: work, env, maxBuffer: 256 * 1024 * 1024 });
}
