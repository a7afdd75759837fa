import { SecretsError } from '../../errors.ts';
import type { Secret } from '../../workspace/model.ts';
import { namesOfFolder } from '../../workspace/names.ts';
import { ruleFor } from '../../workspace/rules.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import type { Plan } from '../plan.ts';
import { toPayload } from '../values/payload.ts';
import type { Workspace } from '../workspace.ts';
import { planAdd } from './add.ts';
import { readValue } from './read-value.ts';
import { mentionsOf, relocate } from './relocate.ts';
import { planRemove } from './rm.ts';

/** A change of who receives a secret. */
export interface AudienceChange {
  readonly plan: Plan;
  /** The address that it has afterwards. */
  readonly address: string;
  /** Hand-written Nix that names the file at its old place. */
  readonly mentions: readonly string[];
}

/**
 * Plans that a host (or a group) receives a secret too. In a file that holds several secrets the value is copied
 * for the host instead.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `ALREADY_EXISTS`, `NAME_COLLISION`, `NO_IDENTITY`
 */
export async function planGrant(workspace: Workspace, secret: Secret, host: string): Promise<AudienceChange> {
  checkReceiver(workspace, host);
  const draft = new Draft(workspace);
  if (receives(workspace, secret, host)) {
    draft.note(`${host} receives ${secret.address} already`);
    return { plan: draft.toPlan(), address: secret.address, mentions: [] };
  }
  if (!isMovable(secret)) return copyFor(workspace, secret, host);
  const moved = await relocate(draft, secret, {
    hosts: [...folderNames(secret), host],
    name: secret.name,
    rekey: false,
  });
  return { plan: draft.toPlan(), address: moved.address, mentions: await mentionsOf(workspace, secret) };
}

/**
 * Plans that a host does not receive a secret any more: new folder, new data key.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_READER`, `RULE_CONFLICT` (it receives it as a member of a group),
 * `NO_IDENTITY`
 */
export async function planRevoke(
  workspace: Workspace,
  secret: Secret,
  host: string,
): Promise<AudienceChange> {
  checkReceiver(workspace, host);
  if (!receives(workspace, secret, host)) {
    throw new SecretsError('UNKNOWN_SECRET', `${host} does not receive ${secret.address}`, {
      hint: `it is received by ${secret.hosts.join(', ') || 'no host'}`,
    });
  }
  if (!isMovable(secret)) return removeFor(workspace, secret, host);
  const names = folderNames(secret).filter(name => name !== host);
  refuseMembership(workspace, secret, host);
  if (names.length === 0) throw lastReader(secret, host);
  const draft = new Draft(workspace);
  const still = new Set(names.flatMap(name => membersOf(workspace, name)));
  const lost = membersOf(workspace, host).filter(member => !still.has(member));
  const moved = await relocate(draft, secret, { hosts: names, name: secret.name, rekey: lost.length > 0 });
  draft.note(
    lost.length === 0
      ? `${membersOf(workspace, host).join(', ')} receives it still, as ${names.join(', ')}`
      : `${lost.join(', ')} could read the value until now, and git keeps the old file: make a new one with \`secrets rotate ${moved.address}\``,
  );
  return { plan: draft.toPlan(), address: moved.address, mentions: await mentionsOf(workspace, secret) };
}

/**
 * Plans another name or another audience for a secret.
 *
 * @param hosts names of hosts or groups; empty: those that it has
 */
export async function planMove(
  workspace: Workspace,
  secret: Secret,
  name: string,
  hosts: readonly string[],
): Promise<AudienceChange> {
  if (!isMovable(secret)) {
    throw new SecretsError('UNSUPPORTED', `${secret.address} shares its file with others and is not moved`, {
      file: secret.file,
      hint: 'add it under the new name with `secrets add`, then remove the old one with `secrets rm`',
    });
  }
  for (const host of hosts) checkReceiver(workspace, host);
  const before = folderNames(secret);
  const after = hosts.length === 0 ? before : hosts;
  const draft = new Draft(workspace);
  const loses = secret.hosts.some(host => !after.some(other => membersOf(workspace, other).includes(host)));
  const moved = await relocate(draft, secret, { hosts: after, name, rekey: loses });
  return { plan: draft.toPlan(), address: moved.address, mentions: await mentionsOf(workspace, secret) };
}

/** True for a secret with a file of its own in the tree under `secrets/`. */
export function isMovable(secret: Secret): boolean {
  return secret.emitted && secret.options.sopsFile === undefined;
}

function folderNames(secret: Secret): string[] {
  return namesOfFolder(secret.address.slice(0, secret.address.indexOf('/'))) ?? [];
}

function membersOf({ inventory }: Workspace, name: string): readonly string[] {
  return inventory.groups.get(name) ?? [name];
}

function receives(workspace: Workspace, secret: Secret, host: string): boolean {
  return membersOf(workspace, host).every(member => secret.hosts.includes(member));
}

function checkReceiver({ inventory }: Workspace, host: string): void {
  if (!inventory.groups.has(host)) checkHost(inventory, host);
}

function refuseMembership({ inventory }: Workspace, secret: Secret, host: string): void {
  const names = folderNames(secret);
  const group = names.find(name => name !== host && inventory.groups.get(name)?.includes(host) === true);
  if (group === undefined && names.includes(host)) return;
  if (group === undefined) {
    const rule = ruleFor(inventory, secret.file);
    throw new SecretsError(
      'RULE_CONFLICT',
      `${host} reads ${secret.file} because the rule on line ${rule?.line ?? 0} of .sops.yaml names it`,
      { hint: 'take it out of that rule, then run `secrets sync` and `secrets rekey`' },
    );
  }
  throw new SecretsError('RULE_CONFLICT', `${host} receives ${secret.address} as a member of ${group}`, {
    hint: `take it out of the group, or name the others: secrets mv ${secret.address} --host HOST`,
  });
}

function lastReader(secret: Secret, host: string): SecretsError {
  return new SecretsError('LAST_READER', `${host} is the only host that receives ${secret.address}`, {
    hint: `to remove the secret: secrets rm ${secret.address}`,
  });
}

async function copyFor(workspace: Workspace, secret: Secret, host: string): Promise<AudienceChange> {
  const bytes = await readValue(workspace, secret);
  const kind =
    secret.format === 'dotenv' ? { env: true } : secret.format === 'binary' ? { binary: true } : {};
  const payload = toPayload({ ...kind, bytes, source: 'file', allowEmpty: true });
  const added = await planAdd(workspace, {
    name: secret.name,
    hosts: [host],
    payload,
    options: { ...secret.options, sopsFile: undefined, key: undefined },
  });
  return { plan: added.plan, address: added.address, mentions: [] };
}

/** The value goes from the file that is the host's own; one that others read too stays as it is. */
async function removeFor(workspace: Workspace, secret: Secret, host: string): Promise<AudienceChange> {
  if (secret.hosts.some(other => other !== host)) {
    throw new SecretsError(
      'RULE_CONFLICT',
      `${secret.file} is read by ${secret.hosts.join(', ')} alike, so one value cannot be taken from ${host}`,
      { hint: `change the rule of the file in .sops.yaml, then run \`secrets sync\` and \`secrets rekey\`` },
    );
  }
  return { plan: await planRemove(workspace, secret), address: secret.address, mentions: [] };
}
