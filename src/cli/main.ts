import { run } from './app.ts';
import { start } from './start.ts';

void start(world => run(process.argv.slice(2), world));
