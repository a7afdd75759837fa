import { isScalar, type Node } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { checkedRecipient } from './edit-keys.ts';
import {
  applySplices,
  editedKeyText,
  insertAfter,
  listsOf,
  type Meant,
  means,
  type Splice,
  scalarsOf,
  withoutItem,
} from './list-splices.ts';
import { type Meaning, mapReaders, meaningOf, meantEdit } from './meaning.ts';
import type { Inventory, NamedKey } from './model.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { recipientScalar } from './yaml-write.ts';

/** What a staged key is called: stock sops reads it as one more reader. */
const STAGED = '_next';

/** The key of a host, an admin or a name in `keys:`, with the anchor that bears it. */
export function keyOfMember(inventory: Inventory, member: string): Meant & { readonly recipient: string } {
  const recipient = inventory.hosts.get(member)?.recipient ?? inventory.recipientOf(member);
  if (recipient === null || recipient === undefined)
    throw new SecretsError('UNKNOWN_HOST', `${member} has no key in ${inventory.file}`);
  const canonical = canonicalRecipient(recipient);
  const anchors = inventory.keys.filter(key => canonicalRecipient(key.recipient) === canonical);
  const own = anchors.find(key => key.name === member) ?? anchors[0];
  return { name: own?.name ?? member, recipient };
}

/** True where the key has an anchor in the file, so that rules can name it. */
export function isAnchored(inventory: Inventory, { name }: Meant): boolean {
  return inventory.keys.some(key => key.name === name);
}

/** The key that waits to replace the one of a member, `null` where none is staged. */
export function nextOf(inventory: Inventory, member: string): NamedKey | null {
  const recipient = inventory.hosts.get(member)?.recipient ?? inventory.recipientOf(member);
  if (recipient === null || recipient === undefined) return null;
  const { name } = keyOfMember(inventory, member);
  return inventory.keys.find(key => key.name === `${name}${STAGED}`) ?? null;
}

/**
 * The text in which a member has another public key, wherever the old one stands.
 *
 * @throws SecretsError `BAD_KEY`, `UNKNOWN_HOST`, `BAD_INVENTORY`
 */
export function replaceRecipient(inventory: Inventory, member: string, recipient: string): string {
  const former = ownKey(inventory, member);
  const next = checkedRecipient(recipient);
  const text = withOtherKey(inventory.text, inventory.file, former.recipient, next);
  return meantEdit(inventory, text, replaced(meaningOf(inventory), former.recipient, next));
}

function replaced(meaning: Meaning, former: string, next: string): Meaning {
  const from = canonicalRecipient(former);
  const to = canonicalRecipient(next);
  const exchange = <T extends string | null>(key: T) => (key === from ? to : key);
  return {
    ...meaning,
    keys: new Map([...meaning.keys].map(([name, key]) => [name, exchange(key)])),
    hosts: new Map([...meaning.hosts].map(([name, key]) => [name, exchange(key)])),
    rules: mapReaders(meaning, readers => [...readers].map(exchange)),
  };
}

/** Every scalar that holds the old key gets the new one; comments are no scalars. */
function withOtherKey(text: string, file: string, former: string, next: string): string {
  const config = new ConfigText(text, file);
  const splices: Splice[] = [];
  for (const { node, from, to } of scalarsOf(config)) {
    const source = text.slice(from, to);
    const exact = canonicalRecipient(String(node.value)) === canonicalRecipient(former);
    if (exact) splices.push({ from, to: from + source.trimEnd().length, insert: recipientScalar(next) });
    else if (source.includes(',') && source.includes(former))
      splices.push({ from, to, insert: source.replaceAll(former, next) });
  }
  return applySplices(text, splices);
}

/**
 * The text with a second key for a member: `&NAME_next` behind `&NAME`, and a reader wherever that one is.
 *
 * @throws SecretsError `BAD_KEY`, `UNKNOWN_HOST`, `ALREADY_EXISTS` (one is staged), `BAD_INVENTORY` (the key of
 * the member has no name)
 */
export function stageRecipient(inventory: Inventory, member: string, recipient: string): string {
  const key = ownKey(inventory, member);
  const next = checkedRecipient(recipient);
  const name = `${key.name}${STAGED}`;
  if (!isAnchored(inventory, key))
    throw new SecretsError('BAD_INVENTORY', `the key of ${member} has no name in ${inventory.file}`, {
      hint: `write it as \`- &${member} ${key.recipient}\` below keys:, and *${member} in the rules`,
    });
  if (inventory.keys.some(known => known.name === name))
    throw new SecretsError('ALREADY_EXISTS', `${inventory.file} has a key ${name} already`);
  const meaning = meaningOf(inventory);
  const from = canonicalRecipient(key.recipient);
  const wanted = {
    ...meaning,
    keys: new Map([...meaning.keys, [name, canonicalRecipient(next)]]),
    rules: mapReaders(meaning, readers =>
      readers.has(from) ? [...readers, canonicalRecipient(next)] : readers,
    ),
  };
  return meantEdit(inventory, withStaged(inventory, key, name, next), wanted);
}

function withStaged(inventory: Inventory, key: Meant, name: string, next: string): string {
  const config = new ConfigText(inventory.text, inventory.file);
  const { lists, texts } = listsOf(config);
  const splices: Splice[] = [];
  for (const { section, list, items } of lists) {
    if (section === 'groups' || section === 'admins' || section === 'hosts') continue;
    const index = items.findIndex(item => means(item, key));
    const item = items[index];
    if (item === undefined) continue;
    const isAnchor = isScalar(item) && item.anchor === key.name;
    splices.push(
      insertAfter(config, list, index, isAnchor ? `&${name} ${recipientScalar(next)}` : `*${name}`),
    );
  }
  for (const { from, to } of texts) {
    const source = config.text.slice(from, to);
    const edited = editedKeyText(source, keys =>
      keys.flatMap(each => (each === key.recipient ? [each, next] : [each])),
    );
    if (edited !== null && edited !== source) splices.push({ from, to, insert: edited });
  }
  if (splices.length === 0 || !/&/.test(splices.map(({ insert }) => insert).join('')))
    throw config.notEditable('keys: is no list of named keys');
  return applySplices(config.text, splices);
}

/**
 * The text in which the staged key has taken the place of the old one.
 *
 * @throws SecretsError `NOT_STAGED`, `BAD_INVENTORY`
 */
export function finishRecipient(inventory: Inventory, member: string): string {
  const { recipient } = staged(inventory, member);
  const without = unstaged(inventory, member);
  const key = ownKey(inventory, member);
  const text = withOtherKey(without, inventory.file, key.recipient, recipient);
  const meaning = withoutStaged(inventory, member);
  return meantEdit(inventory, text, replaced(meaning, key.recipient, recipient));
}

/**
 * The text without the staged key.
 *
 * @throws SecretsError `NOT_STAGED`, `BAD_INVENTORY`
 */
export function unstageRecipient(inventory: Inventory, member: string): string {
  return meantEdit(inventory, unstaged(inventory, member), withoutStaged(inventory, member));
}

function withoutStaged(inventory: Inventory, member: string): Meaning {
  const next = staged(inventory, member);
  const meaning = meaningOf(inventory);
  const gone = canonicalRecipient(next.recipient);
  return {
    ...meaning,
    keys: new Map([...meaning.keys].filter(([name]) => name !== next.name)),
    rules: mapReaders(meaning, readers => [...readers].filter(reader => reader !== gone)),
  };
}

function unstaged(inventory: Inventory, member: string): string {
  return withoutKey(inventory.text, inventory.file, staged(inventory, member));
}

/** Takes a key out of every list; each pass takes one item of each list, so that changes cannot overlap. */
export function withoutKey(text: string, file: string, meant: Meant): string {
  for (let edited = text; ; ) {
    const config = new ConfigText(edited, file);
    const splices = removals(config, meant);
    if (splices.length === 0) return edited;
    edited = applySplices(edited, splices);
  }
}

function removals(config: ConfigText, meant: Meant): Splice[] {
  const { lists, texts } = listsOf(config);
  const splices: Splice[] = [];
  for (const { section, list, items } of lists) {
    if (section === 'groups' || section === 'admins' || section === 'hosts') continue;
    const index = items.findIndex(item => means(item, meant));
    if (index < 0) continue;
    if (items.length === 1) throw lastIn(config, items[0] ?? null, meant.name);
    splices.push(withoutItem(config, list, index));
  }
  for (const { node, from, to } of texts) {
    const source = config.text.slice(from, to);
    const edited = editedKeyText(source, keys => keys.filter(key => key !== meant.recipient));
    if (edited === null) throw lastIn(config, node, meant.name);
    if (edited !== source) splices.push({ from, to, insert: edited });
  }
  return splices;
}

function lastIn(config: ConfigText, node: Node | null, name: string): SecretsError {
  const line = config.source.lineOf(node);
  return new SecretsError('LAST_READER', `${name} is the last one in the list on line ${line}`, {
    file: config.source.file,
    line,
    hint: 'nobody could read its files any more: remove them and the rule first, or add another reader',
  });
}

function staged(inventory: Inventory, member: string): NamedKey {
  const next = nextOf(inventory, member);
  if (next !== null) return next;
  throw new SecretsError('NOT_STAGED', `no new key of ${member} is staged`);
}

/** A home profile may use its person's key: a change of that key is the person's. */
function ownKey(inventory: Inventory, member: string): Meant & { readonly recipient: string } {
  const key = keyOfMember(inventory, member);
  const sharing = [...inventory.hosts.values()].filter(
    host =>
      host.declared &&
      host.name !== member &&
      host.recipient !== null &&
      canonicalRecipient(host.recipient) === canonicalRecipient(key.recipient),
  );
  const person = inventory.admins.includes(key.name) && key.name !== member;
  if (!person && (sharing.length === 0 || inventory.admins.includes(member))) return key;
  const owner = person ? key.name : (sharing[0]?.name ?? key.name);
  throw new SecretsError('RULE_CONFLICT', `${member} has the key of ${owner}`, {
    hint: person
      ? `that one is changed with \`secrets admin rotate ${owner}\``
      : 'give each a key of its own first',
  });
}
