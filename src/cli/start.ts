import { isatty } from 'node:tty';
import { ExitCode } from '../errors.ts';
import { nodeWorld } from './node-world.ts';
import type { World } from './world.ts';

const STANDARD = [0, 1, 2];

/** Runs the work of this process, whose status becomes the exit status. */
export async function start(work: (world: World) => Promise<number>, command?: string): Promise<void> {
  const terminals = STANDARD.filter(isatty);
  // work that never ends lets the process end: that is no success
  process.exitCode = ExitCode.failure;
  process.exitCode = await work(nodeWorld(process, command));
  // Where the terminal has gone away, the runtime could not put its modes back and would abort, with a dump of the memory.
  if (!terminals.every(isatty)) process.kill(process.pid, 'SIGHUP');
}
