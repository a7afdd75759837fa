import { generateIdentity, parseIdentityText } from '../age/identity.ts';
import { entryText } from './key-entries.ts';
import { createNewFile, type KeyFiles } from './new-file.ts';
import { nodeKeyFiles } from './world.ts';

export type { KeyFiles } from './new-file.ts';

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

/**
 * Makes an age key and writes it in the form of age-keygen: mode 0600, missing folders 0700. The file appears
 * whole or not at all, and one that is there is never touched.
 *
 * @param path absolute
 * @throws SecretsError `ALREADY_EXISTS`, `WRITE_FAILED`
 */
export async function createKeyFile(path: string, options: KeyFileOptions): Promise<CreatedKey> {
  const { now, random, files } = options;
  const { identity, recipient } = generateIdentity(random);
  const bytes = new TextEncoder().encode(entryText({ identity, recipient, now }));
  await createNewFile(path, bytes, { random, files, accepts: found => holdsOnly(found, recipient) });
  return { recipient };
}

function holdsOnly(bytes: Uint8Array, recipient: string): boolean {
  const [identity, ...others] = parseIdentityText(new TextDecoder().decode(bytes));
  return identity?.recipient === recipient && others.length === 0;
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
