import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsError } from '../errors.ts';
import { entryText, keyEntries, type NewEntry, withEntry, withoutEntry } from './key-entries.ts';
import { codeOf, createNewFile, explainKeyFile, type KeyFiles, withTemporary } from './new-file.ts';
import { nodeKeyFiles } from './world.ts';

/** What changing a key file takes. */
export interface ChangeOptions {
  readonly random: (bytes: number) => Uint8Array;
  /** Left out: the real disk. */
  readonly files?: KeyFiles | undefined;
  /** Milliseconds to wait for somebody else who writes; left out: 5,000. */
  readonly waitMs?: number | undefined;
}

/**
 * Puts an identity at the end of sops' key file, or makes that file. What it holds stays as it is; after a crash the
 * file is the old one or the new one, whole. Its mode is 0600 afterwards.
 *
 * @param path absolute; a link is followed, and stays
 * @throws SecretsError `ALREADY_EXISTS` (the file holds it), `BAD_IDENTITY`, `UNSUPPORTED` (stock sops cannot use the
 * file), `LOCKED`, `CHANGED_UNDERNEATH`, `WRITE_FAILED`
 */
export async function appendIdentity(path: string, entry: NewEntry, options: ChangeOptions): Promise<void> {
  const { files = nodeKeyFiles } = options;
  await locked(path, options, async () => {
    if ((await files.mode(path)) !== null) return change(path, before => withEntry(before, entry), options);
    const bytes = new TextEncoder().encode(entryText(entry));
    await createNewFile(path, bytes, { ...options, accepts: found => Buffer.compare(found, bytes) === 0 });
  });
}

/**
 * Takes an identity and its comments out of a key file.
 *
 * @throws SecretsError `UNKNOWN_KEY`, and as {@link appendIdentity}
 */
export async function removeIdentity(path: string, recipient: string, options: ChangeOptions): Promise<void> {
  await locked(path, options, () => change(path, before => withoutEntry(before, recipient), options));
}

/** Two that write at once would otherwise lose a key: the second would put back what the first had read. */
async function locked(path: string, options: ChangeOptions, work: () => Promise<void>): Promise<void> {
  const { files = nodeKeyFiles, waitMs = 5_000 } = options;
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  try {
    await files.createFolder(dirname(path));
    await acquire(files, lock, waitMs);
    try {
      await work();
    } finally {
      await files.remove(lock);
    }
  } catch (error) {
    throw explainKeyFile(error, path);
  }
}

async function acquire(files: KeyFiles, lock: string, waitMs: number): Promise<void> {
  const step = 50;
  for (let waited = 0; ; waited += step) {
    try {
      return await files.createExclusive(lock, new Uint8Array());
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (waited >= waitMs) {
      throw new SecretsError('LOCKED', 'another command is changing the key file', {
        file: lock,
        hint: 'if none is running, a crash left that file: remove it',
      });
    }
    await sleep(step);
  }
}

async function change(
  path: string,
  make: (before: Uint8Array) => Promise<Uint8Array>,
  options: ChangeOptions,
): Promise<void> {
  const { files = nodeKeyFiles, random } = options;
  const target = await files.realPath(path);
  const before = await files.read(target);
  const after = await make(before);
  // what stock sops could not read afterwards is not written
  await keyEntries(new TextDecoder('utf-8', { ignoreBOM: true }).decode(after));
  const accepts = (found: Uint8Array) => Buffer.compare(found, after) === 0;
  await withTemporary(target, after, { random, files, accepts }, async temporary => {
    if (Buffer.compare(await files.read(target), before) !== 0) {
      throw new SecretsError('CHANGED_UNDERNEATH', 'somebody else changed the key file meanwhile', {
        file: path,
        hint: 'nothing was written; run the command again',
      });
    }
    await files.replace(temporary, target);
  });
  await files.syncFolder(dirname(target));
}
