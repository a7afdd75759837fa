import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sshPublicKeyToRecipient } from '../../age/ssh.ts';
import { ExitCode, SecretsError } from '../../errors.ts';
import { planHostAdd } from '../../ops/host-add.ts';
import { type ScannedKey, scanHostKey } from '../../ops/ssh-scan.ts';
import type { Platform } from '../../workspace/model.ts';
import { checkHostName } from '../../workspace/names.ts';
import { knownHostsFiles } from '../known-hosts.ts';
import {
  newSession,
  readWorkspace,
  type Session,
  showAndApply,
  type WriteOptions,
  writeWorkspace,
} from '../session.ts';
import { showWiring, warnOfOtherKeySource } from '../wiring.ts';
import type { World } from '../world.ts';

interface HostAddOptions extends WriteOptions {
  readonly ssh?: string | true | undefined;
  readonly sshKey?: string | undefined;
  readonly age?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly platform: Platform;
}

/** `secrets host add` */
export async function runHostAdd(world: World, name: string, options: HostAddOptions): Promise<number> {
  const session = newSession(world, options);
  checkHostName(name);
  await readWorkspace(session);
  const recipient = await takeKey(session, name, options);
  return writeWorkspace(session, async workspace => {
    const plan = await planHostAdd(workspace, { name, platform: options.platform, recipient });
    await session.talk.say(`host ${name} (${options.platform}): ${recipient}`);
    const applied = await showAndApply(session, workspace, plan, options);
    if (plan.steps.length === 0) await session.talk.note(`${name} is there already, with this key`);
    if (options.age === undefined)
      await warnOfOtherKeySource(session, workspace, { name, platform: options.platform });
    if (applied) await showWiring(session, workspace.root, workspace.around, { host: name });
    return ExitCode.ok;
  });
}

async function takeKey(session: Session, name: string, options: HostAddOptions): Promise<string> {
  const given = [options.ssh, options.sshKey, options.age].filter(option => option !== undefined);
  if (given.length !== 1) {
    throw new SecretsError('USAGE', given.length === 0 ? 'no key given' : 'more than one key given', {
      hint: `one of --ssh, --ssh-key FILE, --age KEY; for a machine that answers: secrets host add ${name} --ssh`,
    });
  }
  if (options.age !== undefined) return options.age.trim();
  if (options.sshKey !== undefined) return keyFromFile(session, options.sshKey);
  const target = typeof options.ssh === 'string' ? options.ssh : name;
  const scanned = await scanHostKey(target, knownHostsFiles(session.world.homedir), session.world.run);
  await trust(session, target, scanned, options);
  return scanned.recipient;
}

async function keyFromFile(session: Session, name: string): Promise<string> {
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
    return sshPublicKeyToRecipient(line);
  } catch (error) {
    throw error instanceof SecretsError ? error.inFile(name) : error;
  }
}

/** `--yes` confirms a shown plan; it never means trust in a key. */
async function trust(
  session: Session,
  target: string,
  key: ScannedKey,
  options: HostAddOptions,
): Promise<void> {
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
