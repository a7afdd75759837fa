import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SecretsError } from '../errors.ts';
import { formatRecipe, generate, parseRecipe } from '../ops/generators/generate.ts';
import { type Beside, NOTHING_BESIDE } from '../ops/secrets/beside.ts';
import { inspectVariable } from '../ops/values/env-text.ts';
import { oneLine } from '../ops/values/env-variables.ts';
import { type Payload, toPayload } from '../ops/values/payload.ts';
import { Redacted } from '../redacted.ts';
import { confirmedHidden } from './prompt.ts';
import type { Session } from './session.ts';

/** The options by which `add` and `set` take a value. */
export interface ValueOptions {
  readonly env?: boolean | undefined;
  readonly binary?: boolean | undefined;
  readonly fromFile?: string | undefined;
  readonly generate?: string | undefined;
  readonly keepNewline?: boolean | undefined;
  readonly allowEmpty?: boolean | undefined;
}

export interface GivenValue {
  readonly payload: Payload;
  /** How it was generated, `null` where a person gave it. */
  readonly recipe: string | null;
  /** What was made with it; nothing where a person gave it. */
  readonly beside: Beside;
}

const BY_HAND = { recipe: null, beside: NOTHING_BESIDE };
/** A secret is a key or a file of settings, not a disk image. */
const LARGEST = 16 * 1024 * 1024;
const SILENT_MS = 5_000;

/**
 * Takes the value from where the options say: a generator, a file, stdin, else a hidden prompt.
 *
 * @param what is asked for, and the comment of a generated ssh key
 * @throws SecretsError `USAGE`, `READ_FAILED`, `INTERRUPTED`, `PROGRAM_FAILED`, and what `toPayload` throws
 */
export async function takeValue(session: Session, what: string, options: ValueOptions): Promise<GivenValue> {
  if (options.generate !== undefined) return generated(session, what, options);
  if (options.fromFile !== undefined && options.fromFile !== '-') {
    const bytes = await fileBytes(session, options.fromFile);
    return { payload: toPayload({ ...options, bytes, source: 'file' }), ...BY_HAND };
  }
  const asked = session.world.stdin.isTTY === true && options.fromFile !== '-';
  const bytes = asked ? await prompted(session, what, options) : await stdinBytes(session);
  return { payload: toPayload({ ...options, bytes, source: asked ? 'prompt' : 'stdin' }), ...BY_HAND };
}

async function generated(session: Session, what: string, options: ValueOptions): Promise<GivenValue> {
  if (options.env || options.binary || options.fromFile !== undefined) {
    throw new SecretsError(
      'USAGE',
      '--generate makes one value; it goes with none of --env, --binary, --from-file',
    );
  }
  return generatedValue(session, what, options.generate ?? '');
}

/**
 * Makes a value by a recipe.
 *
 * @param name what the secret is called, the comment of an ssh key
 * @throws SecretsError `BAD_OPTION` (no such recipe), `PROGRAM_FAILED`
 */
export async function generatedValue(session: Session, name: string, text: string): Promise<GivenValue> {
  const recipe = parseRecipe(text);
  const { value, beside } = await generate(recipe, name, session.world);
  return { payload: toPayload({ bytes: value, source: 'generated' }), recipe: formatRecipe(recipe), beside };
}

async function fileBytes(session: Session, name: string): Promise<Redacted<Uint8Array>> {
  const path = resolve(session.world.cwd, name);
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new SecretsError('READ_FAILED', 'a folder is no value', { file: name });
    // no further than one byte too many: a pipe or a device does not tell its size
    const chunks: Uint8Array[] = [];
    for await (const chunk of createReadStream(path, { end: LARGEST })) chunks.push(chunk);
    const bytes = new Uint8Array(Buffer.concat(chunks));
    if (bytes.length > LARGEST) throw tooLarge(name);
    return new Redacted(bytes);
  } catch (error) {
    if (error instanceof SecretsError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new SecretsError('READ_FAILED', `the file cannot be read (${code})`, { file: name });
  }
}

function tooLarge(name: string | undefined): SecretsError {
  return new SecretsError('BAD_VALUE', `a value has at most ${LARGEST / 1024 / 1024} MiB`, { file: name });
}

async function stdinBytes(session: Session): Promise<Redacted<Uint8Array>> {
  const { world, talk } = session;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const timer = setTimeout(
    () => void talk.note('waiting for the value on stdin (end it with Ctrl-D)'),
    SILENT_MS,
  );
  try {
    for await (const chunk of world.stdin) {
      clearTimeout(timer);
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > LARGEST) throw tooLarge(undefined);
      chunks.push(bytes);
    }
  } finally {
    clearTimeout(timer);
  }
  return new Redacted(new Uint8Array(Buffer.concat(chunks)));
}

async function prompted(
  session: Session,
  what: string,
  options: ValueOptions,
): Promise<Redacted<Uint8Array>> {
  const terminal = await session.world.terminal();
  if (!options.env) {
    const value = await confirmedHidden(terminal, `value of ${what}: `);
    return new Redacted(new TextEncoder().encode(value.reveal()));
  }
  const lines: string[] = [];
  for (;;) {
    const name = (
      await terminal.readLine(lines.length === 0 ? 'Variable: ' : 'Variable (empty to finish): ')
    ).trim();
    if (name === '') break;
    inspectVariable(name, '', true);
    const value = await terminal.readHidden('Value: ');
    lines.push(`${name}=${oneLine(name, value)}`);
  }
  return new Redacted(new TextEncoder().encode(lines.map(line => `${line}\n`).join('')));
}
