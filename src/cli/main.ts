import { isatty } from 'node:tty';
import { run } from './app.ts';
import { nodeWorld } from './node-world.ts';

const STANDARD = [0, 1, 2];
const terminals = STANDARD.filter(isatty);
process.exitCode = await run(process.argv.slice(2), nodeWorld(process));
// Where the terminal has gone away, the runtime could not put its modes back and would abort, with a dump of the memory.
if (!terminals.every(isatty)) process.kill(process.pid, 'SIGHUP');
