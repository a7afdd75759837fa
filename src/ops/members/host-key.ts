import { chmodSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { sshPublicKeyToRecipient } from '../../age/ssh.ts';
import { SecretsError } from '../../errors.ts';
import { createNewFile } from '../../keys/new-file.ts';
import { Redacted } from '../../redacted.ts';
import { sshPair } from '../generators/key-pairs.ts';
import { errnoOf, reasonOf } from '../transaction/system-error.ts';

/** The ssh host key of a machine that does not exist yet. */
export interface HostKey {
  readonly privateHalf: Redacted<string>;
  /** `ssh-ed25519 … megumu` */
  readonly publicHalf: string;
  /** `age1…`: what sops-nix decrypts with on that machine. */
  readonly recipient: string;
}

/** Makes an ed25519 host key. */
export function generateHostKey(name: string, random: (bytes: number) => Uint8Array): HostKey {
  const { privateHalf, publicHalf } = sshPair(name, random);
  return {
    privateHalf: new Redacted(privateHalf),
    publicHalf,
    recipient: sshPublicKeyToRecipient(publicHalf),
  };
}

const KEY_FILE = 'ssh_host_ed25519_key';

/**
 * Lays the key out as `nixos-anywhere --extra-files` copies it to the machine: the private half is for its owner
 * alone, the folders are open, because their modes become those of `/etc` and `/etc/ssh`.
 *
 * @param folder absolute
 * @param root git's top, else the workspace root; a folder inside of it is refused, because the private key would get into git
 * @returns the path of the private half
 * @throws SecretsError `BAD_PATH`, `ALREADY_EXISTS`, `WRITE_FAILED`
 */
export async function writeHostKey(
  folder: string,
  root: string,
  key: HostKey,
  random: (bytes: number) => Uint8Array,
): Promise<string> {
  if (isInside(realOfNearest(folder), realpathSync(root)))
    throw new SecretsError('BAD_PATH', 'the private key would lie inside the repository', {
      file: folder,
      hint: 'name a folder outside with --out, or keep it encrypted for the admins with --keep',
    });
  const ssh = join(folder, 'etc', 'ssh');
  makeOpenFolders([folder, join(folder, 'etc'), ssh]);
  const write = (name: string, text: string) => {
    const bytes = new TextEncoder().encode(text);
    const accepts = (found: Uint8Array) => Buffer.from(found).equals(bytes);
    return createNewFile(join(ssh, name), bytes, { random, accepts });
  };
  await write(KEY_FILE, key.privateHalf.reveal());
  await write(`${KEY_FILE}.pub`, `${key.publicHalf}\n`);
  chmodSync(join(ssh, `${KEY_FILE}.pub`), 0o644);
  return join(ssh, KEY_FILE);
}

function isInside(folder: string, root: string): boolean {
  const way = relative(root, folder);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

/** Where a folder that may not exist yet will really be: a link on the way may lead into the repository. */
function realOfNearest(folder: string): string {
  for (let there = folder; ; there = dirname(there)) {
    try {
      return join(realpathSync(there), relative(there, folder));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || dirname(there) === there) throw error;
    }
  }
}

function makeOpenFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: folder === folders[0], mode: 0o755 });
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') continue;
      throw new SecretsError('WRITE_FAILED', `the folder cannot be made (${reasonOf(error)})`, {
        file: folder,
      });
    }
  }
}
