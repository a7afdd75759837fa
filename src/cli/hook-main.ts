import { runHook } from './commands/hook-run.ts';
import { fail } from './failure.ts';
import { start } from './start.ts';
import { Talk } from './talk.ts';

// `secrets hook run [NAME] [--] [WORD…]` and nothing else: a commit waits for it, so it starts without the command line of
// the others, and as a script that V8 has compiled before. `bin/secrets.js` chooses.
const [name, ...words] = process.argv.slice(4).filter(word => word !== '--');
void start(async world => {
  try {
    return await runHook(world, name, words);
  } catch (error) {
    return fail(error, new Talk(world, false), world);
  }
}, 'secrets hook run');
