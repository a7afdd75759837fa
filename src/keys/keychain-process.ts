import { spawn } from 'node:child_process';
import { withoutIdentities } from '../environment.ts';
import { Redacted } from '../redacted.ts';
import { KEYCHAIN_FAULTS, type Keychain, type KeychainFault, keychainUnavailable } from './keychain.ts';
import type { KeychainRequest } from './keychain-library.ts';
import type { Environment } from './places.ts';

/** How the process is started that speaks to the keychain. */
export interface KeychainProcessOptions {
  /** The words that start it; it reads a request on stdin and answers on stdout. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Milliseconds; left out: enough for a person to find the window that asks for the password. */
  readonly limit?: number | undefined;
  /** Called once where an answer is slow to come. */
  readonly onWait?: (() => void) | undefined;
}

const LIMIT_MS = 60_000;
/** A question that opens no window needs no person. */
const PROBE_LIMIT_MS = 5_000;
const PATIENCE_MS = 2_000;
const LARGEST_ANSWER = 64 * 1024;
/** No identity can be called that. */
const NOBODY = ' ';

/** The keychain of the system, asked in a process that is ended when its time is over. */
export function keychainProcess(options: KeychainProcessOptions): Keychain {
  const { limit = LIMIT_MS } = options;
  return {
    async get(account) {
      const answer = await ask({ action: 'get', account }, options, limit);
      return typeof answer['value'] === 'string' ? new Redacted(answer['value']) : null;
    },
    async set(account, secret) {
      await ask({ action: 'set', account, secret: secret.reveal() }, options, limit);
    },
    async remove(account) {
      return (await ask({ action: 'remove', account }, options, limit))['done'] === true;
    },
    async probe() {
      await ask({ action: 'get', account: NOBODY }, options, Math.min(limit, PROBE_LIMIT_MS));
    },
  };
}

async function ask(
  request: KeychainRequest,
  options: KeychainProcessOptions,
  limit: number,
): Promise<Record<string, unknown>> {
  const text = await exchange(JSON.stringify(request), options, limit);
  if (text === null) throw keychainUnavailable('late');
  const answer = parseAnswer(text);
  if (answer === null) throw keychainUnavailable('other');
  if ('fault' in answer) {
    const fault = KEYCHAIN_FAULTS.find(known => known === answer['fault']);
    throw keychainUnavailable(fault ?? ('other' satisfies KeychainFault));
  }
  return answer;
}

function parseAnswer(text: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Request and answer go through pipes: neither is in an argument, in the environment or in a file. */
function exchange(
  request: string,
  { argv, env, onWait }: KeychainProcessOptions,
  limit: number,
): Promise<string | null> {
  const [program = '', ...args] = argv;
  return new Promise(resolve => {
    const child = spawn(program, args, { env: withoutIdentities(env), stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    let size = 0;
    const patience = setTimeout(() => onWait?.(), PATIENCE_MS);
    const timer = setTimeout(() => end(null), limit);
    const end = (answer: string | null) => {
      clearTimeout(patience);
      clearTimeout(timer);
      child.stdout.destroy();
      child.kill('SIGKILL');
      resolve(answer);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_ANSWER) end('');
    });
    child.on('error', () => end(''));
    child.on('close', () => end(Buffer.concat(chunks).toString('utf8')));
    child.stdin.on('error', () => {});
    child.stdin.end(request);
  });
}
