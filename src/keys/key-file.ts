import { basename, dirname, join } from 'node:path';
import { generateIdentity, parseIdentityText } from '../age/identity.ts';
import { SecretsError } from '../errors.ts';
import { nodeKeyFiles } from './world.ts';

/** What making a key file needs of the disk; each method rejects with the error of node (`code`). */
export interface KeyFiles {
  /** The permission bits, `null` where there is no file. */
  mode(path: string): Promise<number | null>;
  /** Makes a folder and those above it, for its owner alone. */
  createFolder(path: string): Promise<void>;
  /** Writes a new file for its owner alone and brings it to the disk; `EEXIST` where anything is there. */
  createExclusive(path: string, bytes: Uint8Array): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  /** Gives a file a second name; `EEXIST` where anything has it. */
  linkExclusive(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/** How a key file is made. */
export interface KeyFileOptions {
  readonly now: Date;
  /** Gives that many bytes from a cryptographic source. */
  readonly random: (bytes: number) => Uint8Array;
  /** Left out: the real disk. */
  readonly files?: KeyFiles | undefined;
}

/** What was made; the private half is in the file alone. */
export interface CreatedKey {
  /** `age1…` */
  readonly recipient: string;
}

/** File systems without hard links say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN'];

/**
 * Makes an age key and writes it in the form of age-keygen: mode 0600, missing folders 0700. The file appears
 * whole or not at all, and one that is there is never touched.
 *
 * @param path absolute
 * @throws SecretsError `ALREADY_EXISTS`, `WRITE_FAILED`
 */
export async function createKeyFile(path: string, options: KeyFileOptions): Promise<CreatedKey> {
  const { now, random, files = nodeKeyFiles } = options;
  const { identity, recipient } = generateIdentity(random);
  const created = `${now.toISOString().slice(0, 19)}Z`;
  const lines = [`# created: ${created}`, `# public key: ${recipient}`, identity.reveal(), ''];
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const suffix = Buffer.from(random(6)).toString('hex');
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}.new`);
  try {
    await files.createFolder(dirname(path));
    await files.createExclusive(temporary, bytes);
    try {
      await verify(files, temporary, recipient);
      await publish(files, temporary, path, bytes);
    } finally {
      await files.remove(temporary);
    }
    await files.syncFolder(dirname(path));
  } catch (error) {
    throw explain(error, path);
  }
  return { recipient };
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

/** A key that was not stored as it was made would cost every secret that is encrypted to it. */
async function verify(files: KeyFiles, path: string, recipient: string): Promise<void> {
  const text = new TextDecoder().decode(await files.read(path));
  const [identity, ...others] = parseIdentityText(text);
  if (identity?.recipient === recipient && others.length === 0) return;
  throw new SecretsError('WRITE_FAILED', 'the disk gave back something else than was written', {
    file: path,
  });
}

function explain(error: unknown, path: string): SecretsError {
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

/**
 * True where others than the owner may read or change a key file: worth a warning. False where there is no file,
 * and on Windows, whose permissions these bits do not show.
 *
 * @param path absolute
 */
export async function modeTooOpen(
  path: string,
  platform: NodeJS.Platform,
  files: Pick<KeyFiles, 'mode'> = nodeKeyFiles,
): Promise<boolean> {
  if (platform === 'win32') return false;
  const mode = await files.mode(path).catch(() => null);
  return mode !== null && (mode & 0o077) !== 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
