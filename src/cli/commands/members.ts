import { shortRecipient } from '../../age/recipient.ts';
import { ExitCode, SecretsError } from '../../errors.ts';
import {
  checkAdmin,
  planAddAdmin,
  planGroup,
  planRemoveAdmin,
  planRemoveGroup,
  planRemoveHost,
  planRename,
} from '../../ops/members/members.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { changeMembers, type MemberCommandOptions } from '../member-change.ts';
import { type KeyOptions, takeKey } from '../public-key.ts';
import { table } from '../render/table.ts';
import { newSession, readWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets host rm` */
export function runHostRemove(world: World, name: string, options: MemberCommandOptions): Promise<number> {
  const session = newSession(world, options);
  return changeMembers(
    session,
    (workspace, how) => planRemoveHost(workspace, name, how),
    options,
    `remove ${name} from every file?`,
  );
}

/** `secrets host rename` */
export function runHostRename(
  world: World,
  from: string,
  to: string,
  options: MemberCommandOptions,
): Promise<number> {
  return rename(world, from, to, options, ({ inventory }) => {
    if (inventory.admins.includes(from) && !inventory.hosts.has(from)) {
      throw new SecretsError('UNKNOWN_HOST', `${from} is a person, not a host`, {
        hint: `secrets admin rename ${from} ${to}`,
      });
    }
    checkHost(inventory, from);
  });
}

/** `secrets admin rename` */
export function runAdminRename(
  world: World,
  from: string,
  to: string,
  options: MemberCommandOptions,
): Promise<number> {
  return rename(world, from, to, options, ({ inventory }) => checkAdmin(inventory, from));
}

function rename(
  world: World,
  from: string,
  to: string,
  options: MemberCommandOptions,
  check: (workspace: Workspace) => void,
): Promise<number> {
  const make = async (workspace: Workspace) => {
    check(workspace);
    return planRename(workspace, from, to);
  };
  return changeMembers(newSession(world, options), make, options, null);
}

/** `secrets admin add` */
export async function runAdminAdd(
  world: World,
  name: string,
  options: MemberCommandOptions & KeyOptions,
): Promise<number> {
  const session = newSession(world, options);
  const recipient = await takeKey(session, name, options);
  await session.talk.say(`admin ${name}: ${recipient}`);
  return changeMembers(
    session,
    (workspace, how) => planAddAdmin(workspace, { name, recipient }, how),
    options,
    `let ${name} read everything that admins read?`,
  );
}

/** `secrets admin rm` */
export function runAdminRemove(world: World, name: string, options: MemberCommandOptions): Promise<number> {
  return changeMembers(
    newSession(world, options),
    (workspace, how) => planRemoveAdmin(workspace, name, how),
    options,
    `remove ${name} from every file?`,
  );
}

/** `secrets admin list` */
export async function runAdminList(world: World, options: { readonly json?: boolean }): Promise<number> {
  const session = newSession(world, options);
  const { inventory } = await readWorkspace(session);
  const admins = inventory.admins.map(name => ({ name, recipient: inventory.recipientOf(name) }));
  if (options.json === true) await session.talk.outJson({ admins });
  else
    await session.talk.out(
      table(
        admins.map(({ name, recipient }) => [
          name,
          recipient === null ? 'no key' : shortRecipient(recipient),
        ]),
      ),
    );
  return ExitCode.ok;
}

interface GroupOptions extends MemberCommandOptions {
  readonly host?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** `secrets group add` */
export function runGroupAdd(world: World, name: string, options: GroupOptions): Promise<number> {
  const { host: add = [], remove = [] } = options;
  if (add.length + remove.length === 0) {
    throw new SecretsError('USAGE', 'neither --host nor --remove was given', {
      hint: `secrets group add ${name} --host HOST`,
    });
  }
  const question = remove.length === 0 ? null : `take ${remove.join(', ')} from ${name}?`;
  return changeMembers(
    newSession(world, options),
    (workspace, how) => planGroup(workspace, name, { add, remove }, how),
    options,
    question,
  );
}

/** `secrets group rm` */
export function runGroupRemove(world: World, name: string, options: MemberCommandOptions): Promise<number> {
  return changeMembers(
    newSession(world, options),
    workspace => planRemoveGroup(workspace, name),
    options,
    null,
  );
}

/** `secrets group list` */
export async function runGroupList(world: World, options: { readonly json?: boolean }): Promise<number> {
  const session = newSession(world, options);
  const { inventory } = await readWorkspace(session);
  const groups = [...inventory.groups].map(([name, hosts]) => ({ name, hosts }));
  if (options.json === true) await session.talk.outJson({ groups });
  else await session.talk.out(table(groups.map(({ name, hosts }) => [name, hosts.join(', ')])));
  if (groups.length === 0) await session.talk.note('no groups yet: secrets group add NAME --host HOST');
  return ExitCode.ok;
}
