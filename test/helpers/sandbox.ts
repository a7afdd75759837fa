import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peersFolder, programPath } from './programs.ts';

/** What a finished process left. */
export interface Output {
  readonly argv: readonly string[];
  /** `null` where a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Nothing, where it is absent: stdin is empty, never the terminal of whoever runs the tests. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Milliseconds until it is killed. */
  readonly timeout?: number | undefined;
}

/** The folder of package.json. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The words that start the built program. */
const builtProgram: readonly string[] = [process.execPath, join(projectRoot, 'bin/secrets.js')];

const COMMAND_TIMEOUT_MS = 60_000;
const PROGRAMS_TO_REACH = [
  'git',
  'sh',
  'bash',
  'ssh-keygen',
  'ssh-keyscan',
  'nix-instantiate',
  'sops',
  'age',
];

/**
 * A fresh world for one test: an empty work folder, an empty home, and an environment built from nothing.
 * Dispose of it when the test is over.
 */
export class Sandbox {
  /** Everything the test may write lies below it. */
  readonly root: string;
  readonly work: string;
  readonly home: string;
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
  readonly program: readonly string[];

  /** @param program the words that start `secrets` */
  constructor(program: readonly string[] = builtProgram) {
    this.program = program;
    this.root = mkdtempSync(join(realpathSync(tmpdir()), 'secrets-test-'));
    this.work = this.#folder('work');
    this.home = this.#folder('home');
    this.temporary = this.#folder('tmp');
    this.env = this.#environment(this.#programs());
  }

  /** Runs `secrets` in the work folder. */
  secrets(args: readonly string[], options: RunOptions = {}): Promise<Output> {
    return this.run([...this.program, ...args], options);
  }

  /** Runs a program in the work folder; its exit status is data, only a program that cannot start is an error. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
    const { cwd = this.work, env = this.env } = options;
    return runProcess(argv, { ...options, cwd, env });
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  #folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** A folder with `secrets` and this very `node`, so that hooks and shells find both. */
  #programs(): string {
    const folder = this.#folder('bin');
    const words = this.program.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    writeFileSync(join(folder, 'secrets'), `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(join(folder, 'secrets'), 0o755);
    symlinkSync(process.execPath, join(folder, 'node'));
    return folder;
  }

  #environment(programs: string): Record<string, string> {
    const system = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
    const reached = PROGRAMS_TO_REACH.map(programPath).flatMap(path =>
      path === null ? [] : [dirname(path)],
    );
    const path = [programs, peersFolder(), ...system, ...reached].filter(folder => existsSync(folder));
    return {
      PATH: [...new Set(path)].join(delimiter),
      HOME: this.home,
      WORK: this.work,
      TMPDIR: this.temporary,
      NO_COLOR: '1',
      TZ: 'UTC',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'init.defaultBranch',
      GIT_CONFIG_VALUE_0: 'main',
      GIT_CEILING_DIRECTORIES: this.root,
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Kamo',
      GIT_AUTHOR_EMAIL: 'kamo@example.org',
      GIT_COMMITTER_NAME: 'Kamo',
      GIT_COMMITTER_EMAIL: 'kamo@example.org',
    };
  }
}

/** Runs a program with exactly this environment, gathers what it prints, kills it when its time is over. */
export function runProcess(
  argv: readonly string[],
  options: RunOptions & { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Output> {
  const [program = '', ...args] = argv;
  return new Promise((resolveOutput, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? COMMAND_TIMEOUT_MS);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolveOutput({ argv, status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
    // A program that does not read its stdin closes it early.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}
