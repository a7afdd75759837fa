import { randomBytes } from 'node:crypto';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SecretsError } from '../errors.ts';

/**
 * Replaces one file outside a workspace at once: a crash leaves the old file or the new one. A link is
 * followed, an existing file keeps its mode.
 *
 * @param newFileMode permission bits of a file that is not there yet
 * @throws SecretsError `WRITE_FAILED`
 */
export async function replaceFile(path: string, bytes: Uint8Array, newFileMode: number): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const mode = await stat(target).then(
      found => found.mode & 0o777,
      () => newFileMode,
    );
    await writeNew(temporary, bytes, mode);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await unlink(temporary).catch(() => {});
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new SecretsError('WRITE_FAILED', `the file cannot be written (${code})`, { file: path });
  }
}

async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
