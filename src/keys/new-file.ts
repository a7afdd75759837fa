import { basename, dirname, join } from 'node:path';
import { SecretsError } from '../errors.ts';
import { nodeKeyFiles } from './world.ts';

/** What writing key files needs of the disk; each method rejects with the error of node (`code`). */
export interface KeyFiles {
  /** The permission bits, `null` where there is no file. */
  mode(path: string): Promise<number | null>;
  /** Makes a folder and those above it, for its owner alone. */
  createFolder(path: string): Promise<void>;
  /** Writes a new file for its owner alone and brings it to the disk; `EEXIST` where anything is there. */
  createExclusive(path: string, bytes: Uint8Array): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  /** The names in a folder, sorted; none where it does not exist. */
  list(folder: string): Promise<string[]>;
  /** Where a chain of links ends. */
  realPath(path: string): Promise<string>;
  /** Gives a file a second name; `EEXIST` where anything has it. */
  linkExclusive(from: string, to: string): Promise<void>;
  /** Puts a file in the place of another; its owner stays, where we may give files away. */
  replace(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/** How a file is written. */
export interface NewFileOptions {
  /** Gives that many bytes from a cryptographic source. */
  readonly random: (bytes: number) => Uint8Array;
  /** Left out: the real disk. */
  readonly files?: KeyFiles | undefined;
  /** Is what the disk gave back what was meant? */
  readonly accepts: (bytes: Uint8Array) => boolean;
}

/** File systems without hard links say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN'];

/**
 * Writes a file that does not exist yet: mode 0600, missing folders 0700. It appears whole or not at all, and one
 * that is there is never touched.
 *
 * @param path absolute
 * @throws SecretsError `ALREADY_EXISTS`, `WRITE_FAILED`
 */
export async function createNewFile(path: string, bytes: Uint8Array, options: NewFileOptions): Promise<void> {
  const { files = nodeKeyFiles } = options;
  try {
    await files.createFolder(dirname(path));
    await withTemporary(path, bytes, options, temporary => publish(files, temporary, path, bytes));
    await files.syncFolder(dirname(path));
  } catch (error) {
    throw explainKeyFile(error, path);
  }
}

/** Writes a file beside its place, reads it back, hands it on and removes it. */
export async function withTemporary(
  path: string,
  bytes: Uint8Array,
  { random, files = nodeKeyFiles, accepts }: NewFileOptions,
  work: (temporary: string) => Promise<void>,
): Promise<void> {
  const suffix = Buffer.from(random(6)).toString('hex');
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}.new`);
  await files.createExclusive(temporary, bytes);
  try {
    // A key that was not stored as it was made would cost every secret that is encrypted to it.
    if (!accepts(await files.read(temporary))) {
      throw new SecretsError('WRITE_FAILED', 'the disk gave back something else than was written', {
        file: path,
      });
    }
    await work(temporary);
  } finally {
    await files.remove(temporary).catch(error => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
}

/** A second name is given exclusively and at once; without links the file is written in place, exclusively. */
async function publish(files: KeyFiles, temporary: string, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await files.linkExclusive(temporary, path);
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error))) throw error;
    await files.createExclusive(path, bytes);
  }
}

/** An error of the disk as a {@link SecretsError}; of a foreign one only its code is shown. */
export function explainKeyFile(error: unknown, path: string): SecretsError {
  if (error instanceof SecretsError) return error;
  const code = codeOf(error);
  if (code === 'EEXIST') {
    return new SecretsError('ALREADY_EXISTS', 'there is a file already, it was left as it is', {
      file: path,
      hint: 'a key that is lost takes every secret with it: move the file away yourself if it is not needed',
    });
  }
  const reason = /^[A-Z]{2,20}$/.test(code) ? code : 'unknown error';
  return new SecretsError('WRITE_FAILED', `the age key could not be written (${reason})`, { file: path });
}

/** The code of an error of node, empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
