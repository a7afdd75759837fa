import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { World } from './world.ts';

/** The real world. Node opens its standard streams when they are first asked for; a hook that finds nothing needs none. */
export function nodeWorld(process: NodeJS.Process, command = 'secrets'): World {
  const { env } = process;
  return {
    command,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return withListener(process.stdout);
    },
    get stderr() {
      return withListener(process.stderr);
    },
    env,
    cwd: process.cwd(),
    launch: launchOf(process),
    platform: process.platform,
    homedir: env['HOME'] || homedir(),
    username: loginName(env),
    now: () => new Date(),
    random,
    terminal: once(async () => {
      const { openTerminal } = await import('./terminal.ts');
      return openTerminal(process.stdin, process.stderr);
    }),
    controllingTerminal: once(async () => {
      const { openControllingTerminal } = await import('./controlling-terminal.ts');
      return openControllingTerminal(process.stderr);
    }),
    run: async (argv, input) => {
      const { runProgram } = await import('./run-program.ts');
      return runProgram(argv, env, input);
    },
  };
}

/** Output errors reach the writer's callback; without a listener node would end the process. */
function withListener(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  return stream;
}

function ignore(): void {}

/** So much is given at once. */
const MOST_RANDOM_BYTES = 65_536;

/** Of the platform, which is ready: node's own module takes longer to load than a hook to find nothing. */
function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MOST_RANDOM_BYTES)
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + MOST_RANDOM_BYTES));
  return bytes;
}

/** There is one person, who is asked one thing at a time: everybody gets the same terminal. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

/** A single-file executable has no script on disk. */
function launchOf({ execPath, argv }: NodeJS.Process): World['launch'] {
  const [, script] = argv;
  const path = script === undefined ? null : resolve(script);
  return { node: execPath, script: path !== null && existsSync(path) ? path : null };
}

/** Some containers have a user without an entry in the password file. */
function loginName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] ?? env['LOGNAME'] ?? 'admin';
  }
}
