import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sshFingerprint, sshPublicKeyToRecipient } from '../age/ssh.ts';
import { SecretsError } from '../errors.ts';
import { type ScannedKey, scanHostKey } from '../ops/members/ssh-scan.ts';
import { knownHostsFiles } from './known-hosts.ts';
import type { Session } from './session.ts';

/** The options by which a public key is given. */
export interface KeyOptions {
  readonly ssh?: string | true | undefined;
  readonly sshKey?: string | undefined;
  readonly age?: string | undefined;
  readonly fingerprint?: string | undefined;
}

/**
 * Takes a public key from where the options say: the network, a file, the command line.
 *
 * @param name the machine, asked where `--ssh` names no other
 * @returns `age1…`
 * @throws SecretsError `USAGE`, `BAD_KEY`, `READ_FAILED`, `HOST_UNREACHABLE`, `HOST_KEY_MISMATCH`,
 * `HOST_KEY_UNCONFIRMED`
 */
export async function takeKey(session: Session, name: string, options: KeyOptions): Promise<string> {
  const given = [options.ssh, options.sshKey, options.age].filter(option => option !== undefined);
  if (given.length !== 1) {
    throw new SecretsError('USAGE', given.length === 0 ? 'no key given' : 'more than one key given', {
      hint: 'one of --ssh, --ssh-key FILE, --age KEY',
    });
  }
  if (options.fingerprint !== undefined && options.age !== undefined)
    throw new SecretsError('USAGE', '--fingerprint belongs to an ssh key, not to an age key');
  if (options.age !== undefined) return ageKey(options.age.trim());
  if (options.sshKey !== undefined) return keyFromFile(session, options.sshKey, options.fingerprint);
  const target = typeof options.ssh === 'string' ? options.ssh : name;
  const scanned = await scanHostKey(target, knownHostsFiles(session.world.homedir), session.world.run);
  await trust(session, target, scanned, options);
  return scanned.recipient;
}

/** sops-nix decrypts with the converted ssh host key; a file for the ssh key itself it cannot open. */
function ageKey(text: string): string {
  if (!text.startsWith('ssh-')) return text;
  const converted = sshPublicKeyToRecipient(text);
  throw new SecretsError(
    'BAD_KEY',
    'this is an ssh key as it is: sops-nix opens files with the age form of it',
    {
      hint: `give that one: --age ${converted}, or the key's file with --ssh-key FILE`,
    },
  );
}

async function keyFromFile(session: Session, name: string, fingerprint: string | undefined): Promise<string> {
  let text: string;
  try {
    text = await readFile(resolve(session.world.cwd, name), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new SecretsError('READ_FAILED', `the key file cannot be read (${code})`, { file: name });
  }
  const line =
    text.split('\n').find(candidate => candidate.trim() !== '' && !candidate.startsWith('#')) ?? '';
  try {
    const recipient = sshPublicKeyToRecipient(line);
    if (fingerprint === undefined || sshFingerprint(line) === fingerprint) return recipient;
    throw new SecretsError(
      'HOST_KEY_MISMATCH',
      `the key has the fingerprint ${sshFingerprint(line)}, not the one given`,
    );
  } catch (error) {
    throw error instanceof SecretsError ? error.inFile(name) : error;
  }
}

/** `--yes` confirms a shown plan; it never means trust in a key. */
async function trust(session: Session, target: string, key: ScannedKey, options: KeyOptions): Promise<void> {
  const { talk, world } = session;
  if (options.fingerprint !== undefined && options.fingerprint !== key.fingerprint) {
    throw new SecretsError(
      'HOST_KEY_MISMATCH',
      `${target} shows ${key.fingerprint}, not ${options.fingerprint.slice(0, 80)}`,
      {
        hint: 'this is another machine, or someone stands between; nothing was written',
      },
    );
  }
  if (options.fingerprint !== undefined) return;
  if (key.trust === 'known') {
    await talk.note(`the key of ${target} is in your known_hosts`);
    return;
  }
  await talk.say(`${target} shows an ed25519 key that known_hosts does not have:\n  ${key.fingerprint}`);
  const check = 'compare it on the machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub';
  await talk.say(check);
  if (world.stdin.isTTY === true && (await (await world.terminal()).confirm('is it the same?'))) return;
  throw new SecretsError('HOST_KEY_UNCONFIRMED', `the key of ${target} was not confirmed`, {
    hint: `${check}; then give what it prints with --fingerprint SHA256:…`,
  });
}
