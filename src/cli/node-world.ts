import { randomBytes } from 'node:crypto';
import { homedir, userInfo } from 'node:os';
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
    platform: process.platform,
    homedir: env['HOME'] || homedir(),
    username: loginName(env),
    now: () => new Date(),
    random: bytes => new Uint8Array(randomBytes(bytes)),
    terminal: async () => {
      const { openTerminal } = await import('./terminal.ts');
      return openTerminal(process.stdin, process.stderr);
    },
    controllingTerminal: async () => {
      const { openControllingTerminal } = await import('./controlling-terminal.ts');
      return openControllingTerminal(process.stderr);
    },
    run: async (argv, input) => {
      const { runProgram } = await import('./run-program.ts');
      return runProgram(argv, env, input);
    },
  };
}

/** Some containers have a user without an entry in the password file. */
function loginName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] ?? env['LOGNAME'] ?? 'admin';
  }
}
