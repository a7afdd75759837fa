import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { walk } from './folder-state.ts';
import type { Output } from './sandbox.ts';

/** A value that a test made, and the files that may hold it. */
export interface Secret {
  readonly value: string;
  /** Relative to the work folder; a folder stands for all below it, `.git` for what git stored. */
  readonly allowed: readonly string[];
}

/** One command of the run, kept for the last test, which looks through all of them. */
export interface LoggedOutput {
  readonly where: string;
  readonly output: Output;
}

/** An age identity in either case, X25519 or post-quantum or of a plugin. */
const IDENTITY = /AGE-(SECRET-KEY-(PQ-)?1|PLUGIN-[A-Z0-9]+-1)[02-9AC-HJ-NP-Z]{20,}/i;
const SHORTEST = 6;
const SHORTEST_LINE = 12;

/** The spellings in which a value could slip out: as it is, escaped, encoded, or a single line of it. */
export function spellings(value: string): string[] {
  if (value.length < SHORTEST)
    throw new Error(`a secret of fewer than ${SHORTEST} characters is found by accident`);
  const bytes = Buffer.from(value);
  const found = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  found.add(bytes.toString('hex'));
  for (const text of base64Spellings(bytes)) found.add(text);
  for (const line of value.split('\n')) {
    if (line.length >= SHORTEST_LINE && !line.startsWith('-----')) found.add(line);
  }
  return [...found];
}

/** What base64 makes of the bytes wherever they begin, without the characters that depend on neighbours. */
function base64Spellings(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const whole = Math.floor(padded.length / 3) * 4;
    const text = padded.toString('base64').slice(before === 0 ? 0 : 4, whole);
    if (text.length >= 8) texts.push(text);
  }
  return texts;
}

/**
 * What an output says that it must not: stderr never holds a secret, and stdout does not where the command
 * failed or was asked for JSON. `null` where all is well. The answer does not repeat the value.
 */
export function leakInOutput(output: Output, secrets: readonly Secret[]): string | null {
  const failed = output.status !== 0;
  const json = output.argv.includes('--json');
  const channels: [string, Buffer][] = [['stderr', output.stderr]];
  if (failed || json) channels.push(['stdout', output.stdout]);
  for (const [channel, bytes] of channels) {
    const text = bytes.toString('utf8');
    if (IDENTITY.test(text)) return `${channel} holds an age identity`;
    const index = secrets.findIndex(secret =>
      spellings(secret.value).some(spelling => text.includes(spelling)),
    );
    if (index >= 0) return `${channel} holds secret number ${index + 1} of this script`;
  }
  return null;
}

/** Files below the folder that hold a secret and were not named as allowed to; git's objects come as one. */
export function leaksInFiles(folder: string, gitObjects: Buffer, secrets: readonly Secret[]): string[] {
  const found: string[] = [];
  const files: [string, Buffer][] = [['.git', gitObjects]];
  for (const path of walk(folder)) {
    if (lstatSync(join(folder, path)).isFile()) files.push([path, readFileSync(join(folder, path))]);
  }
  for (const [path, bytes] of files) {
    if (path === '.git' && IDENTITY.test(bytes.toString('latin1'))) found.push('.git holds an age identity');
    secrets.forEach((secret, index) => {
      if (secret.allowed.some(allowed => path === allowed || path.startsWith(`${allowed}/`))) return;
      if (spellings(secret.value).some(spelling => bytes.includes(spelling))) {
        found.push(`${path} holds secret number ${index + 1}`);
      }
    });
  }
  return found;
}

/** Everything that the commands of a run printed, and every value that none of them may print. */
export class OutputLog {
  readonly outputs: LoggedOutput[] = [];
  readonly secrets: Secret[] = [];

  /** Places where any command of the run printed a secret of any script. */
  leaks(): string[] {
    return this.outputs.flatMap(({ where, output }) => {
      const leak = leakInOutput(output, this.secrets);
      return leak === null ? [] : [`${where}: ${leak}`];
    });
  }
}
