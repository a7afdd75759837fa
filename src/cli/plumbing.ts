import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ErrorCode, SecretsError } from '../errors.ts';
import { replaceFile } from '../ops/replace-file.ts';
import type { FormatName } from '../sops/formats/format.ts';
import { formatOfPath } from '../sops/formats/of-path.ts';
import { Talk } from './talk.ts';
import type { World } from './world.ts';

/** Flags that both plumbing commands have. */
export interface FileOptions {
  readonly inPlace?: boolean | undefined;
  readonly output?: string | undefined;
  readonly inputType?: string | undefined;
  readonly outputType?: string | undefined;
  readonly filenameOverride?: string | undefined;
}

/** A failure as stock sops reports it: its text on stderr, its exit status (`cmd/sops/codes`). */
export class PlumbingError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'PlumbingError';
    this.status = status;
  }
}

/** Exit statuses of stock sops for what our own code refuses. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_DOCUMENT: 2,
  READ_FAILED: 2,
  WRITE_FAILED: 3,
  BAD_CIPHERTEXT: 25,
  MAC_MISMATCH: 51,
  NO_IDENTITY: 128,
  BAD_PASSPHRASE: 128,
  KEYCHAIN_UNAVAILABLE: 128,
};

const FORMATS: ReadonlySet<string> = new Set(['yaml', 'json', 'dotenv', 'ini', 'binary']);

/** Runs a plumbing command and turns whatever it throws into the text and status of stock sops. */
export async function plumb(world: World, work: (talk: Talk) => Promise<void>): Promise<number> {
  const talk = new Talk(world, false);
  try {
    await work(talk);
    return 0;
  } catch (thrown) {
    if (thrown instanceof PlumbingError) {
      await talk.say(thrown.message);
      return thrown.status;
    }
    if (!(thrown instanceof SecretsError)) throw thrown;
    const place = thrown.line === undefined ? '' : ` (line ${thrown.line})`;
    await talk.say(`${thrown.message}${place}`);
    if (thrown.hint !== undefined) await talk.say(thrown.hint);
    return STATUS[thrown.code] ?? 1;
  }
}

/** What is read, and the name that stands for it. */
export interface PlumbingInput {
  readonly bytes: Uint8Array;
  /** Absolute path or the override; empty for stdin without one. */
  readonly name: string;
  readonly inputFormat: FormatName;
  readonly outputFormat: FormatName;
}

/** @throws PlumbingError 8 (flags that exclude each other), 100 (no such file) */
export async function readInput(
  world: World,
  file: string | undefined,
  options: FileOptions,
): Promise<PlumbingInput> {
  if (options.inPlace && options.output !== undefined) {
    throw new PlumbingError(8, 'Error: cannot operate on both --output and --in-place');
  }
  if (file === undefined && options.inPlace) {
    throw new PlumbingError(8, 'Error: cannot use --in-place when reading from stdin');
  }
  const name = options.filenameOverride ?? (file === undefined ? '' : resolve(world.cwd, file));
  const inputFormat = chosen(options.inputType, name);
  const outputFormat = chosen(options.outputType, name);
  return { bytes: await bytesOf(world, file), name, inputFormat, outputFormat };
}

/** An unknown type is ignored and the name decides, as in sops. */
function chosen(type: string | undefined, name: string): FormatName {
  return type !== undefined && FORMATS.has(type) ? (type as FormatName) : formatOfPath(name);
}

async function bytesOf(world: World, file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined) return existing(resolve(world.cwd, file));
  const chunks: Uint8Array[] = [];
  for await (const chunk of world.stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

async function existing(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => null);
  if (found === null)
    throw new PlumbingError(100, `Error: cannot operate on non-existent file ${JSON.stringify(path)}`);
  if (found.isDirectory()) throw new PlumbingError(2, `Error: ${JSON.stringify(path)} is a folder`);
  return new Uint8Array(await readFile(path));
}

/** Writes the result where the flags say; nothing is written before all of it exists. */
export async function writeOutput(
  world: World,
  talk: Talk,
  file: string | undefined,
  options: FileOptions,
  bytes: Uint8Array,
  newFileMode: number,
): Promise<void> {
  const target = options.inPlace === true ? file : options.output;
  if (target === undefined) return talk.out(bytes);
  await replaceFile(resolve(world.cwd, target), bytes, newFileMode);
}
