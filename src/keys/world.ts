/** The only file of this module that touches the disk or starts a program. */

import { constants } from 'node:fs';
import {
  chown,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { resolve } from 'node:path';
import { withoutKey } from '../environment.ts';
import { SecretsError } from '../errors.ts';
import type { KeyFiles } from './new-file.ts';
import type { Environment } from './places.ts';
import type { KeysWorld } from './sources.ts';

/** Far more than any list of identities has. */
const MAX_FILE_BYTES = 1024 * 1024;

/** A command may wait for a password or for a touch on a key, but not for ever. */
const MAX_SECONDS = 300;

/** What the caller knows of the process it runs in. */
export interface ProcessFacts {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
  /** Absolute; where relative paths begin and commands run. Left out: the folder of the process. */
  readonly cwd?: string | undefined;
}

/** The real disk and real programs. */
export function nodeKeysWorld({ env, platform, homedir, cwd }: ProcessFacts): KeysWorld {
  return {
    env,
    platform,
    homedir,
    readFile: path => readBounded(cwd === undefined ? path : resolve(cwd, path)),
    run: (argv, environment) => runForOutput(argv, environment, cwd),
  };
}

/** A pipe (`/dev/fd/63` of a process substitution) is read like a file; something endless is given up. */
async function readBounded(path: string): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    const chunks: Uint8Array[] = [];
    for (let size = 0; ; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
      if (size > MAX_FILE_BYTES)
        throw new SecretsError('READ_FAILED', 'it has more than 1 MiB, which no key has');
    }
  } finally {
    await handle.close();
  }
}

/**
 * The stdout of a program. Its stderr is not shown, because it may quote a key; its stdin is empty, as under
 * sops, so that it has to ask on the terminal itself.
 */
async function runForOutput(
  argv: readonly string[],
  env: Environment,
  cwd: string | undefined,
): Promise<string> {
  const { spawn } = await import('node:child_process');
  // What node says of such a word would quote it.
  if (argv.some(word => word.includes('\0')))
    throw new SecretsError('PROGRAM_FAILED', 'the command has a NUL in it');
  const [program = '', ...args] = argv;
  const where = cwd === undefined ? {} : { cwd };
  return new Promise((fulfil, reject) => {
    const child = spawn(program, args, {
      ...where,
      env: withoutKey(env),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const giveUp = (message: string) => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.kill('SIGKILL');
      reject(new SecretsError('PROGRAM_FAILED', message));
    };
    const timer = setTimeout(
      () => giveUp(`the command did not end within ${MAX_SECONDS} s`),
      MAX_SECONDS * 1000,
    );
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_FILE_BYTES) giveUp('the command printed more than 1 MiB, which no key has');
    });
    child.on('error', error => {
      const missing = codeOf(error) === 'ENOENT';
      giveUp(missing ? 'the program of the command was not found' : 'the command could not be started');
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) fulfil(Buffer.concat(chunks).toString('utf8'));
      else
        reject(new SecretsError('PROGRAM_FAILED', `the command ended with ${signal ?? `status ${status}`}`));
    });
  });
}

/** Key files on the real disk. */
export const nodeKeyFiles: KeyFiles = {
  async mode(path) {
    try {
      return (await stat(path)).mode & 0o7777;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  },
  async createFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  async createExclusive(path, bytes) {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(bytes);
      await handle.sync();
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  },
  read: readBounded,
  async list(folder) {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
      throw error;
    }
  },
  realPath: path => realpath(path),
  async linkExclusive(from, to) {
    await link(from, to);
  },
  async replace(from, to) {
    const { uid, gid } = await stat(to);
    const made = await stat(from);
    // a file of somebody else, changed by root, has to stay theirs
    if (made.uid !== uid || made.gid !== gid) await chown(from, uid, gid);
    await rename(from, to);
  },
  async remove(path) {
    await unlink(path);
  },
  async syncFolder(path) {
    const handle = await openFolder(path);
    if (handle === null) return;
    // Some file systems have no fsync for folders; the file itself is on the disk already.
    await handle.sync().catch(() => undefined);
    await handle.close();
  },
};

async function openFolder(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY);
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
