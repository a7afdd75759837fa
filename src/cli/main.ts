import { run } from './app.ts';
import { nodeWorld } from './node-world.ts';

process.exitCode = await run(process.argv.slice(2), nodeWorld(process));
