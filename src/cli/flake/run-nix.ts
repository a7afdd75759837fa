import { spawn } from 'node:child_process';
import { withoutIdentities } from '../../environment.ts';
import { OF_ANOTHER_REPOSITORY } from '../../git/run.ts';
import { findProgram, type PluginSearch, trustedPath } from '../../keys/plugins/find-plugin.ts';

/** What an evaluation may print; a fleet of thousands of secrets prints a few megabytes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** After this long a program that was asked to end is killed. */
const GRACE_MS = 2000;

/**
 * Flakes are still called experimental. Nothing is written (a lock file is not either), a flake's own `nixConfig` is not taken
 * over, and nothing that the machine holds can be read: pure evaluation sees the flake and its locked inputs.
 */
const ALWAYS: readonly string[] = [
  '--extra-experimental-features',
  'nix-command flakes',
  '--option',
  'pure-eval',
  'true',
  '--option',
  'accept-flake-config',
  'false',
  '--option',
  'eval-cache',
  'false',
];

/** How one run of Nix ended. */
export interface NixResult {
  /** `null`: it died of a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What we ended it for. */
  readonly stopped: 'time' | 'output' | null;
}

/** A Nix that may be run, and how. */
export interface Nix {
  /** Absolute. */
  readonly program: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for one run. */
  readonly limit: number;
  /** True: what the flake imports may be built during evaluation, which runs the builders that it names. */
  readonly builds: boolean;
}

/**
 * The Nix of the machine: from an absolute entry of the `PATH` outside of the work tree, `null` where there is none.
 * It gets no private key, and an environment in which no other repository is meant than the flake's.
 *
 * @param search with the folders whose files must not be run
 */
export async function findNix(
  search: PluginSearch,
  options: Pick<Nix, 'cwd' | 'limit' | 'builds'>,
): Promise<Nix | null> {
  const { path } = await findProgram('nix', search);
  if (path === null) return null;
  const env = { ...gitSettings(search.env), PATH: await trustedPath(search), NO_COLOR: '1', LC_ALL: 'C' };
  return { ...options, program: path, env };
}

/**
 * Nix starts git on the work tree. As everywhere else, a hook's idea of the repository is not ours, and a repository does not
 * name the program that watches its files.
 */
function gitSettings(given: PluginSearch['env']): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(withoutIdentities(given)))
    if (value !== undefined && !OF_ANOTHER_REPOSITORY.includes(name)) env[name] = value;
  const count = /^\d{1,4}$/.test(env.GIT_CONFIG_COUNT ?? '') ? Number(env.GIT_CONFIG_COUNT) : 0;
  return {
    ...env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: 'core.fsmonitor',
    [`GIT_CONFIG_VALUE_${count}`]: 'false',
  };
}

/** Runs Nix without a shell and waits for its end, or ends it. Never throws for what it does. */
export function runNix(
  { program, cwd, env, limit, builds }: Nix,
  args: readonly string[],
): Promise<NixResult> {
  const [command = '', ...rest] = args;
  const imports = ['--option', 'allow-import-from-derivation', String(builds)];
  return new Promise(resolve => {
    const child = spawn(program, [...ALWAYS, ...imports, command, ...rest], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stopped: NixResult['stopped'] = null;
    let killer: NodeJS.Timeout | undefined;
    const stop = (why: 'time' | 'output') => {
      stopped ??= why;
      child.kill('SIGTERM');
      killer ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const timer = setTimeout(() => stop('time'), limit);
    const stdout = collect(child.stdout, MAX_OUTPUT_BYTES, () => stop('output'));
    const stderr = collect(child.stderr, MAX_MESSAGE_BYTES, () => {});
    const end = (status: number | null, message = '') => {
      clearTimeout(timer);
      clearTimeout(killer);
      resolve({ status, stdout: stdout(), stderr: message === '' ? stderr() : message, stopped });
    };
    child.on('error', error => end(null, `error: ${error.message}`));
    child.on('close', status => end(status));
  });
}

/** Keeps the first bytes, and reads on, so that the program is not held up. */
function collect(stream: NodeJS.ReadableStream, limit: number, overflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else overflow();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
