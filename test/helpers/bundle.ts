import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes one file that plain `node` runs out of a TypeScript program, for tests that need processes of their own.
 *
 * @param source its imports are relative to the top of the project, `./src/ops/lock.ts`
 * @param folder where the file is put
 * @returns its absolute path
 */
export async function bundleScript(source: string, folder: string, name = 'child.mjs'): Promise<string> {
  const outfile = join(folder, name);
  await build({
    stdin: { contents: source, resolveDir: PROJECT, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

/** What a finished process left. */
interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under way: kill it through `child`, wait for its end through `done`. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Finished>;
}

/** Runs a file with the node that runs the tests. */
export function startNode(script: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const child = spawn(process.execPath, [script, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const done = new Promise<Finished>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', chunk => {
      stdout += chunk;
    });
    child.stderr?.on('data', chunk => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, done };
}
