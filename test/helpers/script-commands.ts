import {
  chmodSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { leakInOutput, spellings } from './leaks.ts';
import { programPath } from './programs.ts';
import { parsePtySteps, runOnPty } from './pty.ts';
import type { Output } from './sandbox.ts';
import type { ScriptState } from './script-state.ts';

/** A word of a script that does something. Throws where it cannot. */
export type Command = (state: ScriptState, args: readonly string[]) => void | Promise<void>;

/** A word that runs a program, whose failure `!` asks for. */
export type ProgramWord = (state: ScriptState, args: readonly string[]) => Promise<Output>;

export const PROGRAM_WORDS: Readonly<Record<string, ProgramWord>> = {
  exec: (state, args) => run(state, args),
  secrets: (state, args) => run(state, [...state.sandbox.program, ...args]),
  git: (state, args) => run(state, ['git', ...args]),
  pty: runPty,
};

export const COMMANDS: Readonly<Record<string, Command>> = {
  stdin(state, [name = '-']) {
    state.stdin = state.bytesOf(name === '-' ? 'stdout' : name);
  },
  ptyin(state, [name = '']) {
    state.ptySteps = state.bytesOf(name).toString('utf8');
  },
  cd(state, [name = '']) {
    const path = state.path(name);
    if (!statSync(path).isDirectory()) throw new Error(`${name} is no folder`);
    state.cwd = path;
  },
  env(state, args) {
    for (const assignment of args) {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(assignment) ?? [];
      if (name === '') throw new Error(`not NAME=VALUE: ${assignment}`);
      state.env[name] = value;
    }
  },
  unset(state, args) {
    for (const name of args) delete state.env[name];
  },
  capture(state, [name = '', from = 'stdout']) {
    state.env[name] = state.bytesOf(from).toString('utf8').replace(/\n$/, '');
  },
  cp(state, args) {
    const target = args.at(-1) ?? '';
    const into = isFolder(state, target);
    for (const source of args.slice(0, -1)) {
      if (source === 'stdout' || source === 'stderr') state.write(target, state.bytesOf(source));
      else
        cpSync(state.path(source), join(state.path(target), into ? basename(source) : ''), {
          recursive: true,
        });
    }
  },
  mv(state, [from = '', to = '']) {
    renameSync(state.path(from), state.path(to));
  },
  mkdir(state, args) {
    for (const name of args) mkdirSync(state.path(name), { recursive: true });
  },
  rm(state, args) {
    for (const name of args) rmSync(state.path(name), { recursive: true, force: true });
  },
  write(state, [name = '', text = '']) {
    state.write(
      name,
      text.replace(/\\([\\nrt0])/g, (_all, letter: string) => ESCAPES[letter] ?? ''),
    );
  },
  chmod(state, [mode = '', ...names]) {
    for (const name of names) chmodSync(state.path(name), Number.parseInt(mode, 8));
  },
  symlink(state, [link = '', arrow, target = '']) {
    if (arrow !== '->') throw new Error('symlink LINK -> TARGET');
    symlinkSync(target, state.path(link));
  },
  mark: state => state.mark(),
  secret(state, [value = '', ...allowed]) {
    register(state, value, allowed);
  },
  secretfile(state, [name = '', ...allowed]) {
    register(state, state.bytesOf(name).toString('utf8').trimEnd(), [state.inWork(name), ...allowed]);
  },
  key: makeAgeKey,
  sshkey: makeSshKey,
};

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r', t: '\t', '0': '\0' };

function isFolder(state: ScriptState, name: string): boolean {
  return statSync(state.path(name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function register(state: ScriptState, value: string, allowed: readonly string[]): void {
  spellings(value); // refuses one that is too short
  const secret = { value, allowed };
  state.secrets.push(secret);
  state.log.secrets.push(secret);
}

/** `key kamov`: an age identity in `kamov.txt`, its public half in `$KAMOV_PUB`. */
async function makeAgeKey(state: ScriptState, [name = '']: readonly string[]): Promise<void> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const path = state.path(`${name}.txt`);
  writeFileSync(path, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600 });
  state.env[`${variable(name)}_PUB`] = recipient;
}

/** `sshkey megumu`: a key pair in `megumu` and `megumu.pub`, the public line in `$MEGUMU_SSH`; `rsa` as second word. */
async function makeSshKey(
  state: ScriptState,
  [name = '', type = 'ed25519']: readonly string[],
): Promise<void> {
  const program = programPath('ssh-keygen');
  if (program === null) throw new Error('ssh-keygen is not installed');
  const argv = [program, '-q', '-t', type, '-N', '', '-C', '', '-f', state.path(name)];
  const output = await state.sandbox.run(argv, { cwd: state.cwd });
  if (output.status !== 0) throw new Error(`ssh-keygen failed: ${output.stderr}`);
  state.env[`${variable(name)}_SSH`] = state.bytesOf(`${name}.pub`).toString('utf8').trim();
}

function variable(name: string): string {
  return basename(name).toUpperCase().replaceAll('-', '_');
}

async function run(state: ScriptState, argv: readonly string[]): Promise<Output> {
  state.commandBegins();
  const output = await state.sandbox.run(argv, { cwd: state.cwd, env: state.env, stdin: state.takeStdin() });
  return finished(state, output);
}

/** `pty secrets …`, `pty git …` or `pty exec …`; stdout is what the terminal showed. */
async function runPty(state: ScriptState, [word = '', ...args]: readonly string[]): Promise<Output> {
  const before: Readonly<Record<string, readonly string[]>> = {
    secrets: state.sandbox.program,
    git: ['git'],
    exec: [],
  };
  const start = before[word];
  if (start === undefined) throw new Error('pty runs secrets, git or exec');
  const steps = parsePtySteps(state.ptySteps ?? '', name => state.bytesOf(name));
  state.ptySteps = null;
  state.commandBegins();
  const output = await runOnPty([...start, ...args], { cwd: state.cwd, env: state.env, steps });
  state.after = output.after;
  finished(state, output);
  // A prompt shows nothing of what is typed, also where all goes well; to show a value has to be asked for.
  const leak = args[0] === 'get' ? null : leakInOutput({ ...output, stderr: output.stdout }, state.secrets);
  if (leak !== null) throw new Error(`the terminal was sent it: ${leak}`);
  if (output.error !== null) throw new Error(output.error);
  if (!output.restored) throw new Error('the modes of the terminal were not restored');
  return output;
}

/** Keeps what a command printed, and looks through it for what nothing may print. */
function finished(state: ScriptState, output: Output): Output {
  state.last = output;
  state.log.outputs.push({ where: `${state.name}:${state.line}`, output });
  const leak = leakInOutput(output, state.secrets);
  if (leak !== null) throw new Error(leak);
  if (/^ {4}at .+:\d+:\d+\)?$/m.test(output.stderr.toString('utf8')))
    throw new Error('stderr holds a stack trace');
  return output;
}
