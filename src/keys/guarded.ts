import { type Identity, parseIdentityText, recipientOfIdentity } from '../age/identity.ts';
import { decryptWithPassphrase } from '../age/passphrase.ts';
import { SecretsError } from '../errors.ts';
import { Redacted } from '../redacted.ts';
import type { Keychain } from './keychain.ts';
import type { KeyFiles } from './new-file.ts';
import { type GuardedStore, listPublicHalves, type PublicHalf, passphraseFilePath } from './public-half.ts';

/** An identity that lies in the keychain or behind a passphrase: unlocked only when no other opens a file. */
export interface GuardedIdentity {
  readonly store: GuardedStore;
  readonly name: string;
  /** Safe to show: a path, or the account in the keychain. */
  readonly location: string;
  /** Absolute path of the file that holds its public half. */
  readonly publicFile: string;
  /** Its public half; `null` where the file that says it is damaged, so that it is never tried. */
  readonly recipient: string | null;
  /**
   * The private half. Asked for once: what came of it is what comes of every further call.
   *
   * @throws SecretsError `KEYCHAIN_UNAVAILABLE`, `BAD_PASSPHRASE` (wrong three times), `NO_IDENTITY` (nobody there to
   * be asked), `BAD_IDENTITY`, `READ_FAILED`, `INTERRUPTED`
   */
  unlock(): Promise<Identity>;
}

/** Where guarded identities are, and how they are had. */
export interface Vault {
  /** Absolute; that of sops' key file. */
  readonly folder: string;
  readonly files: KeyFiles;
  readonly keychain: Keychain;
  /**
   * Asks for the passphrase of an identity.
   *
   * @param attempt counts from 1
   * @throws SecretsError `NO_IDENTITY` where there is no terminal, `INTERRUPTED`
   */
  askPassphrase(name: string, attempt: number): Promise<Redacted<string>>;
}

const ATTEMPTS = 3;

/** All of them, those of the keychain first. Opens nothing. */
export async function guardedIdentities(vault: Vault): Promise<GuardedIdentity[]> {
  const halves = await listPublicHalves(vault.folder, vault.files);
  // Files are opened side by side, but a person answers one question after the other.
  let turn: Promise<unknown> = Promise.resolve();
  return halves.map(half => {
    let unlocked: Promise<Identity> | undefined;
    const { store, name, recipient } = half;
    const location = store === 'keychain' ? `nix-secrets/${name}` : passphraseFilePath(vault.folder, name);
    const unlock = () => {
      if (unlocked === undefined) {
        const begin = () => unlockNow(vault, half);
        unlocked = turn.then(begin, begin);
        turn = unlocked;
      }
      return unlocked;
    };
    return { store, name, location, publicFile: half.path, recipient, unlock };
  });
}

async function unlockNow(vault: Vault, half: PublicHalf): Promise<Identity> {
  const { store, name, recipient } = half;
  const text = store === 'keychain' ? await fromKeychain(vault, name) : await fromFile(vault, name);
  const [identity, ...others] = parseIdentityText(text);
  if (identity === undefined || others.length > 0) {
    throw new SecretsError('BAD_IDENTITY', `what is stored as ${name} is not one identity`);
  }
  const found = await recipientOfIdentity(identity);
  if (recipient !== null && found !== recipient) {
    throw new SecretsError('BAD_IDENTITY', `what is stored as ${name} is another identity than it says`, {
      file: half.path,
    });
  }
  return { ...identity, recipient: found };
}

async function fromKeychain({ keychain }: Vault, name: string): Promise<string> {
  const secret = await keychain.get(name);
  if (secret !== null) return secret.reveal();
  throw new SecretsError('KEYCHAIN_UNAVAILABLE', `the keychain has no identity ${name}, or is locked`, {
    hint: `unlock it; if it is gone for good: secrets key rm ${name}`,
  });
}

async function fromFile(vault: Vault, name: string): Promise<string> {
  const path = passphraseFilePath(vault.folder, name);
  let file: Uint8Array;
  try {
    file = await vault.files.read(path);
  } catch {
    throw new SecretsError('READ_FAILED', `the identity ${name} cannot be read`, { file: path });
  }
  return (await decryptAsking(file, name, vault.askPassphrase)).reveal();
}

/**
 * Decrypts a file for which a passphrase is asked, three times at most.
 *
 * @param name what is asked about
 * @throws SecretsError `BAD_PASSPHRASE`, `BAD_IDENTITY`, and what the question throws
 */
export async function decryptAsking(
  file: Uint8Array,
  name: string,
  ask: Vault['askPassphrase'],
): Promise<Redacted<string>> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const content = await decryptWithPassphrase(file, await ask(name, attempt));
    if (content !== null) return new Redacted(new TextDecoder().decode(content.reveal()));
  }
  throw new SecretsError('BAD_PASSPHRASE', `the passphrase of ${name} was wrong ${ATTEMPTS} times`, {
    hint: 'nothing was changed; a forgotten passphrase cannot be recovered',
  });
}
