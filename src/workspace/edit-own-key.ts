import { isMap, type Node, type Pair } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { textWithKey } from './edit-keys.ts';
import { changedRules, type ReaderChange, textWithReaders } from './edit-rule-keys.ts';
import { meaningOf, meantEdit } from './meaning.ts';
import type { Inventory } from './model.ts';
import { parseInventory } from './parse.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { namesOfRule } from './rule-folder.ts';
import { endOfContent, splice } from './splice.ts';
import { verifiedEdit } from './verify-edit.ts';
import { recipientScalar } from './yaml-write.ts';

/** The admin whose key a host uses, `null` where its key is its own. */
export function personBehind(inventory: Inventory, host: string): string | null {
  const key = inventory.hosts.get(host)?.recipient ?? null;
  if (key === null) return null;
  const bears = (recipient: string | null) =>
    recipient !== null && canonicalRecipient(recipient) === canonicalRecipient(key);
  const people = inventory.admins.filter(admin => bears(inventory.recipientOf(admin)));
  return people.includes(host) ? null : (people[0] ?? null);
}

/**
 * The text in which a host that used a person's key has one of its own: an anchor of its name, its entry, and a
 * reader of every folder that is named after it or a group of it. The person goes on reading.
 *
 * @throws SecretsError `UNKNOWN_HOST` (its key is its own), `BAD_KEY`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function giveOwnKey(inventory: Inventory, host: string, recipient: string): string {
  if (personBehind(inventory, host) === null)
    throw new SecretsError('UNKNOWN_HOST', `${host} does not use the key of a person`);
  const keyed = parseInventory(textWithKey(inventory, host, recipient, 'host'), inventory.file);
  const own = parseInventory(withOwnRecipient(keyed, host, recipient), inventory.file);
  verifiedEdit(inventory, own.text, { keys: [host], hosts: [host] });
  const changes = new Map<number, ReaderChange>();
  for (const rule of own.rules) {
    const names = namesOfRule(rule.pathRegex) ?? [];
    const isIts = names.some(name => name === host || own.groups.get(name)?.includes(host) === true);
    if (isIts) changes.set(rule.index, { add: [host], remove: [] });
  }
  const text = textWithReaders(own, own.text, changes);
  return meantEdit(own, text, { ...meaningOf(own), rules: changedRules(own, changes) });
}

function withOwnRecipient(inventory: Inventory, host: string, recipient: string): string {
  const config = new ConfigText(inventory.text, inventory.file);
  const entry = childOf(childOf(config.section('hosts')?.value ?? null, host), 'recipient');
  const [start] = entry?.range ?? [];
  if (entry === null || start === undefined)
    throw config.notEditable(`hosts.${host}.recipient comes from elsewhere`);
  const end = endOfContent(inventory.text, entry);
  const byAlias = splice(inventory.text, start, end, `*${host}`);
  // an alias cannot stand above its anchor
  return isRead(byAlias, inventory.file)
    ? byAlias
    : splice(inventory.text, start, end, recipientScalar(recipient));
}

function childOf(map: Node | null, name: string): Node | null {
  if (!isMap(map)) return null;
  const pairs = map.items as Pair<Node, Node | null>[];
  return pairs.find(({ key }) => String(key) === name)?.value ?? null;
}

function isRead(text: string, file: string): boolean {
  try {
    parseInventory(text, file);
    return true;
  } catch (error) {
    if (error instanceof SecretsError) return false;
    throw error;
  }
}
