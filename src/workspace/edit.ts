import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { checkedRecipient, textWithKey } from './edit-keys.ts';
import { appendToSection, insertSection, type NewItem } from './insert.ts';
import type { Inventory, Platform } from './model.ts';
import { checkHostName } from './names.ts';
import { parseInventory } from './parse.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { checkHost } from './receivers.ts';
import { shown } from './shown.ts';
import { verifiedEdit } from './verify-edit.ts';
import { flowList, flowMap, recipientScalar, scalarText } from './yaml-write.ts';

export { moveSecretOptions } from './edit-address.ts';
export { removeGroup, setGroupMembers } from './edit-groups.ts';
export { addAdmins, addHosts, addOptions } from './edit-many.ts';
export { addAdminToRules, removeMember, reopenFolder } from './edit-members.ts';
export { refusedOptions, setSecretOptions } from './edit-options.ts';
export { giveOwnKey, personBehind } from './edit-own-key.ts';
export {
  finishRecipient,
  nextOf,
  replaceRecipient,
  stageRecipient,
  unstageRecipient,
} from './edit-recipients.ts';
export { renameMember } from './edit-rename.ts';
export { setRuleRecipients } from './edit-rule-keys.ts';
export { removeRule } from './edit-rule-list.ts';
export { addRule } from './edit-rules.ts';

/** A person with a public key. */
export interface NewAdmin {
  readonly name: string;
  readonly recipient: string;
}

/** A host with its public key. */
export interface NewHost extends NewAdmin {
  readonly platform: Platform;
}

/**
 * The text of a fresh `.sops.yaml` with one admin and no host.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`
 */
export function newInventory({ admin }: { readonly admin: NewAdmin }): string {
  const name = checkHostName(admin.name);
  const text = [
    '# Who can read which secret. Each name here is the name of a public key.',
    'keys:',
    `  - &${name} ${recipientScalar(checkedRecipient(admin.recipient))}`,
    '',
    '# people (and recovery keys): they read every secret that is made with `secrets add`',
    `admins: [${scalarText(name)}]`,
    '',
    '# the first rule that matches the path of a file says who reads it',
    'creation_rules: []',
    '',
  ].join('\n');
  parseInventory(text);
  return text;
}

/**
 * The text with a named key.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function addKey(inventory: Inventory, name: string, recipient: string): string {
  return verifiedEdit(inventory, textWithKey(inventory, name, recipient, 'host'), { keys: [name] });
}

/**
 * The text with an admin: the key, unless it is there already, and its name in `admins:`. A key that has a name
 * in the file keeps it, so that the admin may be called other than asked.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function addAdmin(inventory: Inventory, admin: NewAdmin): string {
  const name = nameOfKey(inventory, admin) ?? admin.name;
  if (inventory.admins.includes(name)) return inventory.text;
  refuseTakenName(inventory, name, 'admin');
  const keyed = withKey(inventory, { name, recipient: admin.recipient }, 'admin');
  const config = new ConfigText(keyed.text, inventory.file);
  const scalar = scalarText(name);
  const item: NewItem = { block: [`- ${scalar}`], flow: scalar };
  const text =
    config.section('admins') === null
      ? insertSection(config, 'admins', [`admins: ${flowList([scalar], config.flow)}`])
      : appendToSection(config, 'admins', item, config.listIndent);
  return verifiedEdit(inventory, text, { keys: [name], admins: [name], hosts: [name] });
}

/**
 * The text with a host: its key with an anchor of its name (or, where the key has another name already,
 * `recipient: *that`), and its entry in `hosts:`. The same host again is no change.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function addHost(inventory: Inventory, host: NewHost): string {
  const name = checkHostName(host.name);
  const present = inventory.hosts.get(name);
  if (present?.declared) {
    refuseOtherHost(inventory, present, host);
    return present.recipient === null ? addKey(inventory, name, host.recipient) : inventory.text;
  }
  refuseTakenName(inventory, name, 'host');
  const keyName = nameOfKey(inventory, host);
  if (keyName !== null && keyName !== name) refuseAnchor(inventory, name);
  const keyed = keyName === null ? withKey(inventory, host, 'host') : inventory;
  const byAlias = () => hostText(keyed, host, keyName, `*${keyName}`);
  const byKey = () => hostText(keyed, host, keyName, recipientScalar(host.recipient));
  const text = readable(byAlias(), inventory.file) ? byAlias() : byKey();
  return verifiedEdit(inventory, text, { keys: [name], hosts: [name] });
}

/**
 * The text with a group of hosts. The same group again is no change.
 *
 * @throws SecretsError `BAD_NAME`, `UNKNOWN_HOST`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function addGroup(inventory: Inventory, name: string, hosts: readonly string[]): string {
  checkHostName(name);
  const members = [...new Set(hosts)].map(host => declaredHost(inventory, host));
  if (members.length === 0)
    throw new SecretsError('USAGE', `group ${name} would be empty`, { hint: 'name its hosts' });
  const present = inventory.groups.get(name);
  if (present !== undefined && [...present].sort().join() === [...members].sort().join())
    return inventory.text;
  if (present !== undefined) {
    throw new SecretsError('ALREADY_EXISTS', `group ${name} exists already, with ${present.join(', ')}`);
  }
  refuseTakenName(inventory, name, 'group');
  const config = new ConfigText(inventory.text, inventory.file);
  const entry = `${scalarText(name)}: ${flowList(members.map(scalarText), config.flow)}`;
  const text = appendToSection(config, 'groups', { block: [entry], flow: entry }, config.mapIndent);
  return verifiedEdit(inventory, text, { groups: [name] });
}

/** A group must not hang on a host that is only inferred: the first entry of `hosts:` ends that. */
function declaredHost(inventory: Inventory, name: string): string {
  const host = checkHost(inventory, name);
  if (host.declared) return host.name;
  throw new SecretsError(
    'UNKNOWN_HOST',
    `${name} is a key in ${inventory.file}, but not declared as a host yet`,
    {
      hint: `secrets host add ${name} --age ${host.recipient ?? 'KEY'}`,
    },
  );
}

function hostText(inventory: Inventory, host: NewHost, keyName: string | null, recipient: string): string {
  const config = new ConfigText(inventory.text, inventory.file);
  const named = keyName === null || keyName === host.name;
  const fields: [string, string][] = [['platform', host.platform]];
  if (!named) fields.push(['recipient', recipient]);
  const entry = `${scalarText(host.name)}: ${flowMap(fields, config.flow)}`;
  return appendToSection(config, 'hosts', { block: [entry], flow: entry }, config.mapIndent);
}

/** False where an alias would stand above its anchor. */
function readable(text: string, file: string): boolean {
  try {
    parseInventory(text, file);
    return true;
  } catch {
    return false;
  }
}

/** The name that a key has in the file: the wanted one where it has several. */
function nameOfKey(inventory: Inventory, { name, recipient }: NewAdmin): string | null {
  const canonical = canonicalRecipient(recipient);
  const names = inventory.keys
    .filter(key => canonicalRecipient(key.recipient) === canonical)
    .map(key => key.name);
  return names.find(known => known === name) ?? names[0] ?? null;
}

function withKey(inventory: Inventory, { name, recipient }: NewAdmin, kind: 'host' | 'admin'): Inventory {
  const text = textWithKey(inventory, name, recipient, kind);
  return parseInventory(
    verifiedEdit({ ...inventory, generated: false }, text, { keys: [name] }),
    inventory.file,
  );
}

function refuseOtherHost(
  inventory: Inventory,
  present: { platform: Platform; recipient: string | null },
  host: NewHost,
): void {
  const same =
    present.recipient === null ||
    canonicalRecipient(present.recipient) === canonicalRecipient(host.recipient);
  if (!same)
    throw new SecretsError('ALREADY_EXISTS', `host ${host.name} has another key in ${inventory.file}`);
  if (present.platform === host.platform) return;
  throw new SecretsError(
    'ALREADY_EXISTS',
    `host ${host.name} is there already, with the platform ${present.platform}`,
    {
      hint: `to change it, edit hosts.${host.name}.platform in ${inventory.file}`,
    },
  );
}

/** Hosts, groups and admins share one namespace, unique without regard to case. */
function refuseTakenName(inventory: Inventory, name: string, what: 'host' | 'admin' | 'group'): void {
  const lower = name.toLowerCase();
  // an inferred host may become a declared one, or an admin
  const hosts = [...inventory.hosts.values()].filter(host => host.declared || what === 'group');
  const sets: [string, readonly string[]][] = [
    ['an admin', inventory.admins],
    ['a host', hosts.map(host => host.name)],
    ['a group', [...inventory.groups.keys()]],
  ];
  for (const [kind, names] of sets) {
    const taken = names.find(other => other.toLowerCase() === lower);
    if (taken === undefined) continue;
    throw new SecretsError(
      'ALREADY_EXISTS',
      `${shown(taken)} is ${kind} already, so no ${what} can have that name`,
      {
        hint: 'people, hosts and groups share one namespace: take another name',
      },
    );
  }
}

function refuseAnchor(inventory: Inventory, name: string): void {
  if (!inventory.keys.some(key => key.name.toLowerCase() === name)) return;
  throw new SecretsError('ALREADY_EXISTS', `${name} is the name of another key in ${inventory.file}`);
}
