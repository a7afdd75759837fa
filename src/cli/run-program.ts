import { spawn } from 'node:child_process';
import { withoutKey } from '../environment.ts';
import type { Redacted } from '../redacted.ts';

const LARGEST_OUTPUT = 1024 * 1024;

/**
 * Runs a program without a shell and gives its status and stdout; its stderr is dropped. `null` where it is
 * not installed.
 */
export function runProgram(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: Redacted<string>,
): Promise<{ status: number; stdout: string } | null> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: withoutKey(env), stdio: ['pipe', 'pipe', 'ignore'] });
    // a program that ends before it has read everything is judged by its status
    child.stdin.on('error', () => {});
    child.stdin.end(input?.reveal());
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_OUTPUT) chunks.push(chunk);
      else child.kill();
    });
    child.on('error', error => {
      if ('code' in error && error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.on('close', status =>
      resolve({ status: status ?? 1, stdout: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}
