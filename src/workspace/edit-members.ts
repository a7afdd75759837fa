import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { isAnchored, keyOfMember, nextOf, withoutKey } from './edit-recipients.ts';
import { applySplices, insertAfter, listsOf, type Splice, withoutItem } from './list-splices.ts';
import { withoutEntry } from './map-splices.ts';
import { type Meaning, mapReaders, meaningOf, meantEdit, type RuleMeaning } from './meaning.ts';
import type { Inventory } from './model.ts';
import { folderOfRegex, namesOfFolder } from './names.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { checkHost } from './receivers.ts';
import type { Collection } from './splice.ts';
import { recipientScalar, scalarText } from './yaml-write.ts';

/**
 * The text without a host or an admin: its key (a staged one too), its place in every rule, its entry, its
 * memberships. A group that would be empty goes as well where nothing else is in it.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_READER` (a rule, or a group, has nobody else), `RULE_CONFLICT` (another
 * host has the same key), `BAD_INVENTORY`
 */
export function removeMember(inventory: Inventory, name: string): string {
  const key = keyOfMember(inventory, name);
  const next = nextOf(inventory, name);
  const shared = isShared(inventory, name, key.recipient);
  refuseEmptyGroups(inventory, name);
  let text = inventory.text;
  if (!shared && next !== null) text = withoutKey(text, inventory.file, next);
  if (!shared) text = withoutKey(text, inventory.file, key);
  text = withoutName(text, inventory.file, name);
  const gone = new Set(
    shared ? [] : [key.recipient, ...(next === null ? [] : [next.recipient])].map(canonicalRecipient),
  );
  const meaning = meaningOf(inventory);
  return meantEdit(inventory, text, {
    ...meaning,
    keys: new Map([...meaning.keys].filter(([, recipient]) => !gone.has(recipient))),
    admins: meaning.admins.filter(admin => admin !== name),
    hosts: new Map([...meaning.hosts].filter(([host]) => host !== name)),
    groups: new Map(
      [...meaning.groups].map(([group, members]) => [group, members.filter(member => member !== name)]),
    ),
    rules: mapReaders(meaning, readers => [...readers].filter(reader => !gone.has(reader))),
  });
}

/** A home profile with its person's key: the key stays with the person. */
function isShared(inventory: Inventory, name: string, recipient: string): boolean {
  const canonical = canonicalRecipient(recipient);
  const hosts = [...inventory.hosts.values()].filter(
    host => host.declared && host.name !== name && host.recipient !== null,
  );
  const asHost = hosts.some(host => canonicalRecipient(host.recipient ?? '') === canonical);
  const asAdmin = inventory.admins.some(
    admin => admin !== name && canonicalRecipient(inventory.recipientOf(admin) ?? '') === canonical,
  );
  const both = inventory.admins.includes(name) && inventory.hosts.get(name)?.declared === true;
  if (!asHost || !inventory.admins.includes(name) || both) return asHost || asAdmin;
  throw new SecretsError('RULE_CONFLICT', `a host uses the key of ${name}`, {
    hint: 'remove that host first, or give it a key of its own with `secrets host rotate`',
  });
}

function refuseEmptyGroups(inventory: Inventory, name: string): void {
  const group = [...inventory.groups].find(([, members]) => members.length === 1 && members[0] === name);
  if (group === undefined) return;
  throw new SecretsError('LAST_READER', `${name} is the only member of the group ${group[0]}`, {
    hint: `remove the group first: secrets group rm ${group[0]}`,
  });
}

/** Takes a name out of `admins:`, `groups:` and `hosts:`. */
function withoutName(text: string, file: string, name: string): string {
  const config = new ConfigText(text, file);
  const splices: Splice[] = [];
  for (const { section, list, items } of listsOf(config).lists) {
    if (section !== 'groups' && section !== 'admins') continue;
    const index = items.findIndex(item => names(item, name));
    if (index >= 0) splices.push(withoutItem(config, list, index));
  }
  const entry = withoutEntry(config, 'hosts', name);
  return applySplices(text, entry === null ? splices : [...splices, entry]);
}

function names(node: Node, name: string): boolean {
  return isAlias(node) ? node.source === name : isScalar(node) && String(node.value) === name;
}

/**
 * The text in which more, or fewer, read what a rule governs.
 *
 * @param add names of keys; `remove` likewise
 * @throws SecretsError `LAST_READER`, `UNSUPPORTED` (several key groups), `BAD_INVENTORY`
 */
function setRuleReaders(
  inventory: Inventory,
  changes: ReadonlyMap<number, { readonly add: readonly string[]; readonly remove: readonly string[] }>,
): string {
  let text = inventory.text;
  const meaning = meaningOf(inventory);
  const rules = meaning.rules.map((rule, index) => changedRule(inventory, rule, changes.get(index)));
  for (const [index, { add, remove }] of changes) {
    for (const name of remove) text = withoutReader(text, inventory, index, name);
    for (const name of add) text = withReader(text, inventory, index, name);
  }
  return meantEdit(inventory, text, { ...meaning, rules });
}

function changedRule(
  inventory: Inventory,
  rule: RuleMeaning,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] } | undefined,
): RuleMeaning {
  if (change === undefined) return rule;
  const key = (name: string) => canonicalRecipient(keyOfMember(inventory, name).recipient);
  const remove = new Set(change.remove.map(key));
  const groups = rule.groups.map(readers => new Set([...readers].filter(reader => !remove.has(reader))));
  for (const name of change.add) groups[0]?.add(key(name));
  return { ...rule, groups };
}

/** The list of age keys of a rule that is edited, in a text that may have been edited before. */
function ageList(config: ConfigText, index: number): { list: Collection; items: Node[] } {
  const rules = config.section('creation_rules')?.value ?? null;
  const rule = isSeq(rules) ? (rules.items as Node[])[index] : null;
  const found = listsOf(config).lists.filter(
    ({ list }) => rule !== null && rule !== undefined && isInside(list, rule),
  );
  const [only, ...others] = found.filter(({ items }) => items.some(item => !isMap(item)));
  if (only !== undefined && others.length === 0) return { list: only.list, items: [...only.items] };
  throw config.notEditable('a rule has no list of its own, or several lists of readers');
}

function isInside(node: Node | Collection, outer: Node): boolean {
  const [start = -1, end = -1] = node.range ?? [];
  const [from = 0, to = 0] = outer.range ?? [];
  return start >= from && end <= to;
}

function withReader(text: string, inventory: Inventory, index: number, name: string): string {
  const config = new ConfigText(text, inventory.file);
  const { list, items } = ageList(config, index);
  const key = keyOfMember(inventory, name);
  const item = isAnchored(inventory, key) ? `*${key.name}` : recipientScalar(key.recipient);
  return applySplices(text, [insertAfter(config, list, items.length - 1, item)]);
}

function withoutReader(text: string, inventory: Inventory, index: number, name: string): string {
  const config = new ConfigText(text, inventory.file);
  const { list, items } = ageList(config, index);
  const key = keyOfMember(inventory, name);
  const at = items.findIndex(item =>
    isAlias(item) ? item.source === key.name : isScalar(item) && String(item.value) === key.recipient,
  );
  if (at < 0) return text;
  if (items.length === 1) throw new SecretsError('LAST_READER', `${name} is the only reader of a rule`);
  return applySplices(text, [withoutItem(config, list, at)]);
}

/**
 * The text in which an admin reads what other admins read below `secrets/`.
 *
 * @throws SecretsError `BAD_INVENTORY`
 */
export function addAdminToRules(inventory: Inventory, name: string): string {
  const own = canonicalRecipient(keyOfMember(inventory, name).recipient);
  const admins = new Set(
    inventory.admins.flatMap(admin => {
      const key = inventory.recipientOf(admin);
      return key === null ? [] : [canonicalRecipient(key)];
    }),
  );
  const changes = new Map(
    meaningOf(inventory).rules.flatMap((rule, index) => {
      const readers = [...(rule.groups[0] ?? [])];
      const wanted = readers.some(reader => admins.has(reader)) && !readers.includes(own);
      return wanted && rule.groups.length === 1 ? [[index, { add: [name], remove: [] }] as const] : [];
    }),
  );
  return changes.size === 0 ? inventory.text : setRuleReaders(inventory, changes);
}

/**
 * The text with other members of a group; the rules of its folders follow.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_READER` (the group would be empty), `BAD_INVENTORY`
 */
export function setGroupMembers(
  inventory: Inventory,
  group: string,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): string {
  const members = inventory.groups.get(group);
  if (members === undefined) throw new SecretsError('UNKNOWN_HOST', `no group is called ${group}`);
  for (const name of [...add, ...remove]) checkHost(inventory, name);
  const stranger = remove.find(name => !members.includes(name));
  if (stranger !== undefined) throw new SecretsError('UNKNOWN_HOST', `${stranger} is no member of ${group}`);
  const joining = [...new Set(add)].filter(name => !members.includes(name));
  const after = [...members.filter(name => !remove.includes(name)), ...joining];
  if (after.length === 0) {
    throw new SecretsError('LAST_READER', `${group} would have no member`, {
      hint: `to remove the group: secrets group rm ${group}`,
    });
  }
  const text = withMembers(inventory, group, joining, remove);
  const meaning = meaningOf(inventory);
  const groups = new Map([...meaning.groups, [group, after]]);
  const named = { ...inventory, text, groups };
  const listed: Meaning = { ...meaning, groups };
  const changes = rulesOfGroup(inventory, named, group, joining, remove);
  const rules = listed.rules.map((rule, index) => changedRule(inventory, rule, changes.get(index)));
  let edited = text;
  for (const [index, change] of changes) {
    for (const name of change.remove) edited = withoutReader(edited, inventory, index, name);
    for (const name of change.add) edited = withReader(edited, inventory, index, name);
  }
  return meantEdit(inventory, edited, { ...listed, rules });
}

function withMembers(
  inventory: Inventory,
  group: string,
  add: readonly string[],
  remove: readonly string[],
): string {
  let { text } = inventory;
  for (const name of add) {
    const config = new ConfigText(text, inventory.file);
    const list = groupList(config, group);
    text = applySplices(text, [insertAfter(config, list, list.items.length - 1, scalarText(name))]);
  }
  for (const name of remove) {
    const config = new ConfigText(text, inventory.file);
    const list = groupList(config, group);
    const index = (list.items as Node[]).findIndex(item => names(item, name));
    if (index >= 0) text = applySplices(text, [withoutItem(config, list, index)]);
  }
  return text;
}

function groupList(config: ConfigText, group: string): Collection {
  const groups = config.section('groups')?.value ?? null;
  const pairs = isMap(groups) ? (groups.items as Pair<Node, Node | null>[]) : [];
  const list = pairs.find(({ key }) => names(key, group))?.value ?? null;
  if (isSeq(list) && list.items.length > 0) return list as Collection;
  throw config.notEditable(`the group ${group} is no list`);
}

/** Rules of folders that name the group: who joins reads, who leaves does not, unless another name in it has them. */
function rulesOfGroup(
  before: Inventory,
  after: Pick<Inventory, 'groups' | 'hosts'>,
  group: string,
  add: readonly string[],
  remove: readonly string[],
): Map<number, { add: string[]; remove: string[] }> {
  const changes = new Map<number, { add: string[]; remove: string[] }>();
  for (const { index, pathRegex, groups } of before.rules) {
    const folder = folderOfRegex(pathRegex);
    const folderNames = folder === null ? null : namesOfFolder(folder);
    if (folderNames === null || !folderNames.includes(group)) continue;
    const members = new Set(folderNames.flatMap(name => after.groups.get(name) ?? [name]));
    const keys = new Set((groups[0]?.age ?? []).map(canonicalRecipient));
    const reads = (name: string) => keys.has(canonicalRecipient(keyOfMember(before, name).recipient));
    changes.set(index, {
      add: add.filter(name => !reads(name)),
      remove: remove.filter(name => !members.has(name) && reads(name)),
    });
  }
  return changes;
}

/**
 * The text without a group.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_INVENTORY`
 */
export function removeGroup(inventory: Inventory, group: string): string {
  if (!inventory.groups.has(group)) throw new SecretsError('UNKNOWN_HOST', `no group is called ${group}`);
  const config = new ConfigText(inventory.text, inventory.file);
  const splice = withoutEntry(config, 'groups', group);
  if (splice === null) throw config.notEditable('groups is no map of its own');
  const meaning = meaningOf(inventory);
  const groups = new Map([...meaning.groups].filter(([name]) => name !== group));
  return meantEdit(inventory, applySplices(inventory.text, [splice]), { ...meaning, groups });
}

/**
 * The text without a creation rule.
 *
 * @throws SecretsError `BAD_INVENTORY`
 */
export function removeRule(inventory: Inventory, index: number): string {
  const config = new ConfigText(inventory.text, inventory.file);
  const rules = config.section('creation_rules')?.value ?? null;
  if (!isSeq(rules) || rules.items.length < 2) return inventory.text;
  const text = applySplices(inventory.text, [withoutItem(config, rules as Collection, index)]);
  const meaning = meaningOf(inventory);
  return meantEdit(inventory, text, { ...meaning, rules: meaning.rules.filter((_, at) => at !== index) });
}
