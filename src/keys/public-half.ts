/**
 * The public halves of identities that lie in the keychain or behind a passphrase, in small files beside sops'
 * key file: so that a list opens nothing, and a passphrase is asked only for a file that its identity reads.
 */

import { join } from 'node:path';
import { parseRecipient } from '../age/recipient.ts';
import { isKeyName } from './key-name.ts';
import { createNewFile, type KeyFiles, type NewFileOptions } from './new-file.ts';

export type GuardedStore = 'keychain' | 'passphrase';

/** One identity whose private half has to be unlocked. */
export interface PublicHalf {
  readonly store: GuardedStore;
  readonly name: string;
  /** Absolute path of the file that says so. */
  readonly path: string;
  /** `null` where that file is damaged, or absent. */
  readonly recipient: string | null;
}

const SUFFIXES: Readonly<Record<GuardedStore, string>> = {
  keychain: '.keychain.pub',
  passphrase: '.age.pub',
};
/** A post-quantum key has 1,960 characters. */
const MAX_BYTES = 16 * 1024;

/** Where the public half of an identity is written. */
export function publicHalfPath(folder: string, store: GuardedStore, name: string): string {
  return join(folder, `${name}${SUFFIXES[store]}`);
}

/** Where the private half of one with a passphrase lies. */
export function passphraseFilePath(folder: string, name: string): string {
  return join(folder, `${name}.age`);
}

/** All of them, those of the keychain first; a folder that is not there has none. */
export async function listPublicHalves(folder: string, files: KeyFiles): Promise<PublicHalf[]> {
  const names = await files.list(folder);
  const found: PublicHalf[] = [];
  for (const store of ['keychain', 'passphrase'] as const) {
    for (const name of namesOf(store, names)) {
      const path = publicHalfPath(folder, store, name);
      found.push({ store, name, path, recipient: await readPublicHalf(path, files) });
    }
  }
  return found;
}

/** An encrypted file without its public half counts too: somebody may have copied it here. */
function namesOf(store: GuardedStore, present: readonly string[]): string[] {
  const suffixes = store === 'passphrase' ? ['.age.pub', '.age'] : ['.keychain.pub'];
  const names = suffixes.flatMap(suffix =>
    present.filter(name => name.endsWith(suffix)).map(name => name.slice(0, -suffix.length)),
  );
  return [...new Set(names)].filter(isKeyName).sort();
}

async function readPublicHalf(path: string, files: KeyFiles): Promise<string | null> {
  try {
    const bytes = await files.read(path);
    if (bytes.length > MAX_BYTES) return null;
    const lines = new TextDecoder().decode(bytes).split('\n');
    const line = lines.find(candidate => candidate !== '' && !candidate.startsWith('#')) ?? '';
    return parseRecipient(line).text;
  } catch {
    return null;
  }
}

/**
 * Writes the public half of an identity that was stored.
 *
 * @throws SecretsError `ALREADY_EXISTS`, `WRITE_FAILED`
 */
export async function writePublicHalf(
  half: { readonly folder: string; readonly store: GuardedStore; readonly name: string },
  recipient: string,
  options: Omit<NewFileOptions, 'accepts'>,
): Promise<void> {
  const { folder, store, name } = half;
  const where =
    store === 'keychain'
      ? `in the keychain (service nix-secrets, account ${name})`
      : `in ${name}.age, behind a passphrase`;
  const text = `# public half of the identity ${name}, which lies ${where}\n${recipient}\n`;
  const bytes = new TextEncoder().encode(text);
  const path = publicHalfPath(folder, store, name);
  await createNewFile(path, bytes, { ...options, accepts: found => Buffer.compare(found, bytes) === 0 });
}
