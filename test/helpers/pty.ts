import { join } from 'node:path';
import { programPath } from './programs.ts';
import { type Output, projectRoot, runProcess } from './sandbox.ts';

/** What a person does at the terminal; see `pseudo-terminal.py`. */
export type PtyStep =
  | readonly ['expect', string]
  /** Bytes, in hexadecimal. */
  | readonly ['send', string]
  | readonly ['sleep', string]
  | readonly ['signal', string]
  | readonly ['hangup', ''];

export interface PtyOutput extends Output {
  /** What the program left unread: the shell would take it for commands. */
  readonly after: Buffer;
  /** True where the terminal is in the modes that it was in before. */
  readonly restored: boolean;
  /** What the steps waited for in vain, `null` where all went well. */
  readonly error: string | null;
}

const KEYS: Readonly<Record<string, string>> = {
  enter: '\r',
  backspace: '\x7f',
  escape: '\x1b',
  tab: '\t',
  left: '\x1b[D',
  up: '\x1b[A',
};

/**
 * Reads steps from their text form, one on each line:
 * `expect TEXT`, `type TEXT`, `line TEXT` (with Enter), `key enter|backspace|ctrl-c|…`, `paste FILE` (with the
 * brackets that terminals put around a paste), `burst FILE` (a paste without them), `sleep MS`,
 * `signal TERM`, `hangup`.
 *
 * @param readFile gives the bytes of a file that is to be pasted
 * @throws Error naming the line
 */
export function parsePtySteps(text: string, readFile: (name: string) => Buffer): PtyStep[] {
  return text.split('\n').flatMap((line, index) => {
    const [, word = '', argument = ''] = /^\s*(\S+) ?(.*)$/.exec(line) ?? [];
    if (word === '' || word.startsWith('#')) return [];
    const step = stepOf(word, argument, readFile);
    if (step === null) throw new Error(`line ${index + 1} of the terminal steps: unknown word ${word}`);
    return [step];
  });
}

function stepOf(word: string, argument: string, readFile: (name: string) => Buffer): PtyStep | null {
  switch (word) {
    case 'expect':
    case 'sleep':
    case 'signal':
      return [word, argument];
    case 'hangup':
      return [word, ''];
    case 'type':
      return send(argument);
    case 'line':
      return send(`${argument}\r`);
    case 'key':
      return send(keyOf(argument));
    case 'paste':
      return send(`\x1b[200~${asPasted(readFile(argument))}\x1b[201~`);
    case 'burst':
      return send(asPasted(readFile(argument)));
    default:
      return null;
  }
}

function send(text: string): PtyStep {
  return ['send', Buffer.from(text).toString('hex')];
}

/** A terminal sends the newlines of a paste as the Enter key. */
function asPasted(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\n', '\r');
}

function keyOf(name: string): string {
  const letter = /^ctrl-([a-z])$/.exec(name)?.[1];
  if (letter !== undefined) return String.fromCharCode(letter.charCodeAt(0) - 96);
  const key = KEYS[name];
  if (key === undefined) throw new Error(`unknown key ${name}`);
  return key;
}

/** Runs a program on a pseudo terminal; stdout of the answer is all that the terminal was sent. */
export async function runOnPty(
  argv: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly steps: readonly PtyStep[];
    /** Seconds. */
    readonly timeout?: number;
  },
): Promise<PtyOutput> {
  const python = programPath('python3');
  if (python === null) throw new Error('a pseudo terminal needs python3');
  const env = { ...options.env, TERM: options.env['TERM'] ?? 'xterm-256color' };
  const request = JSON.stringify({
    argv,
    cwd: options.cwd,
    env,
    steps: options.steps,
    timeout: options.timeout ?? 30,
  });
  const result = await runProcess([python, join(projectRoot, 'test/helpers/pseudo-terminal.py')], {
    cwd: projectRoot,
    env: definedOnly(process.env),
    stdin: request,
  });
  if (result.status !== 0) throw new Error(`pseudo-terminal.py failed: ${result.stderr.toString()}`);
  const answer = JSON.parse(result.stdout.toString());
  return {
    argv,
    status: answer.status,
    signal: answer.signal,
    stdout: Buffer.from(Buffer.from(answer.transcript, 'hex').toString('utf8').replaceAll('\r\n', '\n')),
    stderr: Buffer.alloc(0),
    after: Buffer.from(answer.after, 'hex'),
    restored: answer.restored,
    error: answer.error,
  };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value;
  return defined;
}
