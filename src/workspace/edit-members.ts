import { isMap, isSeq, type Node, type Pair } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { keyOfMember } from './edit-recipients.ts';
import { changedRules, type ReaderChange, refuseLastReader, textWithReaders } from './edit-rule-keys.ts';
import { textWithoutRules } from './edit-rule-list.ts';
import { applySplices, withoutItem } from './list-splices.ts';
import { withoutEntry } from './map-splices.ts';
import { type Meaning, mapReaders, meaningOf, meantEdit } from './meaning.ts';
import { isNameOf } from './member-names.ts';
import type { Inventory, Rule } from './model.ts';
import { pathRegexOf, SECRETS_FOLDER } from './names.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { unknownHost } from './receivers.ts';
import { withoutKeys } from './remove-key.ts';
import { folderPattern } from './rule-folder.ts';
import { audienceOf } from './rules.ts';
import { shownList } from './shown.ts';
import type { Collection, Splice } from './splice.ts';
import { nextOf, recipientOfMember } from './staged.ts';

/**
 * The text without a host or an admin: its key (a staged one too), its place in every rule, its entry, its
 * memberships, the options of the secrets in its own folder. A rule of that folder that nobody else reads goes as
 * well. A key that another host or an admin has too stays with them.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_READER` (a rule, or a group, has nobody else), `LAST_ADMIN`,
 * `RULE_CONFLICT` (a host uses the key of the admin), `BAD_INVENTORY`
 */
export function removeMember(inventory: Inventory, name: string): string {
  const keys = keysToRemove(inventory, name);
  refuseEmptiedGroup(inventory, name);
  const addresses = [...inventory.secrets.keys()].filter(address => address.startsWith(`${name}/`));
  const before = meaningOf(inventory);
  const gone = new Set(keys.map(canonicalRecipient));
  const readers = mapReaders(before, each => [...each].filter(reader => !gone.has(reader)));
  const dropped = inventory.rules.filter(rule => isDropped(rule, name, readers[rule.index]?.groups ?? []));
  const indexes = new Set(dropped.map(rule => rule.index));
  refuseLastReader(
    inventory,
    readers.map((rule, index) => (indexes.has(index) ? null : rule)),
    `${name} is the last reader of a rule`,
  );
  let text = textWithoutRules(inventory, inventory.text, indexes);
  for (const address of addresses) text = withoutSection(text, inventory.file, 'secrets', address);
  text = withoutKeys(text, inventory.file, keys, 'uses');
  text = withoutName(inventory, text, name);
  text = withoutKeys(text, inventory.file, keys, 'all');
  const rules = readers.filter((_, index) => !indexes.has(index));
  return meantEdit(inventory, text, { ...withoutMember(before, name, gone, new Set(addresses)), rules });
}

/** The public keys that are only this member's. */
function keysToRemove(inventory: Inventory, name: string): string[] {
  const { admins, hosts } = inventory;
  const isAdmin = admins.includes(name);
  const recipient = recipientOfMember(inventory, name);
  if (!isAdmin && !hosts.has(name) && recipient === null)
    throw unknownHost(inventory, name, [...hosts.keys(), ...admins]);
  if (isAdmin && admins.length === 1)
    throw new SecretsError('LAST_ADMIN', `${name} is the only admin: nobody could change a secret any more`, {
      hint: 'add another one first: secrets admin add NAME --age KEY',
    });
  if (recipient === null) return [];
  const canonical = canonicalRecipient(recipient);
  const bears = (key: string | null) => key !== null && canonicalRecipient(key) === canonical;
  const others = [...hosts.values()].filter(
    host => host.declared && host.name !== name && bears(host.recipient),
  );
  if (isAdmin && others.length > 0)
    throw new SecretsError(
      'RULE_CONFLICT',
      `${shownList(others.map(host => host.name))} uses the key of ${name}`,
      {
        hint: 'remove that host first, or give it a key of its own with `secrets host rotate`',
      },
    );
  const isPersons = admins.some(admin => admin !== name && bears(inventory.recipientOf(admin)));
  if (others.length > 0 || isPersons) return [];
  const next = nextOf(inventory, name);
  return next === null ? [recipient] : [recipient, next.recipient];
}

function refuseEmptiedGroup(inventory: Inventory, name: string): void {
  const emptied = [...inventory.groups].find(([, members]) => members.length === 1 && members[0] === name);
  if (emptied === undefined) return;
  throw new SecretsError('LAST_READER', `${name} is the only member of the group ${emptied[0]}`, {
    hint: `remove the group first: secrets group rm ${emptied[0]}`,
  });
}

function isDropped(rule: Rule, name: string, groups: readonly ReadonlySet<string>[]): boolean {
  if (folderPattern(rule.pathRegex)?.folder !== name) return false;
  return rule.groups.length > 0 && groups.every(group => group.size === 0);
}

function withoutMember(
  meaning: Meaning,
  name: string,
  gone: ReadonlySet<string>,
  addresses: ReadonlySet<string>,
): Meaning {
  const others = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([other]) => other !== name));
  const groups = [...meaning.groups].map(
    ([group, members]) => [group, members.filter(member => member !== name)] as const,
  );
  return {
    ...meaning,
    keys: new Map([...meaning.keys].filter(([, recipient]) => !gone.has(recipient))),
    admins: meaning.admins.filter(admin => admin !== name),
    hosts: others(meaning.hosts),
    hostOptions: others(meaning.hostOptions),
    groups: new Map(groups),
    secrets: new Map([...meaning.secrets].filter(([address]) => !addresses.has(address))),
  };
}

/** Takes a name out of `admins:`, `groups:` and `hosts:`. */
function withoutName(inventory: Inventory, before: string, name: string): string {
  let text = before;
  for (;;) {
    const config = new ConfigText(text, inventory.file);
    const splices = nameLists(config, inventory.admins.includes(name)).flatMap((list): Splice[] => {
      const items = list.items as Node[];
      const index = items.findLastIndex(item => isNameOf(config, inventory, item, name));
      return index < 0 ? [] : [withoutItem(config, list, index)];
    });
    if (splices.length === 0) break;
    text = applySplices(text, splices);
  }
  const isDeclared = inventory.hosts.get(name)?.declared === true;
  return isDeclared ? withoutSection(text, inventory.file, 'hosts', name) : text;
}

/** The lists in which the name stands: that of the admins, or those of the groups. */
function nameLists(config: ConfigText, isAdmin: boolean): Collection[] {
  const node = config.section(isAdmin ? 'admins' : 'groups')?.value ?? null;
  const values = isMap(node) ? (node.items as Pair<Node, Node | null>[]).map(({ value }) => value) : [node];
  return values.filter((value): value is Node => isSeq(value)).map(list => list as unknown as Collection);
}

function withoutSection(text: string, file: string, section: string, name: string): string {
  const config = new ConfigText(text, file);
  const splice = withoutEntry(config, section, name);
  if (splice === null) throw config.notEditable(`${name} in ${section} comes from elsewhere`);
  return applySplices(text, [splice]);
}

/**
 * The text in which an admin reads what other admins read below `secrets/`. Rules of other places stay: they may
 * be a person's own.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `UNSUPPORTED` (several key groups), `BAD_INVENTORY`
 */
export function addAdminToRules(inventory: Inventory, name: string): string {
  const own = canonicalRecipient(keyOfMember(inventory, name).recipient);
  const keys = inventory.admins.map(admin => inventory.recipientOf(admin)).filter(key => key !== null);
  const admins = new Set(keys.map(canonicalRecipient).filter(key => key !== own));
  const changes = new Map<number, ReaderChange>();
  for (const rule of inventory.rules) {
    const readers = audienceOf(rule).map(canonicalRecipient);
    if (readers.includes(own) || !readers.some(reader => admins.has(reader))) continue;
    if (isBelowSecrets(inventory, rule)) changes.set(rule.index, { add: [name], remove: [] });
  }
  const text = textWithReaders(inventory, inventory.text, changes);
  return meantEdit(inventory, text, { ...meaningOf(inventory), rules: changedRules(inventory, changes) });
}

/**
 * The text in which a host reads its own folder, where the rule of that folder names the admins alone: a host of
 * that name was there before.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_INVENTORY`
 */
export function reopenFolder(inventory: Inventory, name: string): string {
  const host = keyOfMember(inventory, name).recipient;
  const admins = inventory.admins.flatMap(admin => inventory.recipientOf(admin) ?? []);
  const rule = inventory.rules.find(({ pathRegex }) => pathRegex === pathRegexOf(name));
  if (rule === undefined || rule.groups.length !== 1 || admins.length === 0) return inventory.text;
  const readers = new Set(audienceOf(rule).map(canonicalRecipient));
  const people = new Set(admins.map(canonicalRecipient));
  if (readers.has(canonicalRecipient(host)) || readers.size !== people.size) return inventory.text;
  if ([...readers].some(reader => !people.has(reader))) return inventory.text;
  const changes = new Map([[rule.index, { add: [name], remove: [] }]]);
  const text = textWithReaders(inventory, inventory.text, changes);
  return meantEdit(inventory, text, { ...meaningOf(inventory), rules: changedRules(inventory, changes) });
}

/** True for a rule that says so, and for one that takes a file which the tool could make. */
function isBelowSecrets(inventory: Inventory, rule: Rule): boolean {
  if (/^\^?secrets\//.test(rule.pathRegex ?? '')) return true;
  const folders = [...inventory.hosts.keys(), ...inventory.groups.keys(), 'x'];
  return folders.some(folder =>
    ['.yaml', '.env', '.bin'].some(extension => rule.matches(`${SECRETS_FOLDER}/${folder}/x${extension}`)),
  );
}
