import { parseIdentityText, recipientOfIdentity } from '../age/identity.ts';
import { decryptWithPassphrase, encryptWithPassphrase } from '../age/passphrase.ts';
import { SecretsError } from '../errors.ts';
import type { Redacted } from '../redacted.ts';
import { appendIdentity, removeIdentity } from './change-key-file.ts';
import { type GuardedIdentity, guardedIdentities, type Vault } from './guarded.ts';
import { type KeyEntry, keyEntries, type NewEntry } from './key-entries.ts';
import { createNewFile } from './new-file.ts';
import { passphraseFilePath, publicHalfPath, writePublicHalf } from './public-half.ts';

/** Where an identity can be kept. */
export const STORES = ['keychain', 'file', 'passphrase'] as const;
export type StoreName = (typeof STORES)[number];

/** Where identities are kept, and what writing them takes. */
export interface Stores {
  readonly vault: Vault;
  /** Absolute; sops' own key file. */
  readonly keyFile: string;
  readonly random: (bytes: number) => Uint8Array;
}

/** An identity that can be exported and removed. */
export interface StoredKey {
  readonly store: StoreName;
  /** `null`: in the key file, without a name. */
  readonly name: string | null;
  /** `null` where it cannot be told. */
  readonly recipient: string | null;
  /** A path, or the account in the keychain. */
  readonly location: string;
  /** For the key file what stands there, for the others how it is unlocked. */
  readonly held: KeyEntry | GuardedIdentity;
}

/** An identity that gets a place. */
export type KeyToStore = NewEntry & { readonly name: string };

/**
 * Every identity in our places: keychain, passphrase-protected files, sops' key file. Unlocks nothing.
 *
 * @throws SecretsError `BAD_IDENTITY`, `UNSUPPORTED`, `READ_FAILED` where the key file cannot be used
 */
export async function storedKeys(stores: Stores): Promise<StoredKey[]> {
  const guarded = await guardedIdentities(stores.vault);
  const entries = await entriesOfKeyFile(stores);
  return [
    ...guarded.map(held => {
      const { store, name, recipient, location } = held;
      return { store, name, recipient, location, held };
    }),
    ...entries.map(held => ({
      store: 'file' as const,
      name: held.name,
      recipient: held.identity.recipient,
      location: stores.keyFile,
      held,
    })),
  ];
}

async function entriesOfKeyFile({ vault, keyFile }: Stores): Promise<KeyEntry[]> {
  if ((await vault.files.mode(keyFile)) === null) return [];
  let bytes: Uint8Array;
  try {
    bytes = await vault.files.read(keyFile);
  } catch {
    throw new SecretsError('READ_FAILED', 'the key file cannot be read', { file: keyFile });
  }
  try {
    return await keyEntries(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw error instanceof SecretsError ? error.inFile(keyFile) : error;
  }
}

/**
 * Puts an identity into a store, and looks whether it can be had back from there.
 *
 * @param passphrase for the store of that name; asked by the caller
 * @returns where it is
 * @throws SecretsError `ALREADY_EXISTS`, `KEYCHAIN_UNAVAILABLE`, `WRITE_FAILED`, and for the key file what
 * {@link appendIdentity} throws
 */
export async function storeKey(
  stores: Stores,
  store: StoreName,
  key: KeyToStore,
  passphrase: Redacted<string> | null,
): Promise<string> {
  if (store === 'keychain') return intoKeychain(stores, key);
  if (store === 'passphrase' && passphrase !== null) return intoPassphraseFile(stores, key, passphrase);
  const { random, keyFile, vault } = stores;
  await appendIdentity(keyFile, key, { random, files: vault.files });
  return keyFile;
}

async function intoKeychain(stores: Stores, key: KeyToStore): Promise<string> {
  const { keychain, folder, files } = stores.vault;
  const { name, identity, recipient } = key;
  if ((await keychain.get(name)) !== null) {
    throw new SecretsError('ALREADY_EXISTS', `the keychain has an item nix-secrets/${name} already`, {
      hint: 'it was left as it was; choose another --name',
    });
  }
  await keychain.set(name, identity);
  const stored = await keychain.get(name);
  if (stored?.reveal() !== identity.reveal()) {
    throw new SecretsError('WRITE_FAILED', 'the keychain gave back something else than was stored');
  }
  await writePublicHalf({ folder, store: 'keychain', name }, recipient, { random: stores.random, files });
  return `nix-secrets/${name}`;
}

async function intoPassphraseFile(
  stores: Stores,
  { name, identity, recipient }: KeyToStore,
  passphrase: Redacted<string>,
): Promise<string> {
  const { random, vault } = stores;
  const { folder, files } = vault;
  const path = passphraseFilePath(folder, name);
  const text = await encryptWithPassphrase(new TextEncoder().encode(`${identity.reveal()}\n`), passphrase);
  const bytes = new TextEncoder().encode(text);
  await checkOpens(bytes, passphrase, recipient);
  await createNewFile(path, bytes, { random, files, accepts: found => Buffer.compare(found, bytes) === 0 });
  await writePublicHalf({ folder, store: 'passphrase', name }, recipient, { random, files });
  return path;
}

async function checkOpens(file: Uint8Array, passphrase: Redacted<string>, recipient: string): Promise<void> {
  const content = await decryptWithPassphrase(file, passphrase);
  const [identity] = content === null ? [] : parseIdentityText(new TextDecoder().decode(content.reveal()));
  if (identity !== undefined && (await recipientOfIdentity(identity)) === recipient) return;
  throw new SecretsError('WRITE_FAILED', 'what was encrypted could not be decrypted again');
}

/**
 * Removes an identity for good.
 *
 * @throws SecretsError `KEYCHAIN_UNAVAILABLE`, `WRITE_FAILED`, and for the key file what {@link removeIdentity} throws
 */
export async function removeKey(stores: Stores, key: StoredKey): Promise<void> {
  const { random, keyFile, vault } = stores;
  const { files, folder, keychain } = vault;
  if (key.store === 'file') return removeIdentity(keyFile, key.recipient ?? '', { random, files });
  const name = key.name ?? '';
  if (key.store === 'keychain') await keychain.remove(name);
  else await removeIfThere(stores, passphraseFilePath(folder, name));
  await removeIfThere(stores, publicHalfPath(folder, key.store, name));
  await files.syncFolder(folder);
}

async function removeIfThere({ vault }: Stores, path: string): Promise<void> {
  if ((await vault.files.mode(path)) !== null) await vault.files.remove(path);
}
