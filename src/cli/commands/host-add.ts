import { resolve } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import { planHostAdd } from '../../ops/members/host-add.ts';
import { generateHostKey, type HostKey, writeHostKey } from '../../ops/members/host-key.ts';
import type { Inventory, Platform } from '../../workspace/model.ts';
import { checkHostName } from '../../workspace/names.ts';
import { type KeyOptions, takeKey } from '../public-key.ts';
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

interface HostAddOptions extends WriteOptions, KeyOptions {
  readonly platform: Platform;
  readonly group?: readonly string[] | undefined;
  readonly generate?: boolean | undefined;
  readonly out?: string | undefined;
  readonly keep?: boolean | undefined;
}

/** `secrets host add` */
export async function runHostAdd(world: World, name: string, options: HostAddOptions): Promise<number> {
  const session = newSession(world, options);
  checkHostName(name);
  const { inventory } = await readWorkspace(session);
  const generated = options.generate === true ? generatedKey(world, inventory, name, options) : null;
  const recipient = generated?.recipient ?? (await takeKey(session, name, options));
  const keep = options.keep === true ? generated?.privateHalf : undefined;
  return writeWorkspace(session, async workspace => {
    const request = { name, platform: options.platform, recipient, groups: options.group, keep };
    const plan = await planHostAdd(workspace, request);
    // First the private half: a repository that names a key which nobody has would be worse than a key too many.
    if (generated !== null) await layOut(session, workspace.root, generated, options);
    await session.talk.say(`host ${name} (${options.platform}): ${recipient}`);
    const applied = await showAndApply(session, workspace, plan, options);
    if (plan.steps.length === 0) await session.talk.note(`${name} is there already, with this key`);
    if (options.age === undefined)
      await warnOfOtherKeySource(session, workspace, { name, platform: options.platform });
    if (applied) await showWiring(session, workspace.root, workspace.around, { host: name });
    return ExitCode.ok;
  });
}

function generatedKey(world: World, inventory: Inventory, name: string, options: HostAddOptions): HostKey {
  const others = [options.ssh, options.sshKey, options.age].filter(option => option !== undefined);
  if (others.length > 0)
    throw new SecretsError('USAGE', '--generate makes the key; it goes with no other one');
  if (options.out === undefined && options.keep !== true) {
    throw new SecretsError('USAGE', 'the private key would be lost', {
      hint: `secrets host add ${name} --generate --out DIR for nixos-anywhere --extra-files DIR, or --keep`,
    });
  }
  if (inventory.hosts.get(name)?.declared === true)
    throw new SecretsError('ALREADY_EXISTS', `host ${name} is there already`, {
      hint: `for a new key: secrets host rotate ${name}`,
    });
  return generateHostKey(name, world.random);
}

async function layOut(session: Session, root: string, key: HostKey, options: HostAddOptions): Promise<void> {
  const { world, talk } = session;
  if (options.out === undefined || options.dryRun === true) return;
  const path = await writeHostKey(
    resolve(world.cwd, options.out),
    (await findGitTop(world.cwd, world.env)) ?? root,
    key,
    world.random,
  );
  await talk.say(`made the ssh host key ${path}`);
  await talk.say(`  install with: nixos-anywhere --extra-files ${options.out} …, then remove that folder`);
}
