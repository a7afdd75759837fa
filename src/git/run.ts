import { spawn } from 'node:child_process';
import { withoutKey } from '../environment.ts';
import { SecretsError } from '../errors.ts';

/** Environment variables, passed in so that nothing here reads those of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface GitOptions {
  readonly env: Environment;
  /** Sent to git's standard input, which is empty otherwise. */
  readonly stdin?: string | undefined;
  /** True for a command that writes the index: only then may git take locks. */
  readonly writes?: boolean | undefined;
  /** True inside a hook: the repository, and its index, are those that git names by the environment. */
  readonly inherited?: boolean | undefined;
  /** True for the one command that refuses to take path names literally. */
  readonly patterns?: boolean | undefined;
  /** True: `stdout` has one character for each byte, as `latin1` decodes; without it it is UTF-8 text. */
  readonly raw?: boolean | undefined;
}

export interface GitResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * What git itself calls local to one repository (`git rev-parse --local-env-vars`). A hook or an alias hands
 * these on, relative to a folder that is not ours; the repository is the one that the folder lies in. The
 * configuration that a person gives by the environment is kept.
 */
export const OF_ANOTHER_REPOSITORY: readonly string[] = [
  'GIT_DIR',
  'GIT_COMMON_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_GRAFT_FILE',
  'GIT_SHALLOW_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
];

/** These contradict literal path names, or change what the program prints. */
const OF_ANOTHER_MIND = [
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
  'GIT_EXTERNAL_DIFF',
];

/**
 * A repository's own configuration may name programs. `core.fsmonitor` is the one that our reads would start;
 * `git add` also runs the clean filters of `.gitattributes` and the hook `post-index-change`, as it would by hand.
 */
const ALWAYS = ['--no-pager', '-c', 'core.fsmonitor=false'];

/**
 * Runs git without a shell and waits for its end. This file is the only place that starts it.
 *
 * @param cwd absolute
 * @param args everything after `git`; names of files belong after `--`, or into `stdin`
 * @throws SecretsError `PROGRAM_FAILED` where git cannot be started, dies of a signal or prints without end; an
 * exit status is no error here
 */
export function runGit(cwd: string, args: readonly string[], options: GitOptions): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...ALWAYS, ...args], {
      cwd,
      env: gitEnvironment(options),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const stdout = collect(
      child.stdout,
      () => child.kill('SIGKILL'),
      options.raw === true ? 'latin1' : 'utf8',
    );
    const stderr = collect(child.stderr, () => child.kill('SIGKILL'));
    child.on('error', error => reject(startError(error)));
    child.on('close', (status, signal) => {
      if (stdout.overflow() || stderr.overflow()) reject(failed('printed more than can be read'));
      else if (status === null) reject(failed(`was ended by ${signal ?? 'a signal'}`));
      else resolve({ status, stdout: stdout.text(), stderr: stderr.text() });
    });
    // git may end without having read all of it; its exit status says more than a broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}

/** A git that is spoken with while it runs. */
export interface RunningGit {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  /** Rejects with `PROGRAM_FAILED` where it cannot be started or dies of a signal. */
  readonly ended: Promise<Omit<GitResult, 'stdout'>>;
}

/** Starts git without a shell, for output that does not fit into memory. The caller ends `stdin` and reads `stdout`. */
export function startGit(cwd: string, args: readonly string[], options: GitOptions): RunningGit {
  const child = spawn('git', [...ALWAYS, ...args], {
    cwd,
    env: gitEnvironment(options),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stderr = collect(child.stderr, () => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  const ended = new Promise<Omit<GitResult, 'stdout'>>((resolve, reject) => {
    child.on('error', error => reject(startError(error)));
    child.on('close', (status, signal) => {
      if (status === null) reject(failed(`was ended by ${signal ?? 'a signal'}`));
      else resolve({ status, stderr: stderr.text() });
    });
  });
  ended.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** True for the error of {@link runGit} that says that there is no git on the `PATH`. */
export function isGitMissing(error: unknown): boolean {
  return (
    error instanceof SecretsError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === 'ENOENT'
  );
}

/** The error for an exit status that was not expected, with what git said. */
export function gitFailed(what: string, result: Omit<GitResult, 'stdout'>): SecretsError {
  return new SecretsError('PROGRAM_FAILED', `git could not ${what}: ${complaint(result)}`);
}

/** The line in which git says what is wrong, without control characters. */
export function complaint({ stderr, status }: Omit<GitResult, 'stdout'>): string {
  const lines = stderr.split('\n').filter(line => line.trim() !== '');
  const line = lines.find(text => /^(?:fatal|error): /.test(text)) ?? lines[0] ?? `exit status ${status}`;
  return line.replace(/^(?:fatal|error): /, '').replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

function gitEnvironment({ env, writes, patterns, inherited }: GitOptions): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(withoutKey(env))) {
    const dropped =
      (inherited !== true && OF_ANOTHER_REPOSITORY.includes(name)) ||
      OF_ANOTHER_MIND.includes(name) ||
      name.startsWith('GIT_TRACE');
    if (value !== undefined && !dropped) result[name] = value;
  }
  result.LC_ALL = 'C';
  result.LANGUAGE = 'C';
  result.GIT_LITERAL_PATHSPECS = patterns === true ? '0' : '1';
  result.GIT_TERMINAL_PROMPT = '0';
  // A replaced object is another one for git here than for everybody who fetches it.
  result.GIT_NO_REPLACE_OBJECTS = '1';
  result.GIT_GRAFT_FILE = '/dev/null';
  result.GIT_OPTIONAL_LOCKS = writes === true ? '1' : '0';
  return result;
}

function collect(stream: NodeJS.ReadableStream, stop: () => void, encoding: 'utf8' | 'latin1' = 'utf8') {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else stop();
  });
  return { overflow: () => size > MAX_OUTPUT_BYTES, text: () => Buffer.concat(chunks).toString(encoding) };
}

function startError(error: Error): SecretsError {
  return new SecretsError('PROGRAM_FAILED', 'git could not be started', {
    hint: 'is git installed?',
    cause: error,
  });
}

function failed(what: string): SecretsError {
  return new SecretsError('PROGRAM_FAILED', `git ${what}`);
}
