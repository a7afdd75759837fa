import { spawnSync } from 'node:child_process';
import type { World } from './world.ts';

/** Leaves the second screen; shows the cursor; ends bracketed paste and reports of the mouse. */
const RESET = '\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m';

/** Modes of the terminal that can be put back. */
export interface SavedModes {
  /** @param crashed true where the program before had no time to clear up the screen */
  restore(crashed: boolean): void;
}

/**
 * Remembers the modes of the terminal on stdin, with `stty`, which every system has: an editor that is killed leaves
 * it without echo. Nothing happens where there is no terminal.
 */
export function saveModes({ stdin, stderr, env }: Pick<World, 'stdin' | 'stderr' | 'env'>): SavedModes {
  const saved = stdin.isTTY === true ? stty(['-g'], env)?.trim() : undefined;
  return {
    restore(crashed) {
      if (saved === undefined || !/^[\w:=.;-]+$/.test(saved)) return;
      stty([saved], env);
      if (crashed && stderr.isTTY === true && env['TERM'] !== 'dumb') stderr.write(RESET, () => {});
    },
  };
}

function stty(args: readonly string[], env: World['env']): string | undefined {
  const { status, stdout } = spawnSync('stty', args, {
    env: { ...env },
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: 2_000,
  });
  return status === 0 ? stdout : undefined;
}
