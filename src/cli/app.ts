import { CommanderError } from 'commander';
import { ExitCode } from '../errors.ts';
import { fail } from './failure.ts';
import { buildProgram } from './program.ts';
import { Talk } from './talk.ts';
import type { World } from './world.ts';

/**
 * Runs one command line.
 *
 * @param argv the words after the program's name
 * @returns the exit status; nothing is thrown
 */
export async function run(argv: readonly string[], world: World): Promise<number> {
  const talk = new Talk(world, wantsJson(argv));
  const heard: string[] = [];
  let status: number = ExitCode.ok;
  const program = buildProgram(
    world,
    text => heard.push(text),
    code => {
      status = code;
    },
  );
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (thrown) {
    return thrown instanceof CommanderError
      ? await usage(thrown, talk, heard).catch(() => ExitCode.failure)
      : await fail(thrown, talk, world);
  }
}

/** Known before the command line is understood, so that even a usage error is JSON where JSON was asked for. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json') && argv[0] !== 'sops';
}

/** Help and version were asked for and are data; everything else that commander says is a usage error. */
async function usage(error: CommanderError, talk: Talk, heard: readonly string[]): Promise<number> {
  const text = heard.join('');
  if (error.exitCode === 0) {
    await talk.out(text);
    return ExitCode.ok;
  }
  const message =
    error.code === 'commander.help'
      ? 'which command?'
      : error.message.replace(/^error: /, '').replace(/\n.*/s, '');
  const suggestion = /\((Did you mean .*)\)/s.exec(text)?.[1];
  const hint =
    suggestion === undefined ? 'see secrets --help, or secrets COMMAND --help' : lowerFirst(suggestion);
  if (talk.json) await talk.outJson({ error: { code: 'USAGE', message, hint, file: null, line: null } });
  if (error.code === 'commander.help') await talk.say(text.trimEnd());
  else {
    await talk.say(`secrets: error: ${message} [USAGE]`);
    await talk.say(`secrets: hint: ${hint}`);
  }
  return ExitCode.usage;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
