import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { World } from './world.ts';

/** The real world. Output errors reach the writer's callback; without a listener node would end the process. */
export function nodeWorld(process: NodeJS.Process): World {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const { env } = process;
  return {
    command: 'secrets',
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env,
    cwd: process.cwd(),
    launch: launchOf(process),
    platform: process.platform,
    homedir: env['HOME'] || homedir(),
    username: loginName(env),
    now: () => new Date(),
    random: bytes => new Uint8Array(randomBytes(bytes)),
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
