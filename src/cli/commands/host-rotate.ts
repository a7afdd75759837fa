import { resolve } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import { generateHostKey, type HostKey, writeHostKey } from '../../ops/members/host-key.ts';
import {
  type NewKey,
  planAbortKey,
  planFinishKey,
  planReplaceKey,
  planStageKey,
} from '../../ops/members/host-rotate.ts';
import { verifyHost } from '../../ops/members/host-verify.ts';
import type { MemberChange, MemberOptions } from '../../ops/members/loss.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { nextOf } from '../../workspace/edit.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { knownHostsFiles } from '../known-hosts.ts';
import { changeMembers, type MemberCommandOptions } from '../member-change.ts';
import { type KeyOptions, takeKey } from '../public-key.ts';
import { newSession, readWorkspace, type Session } from '../session.ts';
import type { World } from '../world.ts';

interface RotateOptions extends MemberCommandOptions, KeyOptions {
  readonly generate?: boolean | undefined;
  readonly out?: string | undefined;
  readonly keep?: boolean | undefined;
  readonly stage?: boolean | undefined;
  readonly finish?: boolean | undefined;
  readonly abort?: boolean | undefined;
}

type Make = (workspace: Workspace, options: MemberOptions) => Promise<MemberChange>;

/** `secrets host rotate` */
export async function runHostRotate(world: World, name: string, options: RotateOptions): Promise<number> {
  const session = newSession(world, options);
  const phases = [options.stage, options.finish, options.abort].filter(phase => phase === true);
  if (phases.length > 1) throw new SecretsError('USAGE', 'one of --stage, --finish and --abort');
  const { inventory } = await readWorkspace(session);
  checkHost(inventory, name);
  if (options.abort === true || options.finish === true) refuseNewKey(options);
  if (options.abort === true)
    return change(
      session,
      options,
      (workspace, how) => planAbortKey(workspace, name, how),
      `drop the staged key of ${name}?`,
    );
  if (options.finish === true) return finish(session, name, options);
  const made = options.generate === true ? generated(session, name, options) : null;
  const recipient = made?.recipient ?? (await takeKey(session, name, options));
  const key: NewKey = { recipient, keep: options.keep === true ? made?.privateHalf : undefined };
  // Not before everything else is settled: a key that is left behind would be in the way of the next try.
  const before = made === null ? undefined : () => layOut(session, made, options);
  if (options.stage === true)
    return change(
      session,
      options,
      (workspace, how) => planStageKey(workspace, name, key, how),
      null,
      before,
    );
  const make: Make = (workspace, how) => planReplaceKey(workspace, name, key, how);
  return change(session, options, make, `replace the key of ${name}?`, before);
}

/** The key was chosen when it was staged; with --finish, --ssh says where the machine is to be seen with it. */
function refuseNewKey(options: RotateOptions): void {
  const { ssh, sshKey, age, generate, out, keep } = options;
  const given = [sshKey, age, generate, out, keep, options.abort === true ? ssh : undefined];
  if (given.every(option => option === undefined)) return;
  throw new SecretsError('USAGE', 'the staged key is the one that --finish and --abort are about', {
    hint: 'for another key: --abort, then --stage with that one',
  });
}

/** `secrets admin rotate`: people have no machine that would have to be deployed to. */
export async function runAdminRotate(
  world: World,
  name: string,
  options: KeyOptions & MemberCommandOptions,
): Promise<number> {
  const session = newSession(world, options);
  const { inventory } = await readWorkspace(session);
  if (!inventory.admins.includes(name)) throw new SecretsError('UNKNOWN_HOST', `no admin is called ${name}`);
  const recipient = await takeKey(session, name, options);
  const make: Make = (workspace, how) => planReplaceKey(workspace, name, { recipient }, how);
  return change(session, options, make, `replace the key of ${name}?`);
}

function change(
  session: Session,
  options: RotateOptions,
  make: Make,
  question: string | null,
  before?: () => Promise<void>,
): Promise<number> {
  return changeMembers(session, make, options, question, before);
}

/** A new ssh host key, for `nixos-anywhere --extra-files` or for a copy by hand. */
function generated({ world }: Session, name: string, options: RotateOptions): HostKey {
  const others = [options.ssh, options.sshKey, options.age].filter(option => option !== undefined);
  if (others.length > 0)
    throw new SecretsError('USAGE', '--generate makes the key; it goes with no other one');
  if (options.out === undefined && options.keep !== true) {
    throw new SecretsError('USAGE', 'the private key would be lost', {
      hint: `secrets host rotate ${name} --generate --out DIR --stage, or --keep`,
    });
  }
  return generateHostKey(name, world.random);
}

async function layOut(session: Session, key: HostKey, options: RotateOptions): Promise<void> {
  const { world, talk } = session;
  if (options.out === undefined) return;
  const { root } = await readWorkspace(session);
  const path = await writeHostKey(
    resolve(world.cwd, options.out),
    (await findGitTop(world.cwd, world.env)) ?? root,
    key,
    world.random,
  );
  await talk.say(`made the ssh host key ${path}`);
}

/** The old key is dropped for good, so the machine should be seen to have the new one. */
async function finish(session: Session, name: string, options: RotateOptions): Promise<number> {
  const { inventory } = await readWorkspace(session);
  const next = nextOf(inventory, name);
  if (next !== null && options.dryRun !== true) await sayProof(session, name, next.recipient, options);
  const make: Make = (workspace, how) => planFinishKey(workspace, name, how);
  return change(session, options, make, `drop the old key of ${name}?`);
}

async function sayProof(
  session: Session,
  name: string,
  recipient: string,
  options: RotateOptions,
): Promise<void> {
  const { talk, world } = session;
  const { inventory } = await readWorkspace(session);
  const host = { ...checkHost(inventory, name), recipient };
  const target = typeof options.ssh === 'string' ? options.ssh : name;
  const how = { target, knownHosts: knownHostsFiles(world.homedir), offline: options.ssh === undefined };
  const { state, detail } = await verifyHost(host, how, world.run);
  if (state === 'ok') return talk.say(`${name} has the staged key (${detail})`);
  const advice = `secrets host verify ${name} --deployed proves that the machine opens what it gets`;
  await talk.say(`  note: nothing proves that ${name} has the staged key: ${detail}; ${advice}`);
}
