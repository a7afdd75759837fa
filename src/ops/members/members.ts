import { SecretsError } from '../../errors.ts';
import {
  addAdmin,
  addAdminToRules,
  addGroup,
  removeGroup,
  removeMember,
  removeRule,
  renameMember,
  setGroupMembers,
} from '../../workspace/edit.ts';
import type { Inventory } from '../../workspace/model.ts';
import { checkHostName, folderOfRegex } from '../../workspace/names.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { refuseStagedKey } from '../../workspace/staged.ts';
import { Draft } from '../draft.ts';
import { NOTHING_SYNCED, syncDraft } from '../drift/sync.ts';
import { emitModules, modulePath } from '../modules.ts';
import { besideOf } from '../secrets/beside.ts';
import { moveBeside } from '../secrets/beside-moves.ts';
import { isMovable } from '../secrets/grant.ts';
import { noteMentions } from '../secrets/mentions.ts';
import { type Move, relocateAll } from '../secrets/relocate.ts';
import type { Workspace } from '../workspace.ts';
import { type ExposedValue, keySet } from './affected.ts';
import { dropKeptKeys, renameKeptKeys } from './kept-key.ts';
import { afterLoss, keyOf, keysOf, type MemberChange, type MemberOptions } from './loss.ts';
import { formerKeys } from './once-read.ts';

/**
 * Plans that a host goes: its key from every rule and file, new data keys for what it could read.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_READER`, `NO_IDENTITY`
 */
export async function planRemoveHost(
  workspace: Workspace,
  name: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  checkHost(workspace.inventory, name);
  const draft = new Draft(workspace);
  const module = modulePath(draft.inventory, name);
  const keys = lostKeys(workspace.inventory, name);
  const moved = await leaveSharedFolders(draft, name, keys.length > 0);
  draft.setInventory(removeMember(draft.inventory, name), `without ${name}`);
  dropEmptyRules(draft, name);
  await dropKeptKeys(draft, name, ['now', 'next']);
  await draft.remove(module, `${name} is gone`);
  if (draft.files.some(file => file.path.startsWith(`secrets/${name}/`)))
    draft.note(
      `secrets/${name}/ stays, for the admins: git rm -r secrets/${name} when nobody needs it any more`,
    );
  const former = keys.length === 0 ? [] : await formerKeysOf(draft, name, keys);
  await noteMentions(draft);
  return afterLoss(draft, { who: name, keys, former, moved }, options);
}

/** None where a person or another host has the same key, and goes on reading. */
function lostKeys(inventory: Inventory, name: string): string[] {
  const key = inventory.hosts.get(name)?.recipient ?? inventory.recipientOf(name);
  if (key === null) return [];
  const others = [...inventory.hosts.values()].filter(host => host.declared && host.name !== name);
  const theirs = [...inventory.admins.filter(admin => admin !== name), ...others.map(host => host.name)].map(
    other => inventory.hosts.get(other)?.recipient ?? inventory.recipientOf(other) ?? '',
  );
  return keySet(theirs).has(key) ? [] : keysOf(inventory, name);
}

/** Those of earlier commits; one that is somebody else's by now is no loss. */
async function formerKeysOf(draft: Draft, name: string, keys: readonly string[]): Promise<string[]> {
  const anchor = draft.workspace.inventory.nameOf(keys[0] ?? '') ?? name;
  const found = await formerKeys(draft.workspace, [name, anchor], keys);
  return found.filter(key => draft.inventory.nameOf(key) === null);
}

/**
 * A folder is named after those who read it: what the host shared moves to the folder of the others.
 *
 * @param loses false: its key is somebody else's too, who goes on reading
 */
async function leaveSharedFolders(draft: Draft, host: string, loses: boolean): Promise<ExposedValue[]> {
  const moves = draft.secrets.flatMap((secret): Move[] => {
    const names = namesIn(secret.address);
    if (!isMovable(secret) || names.length < 2 || !names.includes(host)) return [];
    const hosts = names.filter(name => name !== host);
    return [{ secret, wanted: { hosts, name: secret.name, rekey: loses } }];
  });
  const moved = await relocateAll(draft, moves);
  return loses ? moved.map(({ address, file }) => ({ address, file })) : [];
}

/** Rules of folders that are named after the host and hold nothing. */
function dropEmptyRules(draft: Draft, host: string): void {
  const unused = draft.inventory.rules.filter(rule => {
    const folder = folderOfRegex(rule.pathRegex);
    if (folder === null || !folder.split('+').includes(host)) return false;
    return !draft.files.some(file => file.path.startsWith(`secrets/${folder}/`));
  });
  for (const { index } of unused.reverse())
    draft.setInventory(removeRule(draft.inventory, index), 'a rule for nothing is gone');
}

/**
 * Plans that an admin goes. Your own key and the only admin stay.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_ADMIN`, `OWN_KEY`, `LAST_READER`, `NO_IDENTITY`
 */
export async function planRemoveAdmin(
  workspace: Workspace,
  name: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  const { inventory } = workspace;
  checkAdmin(inventory, name);
  const keys = keysOf(inventory, name);
  if (inventory.admins.length === 1) {
    throw new SecretsError('LAST_ADMIN', `${name} is the only admin: nobody could change a secret any more`, {
      hint: 'add another one first: secrets admin add NAME --age KEY',
    });
  }
  await refuseOwnKey(workspace, name, keys);
  const draft = new Draft(workspace);
  draft.setInventory(removeMember(draft.inventory, name), `without ${name}`);
  const former = await formerKeysOf(draft, name, keys);
  return afterLoss(draft, { who: name, keys, former }, options);
}

/**
 * Plans a new admin, who reads everything that admins read.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS`, `NO_IDENTITY`
 */
export async function planAddAdmin(
  workspace: Workspace,
  admin: { readonly name: string; readonly recipient: string },
  options: MemberOptions = {},
): Promise<MemberChange> {
  checkHostName(admin.name);
  refuseStagedKey(workspace.inventory, admin.recipient);
  const draft = new Draft(workspace);
  draft.setInventory(addAdmin(draft.inventory, admin), `admin ${admin.name}`);
  const name = draft.inventory.nameOf(admin.recipient) ?? admin.name;
  draft.setInventory(addAdminToRules(draft.inventory, name), `${name} reads what admins read`);
  const synced = await syncDraft(draft, { ...options, onlyNew: true });
  const foreign = draft.inventory.rules.filter(rule => !rule.groups.some(group => readsIn(group.age, admin)));
  if (foreign.length > 0)
    draft.note(
      `${name} does not read what these rules govern: line ${foreign.map(rule => rule.line).join(', ')}`,
    );
  return { plan: draft.toPlan(), synced, exposed: [] };
}

function readsIn(keys: readonly string[], { recipient }: { readonly recipient: string }): boolean {
  return keys.some(key => canonicalRecipient(key) === canonicalRecipient(recipient));
}

/**
 * Plans another name for a host or an admin: anchors, rules, folders, files, modules.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_NAME`, `ALREADY_EXISTS`, `NO_IDENTITY` (a password or a kept
 * key moves, which is encrypted under its name)
 */
export async function planRename(workspace: Workspace, from: string, to: string): Promise<MemberChange> {
  checkHostName(to);
  keyOf(workspace.inventory, from);
  const draft = new Draft(workspace);
  const module = modulePath(draft.inventory, from);
  const { text, folders } = renameMember(draft.inventory, from, to, draft.paths);
  draft.setInventory(text, `${from} is called ${to}`);
  for (const [before, after] of folders) {
    await moveFolder(draft, `secrets/${before}`, `secrets/${after}`);
    await moveWhatStandsBeside(draft, before, after);
    const left = draft.paths.filter(path => path.startsWith(`secrets/${before}/`));
    if (left.length > 0) draft.note(`not encrypted, and left where it is: ${left.join(', ')}`);
  }
  await renameKeptKeys(draft, from, to);
  if (workspace.inventory.hosts.has(from))
    await draft.remove(module, `becomes ${modulePath(draft.inventory, to)}`);
  const synced = await syncDraft(draft, { onlyNew: true });
  await emitModules(draft);
  await noteMentions(draft);
  return { plan: draft.toPlan(), synced, exposed: [] };
}

async function moveFolder(draft: Draft, from: string, to: string): Promise<void> {
  for (const { path } of draft.files)
    if (path.startsWith(`${from}/`)) await draft.move(path, `${to}${path.slice(from.length)}`);
}

/** Public halves and the passwords of hashes lie elsewhere, under the same names. */
async function moveWhatStandsBeside(draft: Draft, before: string, after: string): Promise<void> {
  for (const secret of draft.workspace.secrets)
    if (secret.emitted && besideOf(secret).folder === before)
      await moveBeside(draft, secret, { folder: after, name: secret.name });
}

/**
 * Plans a group, or other members of one; files below its folder follow, with new data keys where a host leaves.
 *
 * @throws SecretsError `BAD_NAME`, `UNKNOWN_HOST`, `NAME_COLLISION`, `NO_IDENTITY`
 */
export async function planGroup(
  workspace: Workspace,
  name: string,
  members: { readonly add: readonly string[]; readonly remove: readonly string[] },
  options: MemberOptions = {},
): Promise<MemberChange> {
  const draft = new Draft(workspace);
  const present = draft.inventory.groups.has(name);
  const text = present
    ? setGroupMembers(draft.inventory, name, members)
    : addGroup(draft.inventory, name, members.add);
  draft.setInventory(text, present ? `members of ${name}` : `group ${name}`);
  const lost = members.remove.map(host => keyOf(workspace.inventory, host));
  return afterLoss(draft, { who: members.remove.join(', '), keys: lost, staying: true }, options);
}

/**
 * Plans that a group goes, which nothing is addressed to any more.
 *
 * @throws SecretsError `UNKNOWN_HOST` (no such group), `STILL_USED`
 */
export async function planRemoveGroup(workspace: Workspace, name: string): Promise<MemberChange> {
  const draft = new Draft(workspace);
  const users = workspace.secrets.filter(secret => namesIn(secret.address).includes(name));
  if (users.length > 0) {
    const shown = users.slice(0, 5).map(secret => secret.address);
    throw new SecretsError('STILL_USED', `${name} receives ${shown.join(', ')}`, {
      hint: `give them to hosts first: secrets mv ${users[0]?.address ?? ''} --host HOST`,
    });
  }
  draft.setInventory(removeGroup(draft.inventory, name), `without the group ${name}`);
  await emitModules(draft);
  return { plan: draft.toPlan(), synced: NOTHING_SYNCED, exposed: [] };
}

function namesIn(address: string): string[] {
  return address.slice(0, Math.max(0, address.indexOf('/'))).split('+');
}

/** @throws SecretsError `UNKNOWN_HOST` */
export function checkAdmin(inventory: Inventory, name: string): void {
  if (inventory.admins.includes(name)) return;
  throw new SecretsError('UNKNOWN_HOST', `no admin is called ${name}`, {
    hint: `there are ${inventory.admins.join(', ') || 'none'}`,
  });
}

async function refuseOwnKey(workspace: Workspace, name: string, keys: readonly string[]): Promise<void> {
  const { identities, guarded = [] } = await workspace.around.identities();
  const own = new Set(
    [...identities, ...guarded].map(({ recipient }) => recipient && canonicalRecipient(recipient)),
  );
  if (!keys.some(key => own.has(canonicalRecipient(key)))) return;
  throw new SecretsError('OWN_KEY', `${name} is your own key: you would lock yourself out`, {
    hint: `another admin can remove it; for a new key of your own: secrets admin rotate ${name} --age KEY`,
  });
}
