import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { programPath } from './programs.ts';

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * A real sshd on the loopback address.
 *
 * @param key its private host key
 * @param more further options, `AuthorizedKeysFile=…`
 */
export async function startSshServer(
  key: string,
  port: number,
  more: readonly string[] = [],
): Promise<ChildProcess> {
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const options = ['-o', 'ListenAddress=127.0.0.1', '-o', 'PidFile=none', '-o', 'UsePAM=no'];
  const server = spawn(
    programPath('sshd') ?? '',
    [
      '-D',
      '-e',
      '-f',
      '/dev/null',
      '-h',
      key,
      '-p',
      String(port),
      ...options,
      ...more.flatMap(option => ['-o', option]),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (text: Buffer) => {
      if (text.toString().includes('Server listening')) resolve();
    });
    server.on('exit', status => reject(new Error(`sshd ended with ${status}`)));
  });
  return server;
}
