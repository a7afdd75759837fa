import { Readable } from 'node:stream';
import { run } from '../../src/cli/app.ts';
import { nodeWorld } from '../../src/cli/node-world.ts';
import type { OutputStream } from '../../src/cli/world.ts';
import type { Sandbox } from './sandbox.ts';

/** Made once: it listens to the streams of this process. */
const outside = nodeWorld(process);

/** What a command line answered. */
export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line of the program inside this process, in the world of a sandbox: for tests with many steps. */
export async function runHere(
  sandbox: Sandbox,
  argv: readonly string[],
  given: string | { readonly stdin?: string; readonly cwd?: string } = {},
): Promise<Answer> {
  const { stdin = '', cwd = sandbox.work } = typeof given === 'string' ? { stdin: given } : given;
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const { env } = sandbox;
  const status = await run(argv, {
    ...outside,
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout: collecting(stdout),
    stderr: collecting(stderr),
    env,
    cwd,
    homedir: sandbox.home,
    terminal: () => Promise.reject(new Error('nobody is at a terminal')),
  });
  return { status, stdout: textOf(stdout), stderr: textOf(stderr) };
}

function collecting(chunks: Uint8Array[]): OutputStream {
  return {
    write(chunk, done) {
      chunks.push(Buffer.from(chunk));
      done();
      return true;
    },
  };
}

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
