import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatStanza, parseStanzaText, type Stanza } from '../../age/header.ts';
import { withoutIdentities } from '../../environment.ts';
import { SecretsError } from '../../errors.ts';
import type { Environment } from '../places.ts';

/** Who answers what a plugin asks. `null` answers: nobody can be asked. */
export interface PluginPerson {
  say(plugin: string, message: string): Promise<void>;
  /** @param hidden true for a PIN */
  ask(plugin: string, prompt: string, hidden: boolean): Promise<string | null>;
  /** @param no `null`: there is only one answer */
  confirm(plugin: string, prompt: string, yes: string, no: string | null): Promise<boolean | null>;
}

/** A program to talk to, and what it is told first. */
export interface Conversation {
  readonly plugin: string;
  /** Absolute. */
  readonly program: string;
  readonly phase: 'recipient-v1' | 'identity-v1';
  readonly env: Environment;
  readonly opening: readonly Stanza[];
}

/** A touch or a PIN takes its time, but not for ever. */
const MAX_MS = 300_000;
const MAX_LINES = 4096;
const EMPTY = new Uint8Array();

/**
 * One run of a plugin by the protocol of age (C2SP age-plugin.md): everything is told, then its commands are
 * answered until `done`.
 *
 * @returns its stanzas that are neither questions nor errors, in order
 * @throws SecretsError `PROGRAM_FAILED`, `PLUGIN_UNAVAILABLE` (cannot be started), and what the person throws
 */
export async function converse(conversation: Conversation, person: PluginPerson): Promise<Stanza[]> {
  const { plugin, program, phase, env, opening } = conversation;
  const child = spawn(program, [`--age-plugin=${phase}`], {
    env: withoutIdentities(env),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  const write = (stanza: Stanza) => child.stdin.write(`${formatStanza(stanza)}\n`);
  for (const stanza of [...opening, stanzaOf('done')]) write(stanza);
  const timer = new AbortController();
  try {
    const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    return await Promise.race([
      answers(plugin, lines, person, write),
      once(child, 'error').then(() => Promise.reject(unstartable(plugin, program))),
      sleep(MAX_MS, null, { signal: timer.signal }).then(() =>
        Promise.reject(broke(plugin, `did not answer within ${MAX_MS / 1000} s`)),
      ),
    ]);
  } finally {
    timer.abort();
    child.stdin.end();
    child.kill();
  }
}

/** A stanza without a body, or with one. */
export function stanzaOf(type: string, args: readonly string[] = [], body: Uint8Array = EMPTY): Stanza {
  return { args: [type, ...args], body };
}

async function answers(
  plugin: string,
  lines: AsyncIterable<string>,
  person: PluginPerson,
  write: (stanza: Stanza) => void,
): Promise<Stanza[]> {
  const found: Stanza[] = [];
  for await (const stanza of stanzas(plugin, lines)) {
    const [type] = stanza.args;
    if (type === 'done') return found;
    if (type === 'error') throw broke(plugin, `says: ${sayable(stanza.body)}`);
    const question = await reply(plugin, stanza, person);
    if (question === null) found.push(stanza);
    write(question ?? stanzaOf('ok'));
  }
  throw broke(plugin, 'ended before it was done');
}

async function* stanzas(plugin: string, lines: AsyncIterable<string>): AsyncGenerator<Stanza> {
  let pending: string[] = [];
  for await (const line of lines) {
    pending.push(line);
    if (pending.length > MAX_LINES) throw broke(plugin, 'speaks no language of age');
    // the last line of a body is the first that is not full; the line of the arguments is none of the body
    if (pending.length === 1 || line.length === 64) continue;
    const text = pending.join('\n');
    pending = [];
    yield parsed(plugin, text);
  }
}

function parsed(plugin: string, text: string): Stanza {
  try {
    return parseStanzaText(text);
  } catch {
    throw broke(plugin, 'speaks no language of age');
  }
}

/** The answer to a question; `null` where it was none. What we do not know is said to be unsupported. */
async function reply(plugin: string, { args, body }: Stanza, person: PluginPerson): Promise<Stanza | null> {
  const [type, first, second] = args;
  if (type === 'recipient-stanza' || type === 'file-key' || type === 'labels') return null;
  const text = sayable(body);
  if (type === 'msg') {
    await person.say(plugin, text);
    return stanzaOf('ok');
  }
  if (type === 'request-secret' || type === 'request-public') {
    const answer = await person.ask(plugin, text, type === 'request-secret');
    return answer === null ? stanzaOf('fail') : stanzaOf('ok', [], Buffer.from(answer, 'utf8'));
  }
  if (type !== 'confirm') return stanzaOf('unsupported');
  const no = second === undefined ? null : sayable(Buffer.from(second, 'base64'));
  const answer = await person.confirm(plugin, text, sayable(Buffer.from(first ?? '', 'base64')), no);
  return answer === null ? stanzaOf('fail') : stanzaOf('ok', [answer ? 'yes' : 'no']);
}

/** What a foreign program says may neither move a cursor nor fill a screen. */
function sayable(body: Uint8Array): string {
  return Buffer.from(body)
    .toString('utf8')
    .slice(0, 500)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function broke(plugin: string, what: string): SecretsError {
  return new SecretsError('PROGRAM_FAILED', `age-plugin-${plugin} ${what}`);
}

function unstartable(plugin: string, program: string): SecretsError {
  return new SecretsError('PLUGIN_UNAVAILABLE', `age-plugin-${plugin} cannot be started`, { file: program });
}
