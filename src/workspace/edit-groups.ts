import { isMap, isSeq, type Node, type Pair } from 'yaml';
import { SecretsError } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { ConfigText } from './config-text.ts';
import { changedRules, type ReaderChange, textWithReaders } from './edit-rule-keys.ts';
import { applySplices, insertAfter, withoutItem } from './list-splices.ts';
import { withoutEntry } from './map-splices.ts';
import { meaningOf, meantEdit } from './meaning.ts';
import { isNameOf } from './member-names.ts';
import type { Inventory } from './model.ts';
import { hostNameProblem } from './names.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { checkHost } from './receivers.ts';
import { namesOfRule } from './rule-folder.ts';
import { shown, shownList } from './shown.ts';
import type { Collection } from './splice.ts';
import { recipientOfMember } from './staged.ts';
import { scalarText } from './yaml-write.ts';

/**
 * The text with other members of a group; the rules of its folders follow: who joins reads, who leaves does not,
 * unless another name of the folder stands for them.
 *
 * @throws SecretsError `UNKNOWN_HOST` (no such group, host or member), `LAST_READER` (the group would be empty),
 * `UNSUPPORTED`, `BAD_INVENTORY`
 */
export function setGroupMembers(inventory: Inventory, group: string, change: ReaderChange): string {
  const members = membersOf(inventory, group);
  const leaving = change.remove;
  const joining = [...new Set(change.add)].filter(name => !members.includes(name));
  for (const name of [...joining, ...leaving]) checkHost(inventory, name);
  const stranger = leaving.find(name => !members.includes(name));
  if (stranger !== undefined) throw new SecretsError('UNKNOWN_HOST', `${stranger} is no member of ${group}`);
  const after = [...members.filter(name => !leaving.includes(name)), ...joining];
  if (after.length === 0)
    throw new SecretsError('LAST_READER', `${group} would have no member`, {
      hint: `to remove the group: secrets group rm ${group}`,
    });
  const groups = new Map([...inventory.groups, [group, after]]);
  const changes = rulesOfGroup(inventory, groups, group, { add: joining, remove: leaving });
  const named = withMembers(inventory, group, joining, leaving);
  const text = textWithReaders(inventory, named, changes);
  return meantEdit(inventory, text, {
    ...meaningOf(inventory),
    groups,
    rules: changedRules(inventory, changes),
  });
}

/**
 * The text without a group; the rules of its folder stay as they are.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_INVENTORY`
 */
export function removeGroup(inventory: Inventory, group: string): string {
  membersOf(inventory, group);
  const config = new ConfigText(inventory.text, inventory.file);
  const splice = withoutEntry(config, 'groups', group);
  if (splice === null) throw config.notEditable('groups is no map of its own');
  const meaning = meaningOf(inventory);
  const groups = new Map([...meaning.groups].filter(([name]) => name !== group));
  return meantEdit(inventory, applySplices(inventory.text, [splice]), { ...meaning, groups });
}

function membersOf(inventory: Inventory, group: string): readonly string[] {
  const members = inventory.groups.get(group);
  if (members !== undefined) return members;
  const known = [...inventory.groups.keys()];
  const near = nearest(group, known);
  const all = known.length === 0 ? 'there is none yet' : `there are ${shownList(known)}`;
  const name = hostNameProblem(group) === null ? group : shown(group);
  throw new SecretsError('UNKNOWN_HOST', `no group is called ${name}`, {
    hint:
      near === null ? `${all}; add one with \`secrets group add NAME --host HOST\`` : `did you mean ${near}?`,
  });
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
    for (;;) {
      const config = new ConfigText(text, inventory.file);
      const list = groupList(config, group);
      const index = (list.items as Node[]).findLastIndex(item => isNameOf(config, inventory, item, name));
      if (index < 0) break;
      text = applySplices(text, [withoutItem(config, list, index)]);
    }
  }
  return text;
}

function groupList(config: ConfigText, group: string): Collection {
  const groups = config.section('groups')?.value ?? null;
  const pairs = isMap(groups) ? (groups.items as Pair<Node, Node | null>[]) : [];
  const pair = pairs.find(({ key }) => String(key) === group);
  const list = pair?.value ?? null;
  if (isSeq(list)) return list as Collection;
  throw config.notEditableAt(
    pair?.key ?? groups,
    `the group ${group} has no list of its own`,
    'list its members',
  );
}

function rulesOfGroup(
  inventory: Inventory,
  after: ReadonlyMap<string, readonly string[]>,
  group: string,
  { add, remove }: ReaderChange,
): Map<number, ReaderChange> {
  const changes = new Map<number, ReaderChange>();
  for (const rule of inventory.rules) {
    const names = namesOfRule(rule.pathRegex) ?? [];
    if (!names.includes(group)) continue;
    const stay = new Set(
      [...names.flatMap(name => after.get(name) ?? [name]), ...inventory.admins].flatMap(name => {
        const key = recipientOfMember(inventory, name);
        return key === null ? [] : [canonicalRecipient(key)];
      }),
    );
    const staysBy = (name: string) => stay.has(canonicalRecipient(recipientOfMember(inventory, name) ?? ''));
    changes.set(rule.index, { add, remove: remove.filter(name => !staysBy(name)) });
  }
  return changes;
}
