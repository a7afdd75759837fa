import { isAlias, isScalar, type Node, type Pair } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { checkedRecipient } from './edit-keys.ts';
import { refuseLastReader } from './edit-rule-keys.ts';
import { keyAfter, keyTokens } from './key-text.ts';
import { applySplices, holdsKey, insertAfter, keyPlaces, scalarsOf } from './list-splices.ts';
import { pairAfter } from './map-splices.ts';
import { type Meaning, mapReaders, meaningOf, meantEdit } from './meaning.ts';
import type { Inventory, NamedKey } from './model.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { shownKeyOwner, withoutKeys } from './remove-key.ts';
import type { Splice } from './splice.ts';
import { anchorOf, nextOf, recipientOfMember, STAGED } from './staged.ts';
import { recipientScalar } from './yaml-write.ts';

export { nextOf } from './staged.ts';

/** A public key with the anchor that bears it. */
interface MemberKey {
  readonly name: string;
  readonly recipient: string;
}

/**
 * The key of a host, an admin or a name in `keys:`, with the anchor that bears it.
 *
 * @throws SecretsError `UNKNOWN_HOST` where there is none
 */
export function keyOfMember(inventory: Inventory, member: string): MemberKey {
  const recipient = recipientOfMember(inventory, member);
  if (recipient === null) throw new SecretsError('UNKNOWN_HOST', `${member} has no key in ${inventory.file}`);
  return { name: anchorOf(inventory, member) ?? member, recipient };
}

/**
 * The text in which a member has another public key, wherever the old one stands.
 *
 * @throws SecretsError `BAD_KEY`, `UNKNOWN_HOST`, `ALREADY_EXISTS` (the key is somebody's), `RULE_CONFLICT` (the
 * key is a person's), `BAD_INVENTORY`
 */
export function replaceRecipient(inventory: Inventory, member: string, recipient: string): string {
  const former = ownKey(inventory, member);
  const next = checkedRecipient(recipient);
  if (canonicalRecipient(next) === canonicalRecipient(former.recipient)) return inventory.text;
  refuseKnown(inventory, next);
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
  const canonical = canonicalRecipient(former);
  const splices: Splice[] = [];
  for (const { node, from, to } of scalarsOf(config)) {
    if (canonicalRecipient(String(node.value)) === canonical) {
      splices.push({ from, to: from + text.slice(from, to).trimEnd().length, insert: recipientScalar(next) });
    } else if (String(node.value).includes(',')) {
      const old = keyTokens(text, node).filter(({ key }) => canonicalRecipient(key) === canonical);
      splices.push(...old.map(token => ({ from: token.from, to: token.to, insert: next })));
    }
  }
  return applySplices(text, splices);
}

/**
 * The text with a second key for a member: `&NAME_next` behind `&NAME`, and a reader wherever that one is.
 *
 * @throws SecretsError `BAD_KEY`, `UNKNOWN_HOST`, `ALREADY_EXISTS` (one is staged, or the key is somebody's),
 * `RULE_CONFLICT` (the key is a person's), `BAD_INVENTORY` (the key of the member has no name)
 */
export function stageRecipient(inventory: Inventory, member: string, recipient: string): string {
  const key = ownKey(inventory, member);
  const next = checkedRecipient(recipient);
  const name = `${key.name}${STAGED}`;
  const config = new ConfigText(inventory.text, inventory.file);
  if (!inventory.keys.some(known => known.name === key.name))
    throw new SecretsError('BAD_INVENTORY', `the key of ${member} has no name in ${inventory.file}`, {
      hint: `write it as \`- &${member} ${key.recipient}\` below keys:, and *${member} in the rules`,
    });
  if (config.source.anchors.has(name) || inventory.hosts.has(name))
    throw new SecretsError('ALREADY_EXISTS', `${inventory.file} has a key ${name} already`);
  refuseKnown(inventory, next);
  const meaning = meaningOf(inventory);
  const from = canonicalRecipient(key.recipient);
  const wanted = {
    ...meaning,
    keys: new Map([...meaning.keys, [name, canonicalRecipient(next)]]),
    rules: mapReaders(meaning, readers =>
      readers.has(from) ? [...readers, canonicalRecipient(next)] : readers,
    ),
  };
  return meantEdit(inventory, applySplices(config.text, stagingOf(config, key, name, next)), wanted);
}

function stagingOf(config: ConfigText, key: MemberKey, name: string, next: string): Splice[] {
  const keys = new Set([canonicalRecipient(key.recipient)]);
  const anchor = config.source.anchors.get(key.name) ?? null;
  const { lists, texts, aliases, maps } = keyPlaces(config);
  const alias = aliases.find(node => holdsKey(config, node, keys));
  if (alias !== undefined)
    throw config.notEditableAt(
      alias,
      `*${alias.source} stands without a list`,
      `write it as [*${alias.source}]`,
    );
  const named = `&${name} ${recipientScalar(next)}`;
  const splices: Splice[] = [];
  for (const { section, list, items } of lists) {
    const own = anchor === null ? -1 : items.indexOf(anchor);
    const index =
      own >= 0 || section === 'keys' ? own : items.findIndex(item => holdsKey(config, item, keys));
    const item = items[index];
    if (item === undefined) continue;
    const other = isAlias(item) ? `*${name}` : recipientScalar(next);
    splices.push(insertAfter(config, list, index, own >= 0 ? named : other));
  }
  for (const map of maps) {
    const index = (map.items as Pair<Node, Node | null>[]).findIndex(({ value }) => value === anchor);
    if (index >= 0)
      splices.push(pairAfter(config, map, index, `${labelOf(map.items[index])}${STAGED}: ${named}`));
  }
  if (!splices.some(({ insert }) => insert.includes(named)))
    throw config.notEditableAt(anchor, `&${key.name} stands in no list of keys`, `write it below keys:`);
  for (const { node } of texts) {
    const tokens = keyTokens(config.text, node);
    const index = tokens.findIndex(token => keys.has(canonicalRecipient(token.key)));
    if (index >= 0 && node !== anchor) splices.push(keyAfter(config.text, tokens, index, next));
  }
  return splices;
}

function labelOf(pair: unknown): string {
  const { key } = pair as Pair<Node, Node | null>;
  return isScalar(key) ? String(key.value) : '';
}

/**
 * The text in which the staged key has taken the place of the old one.
 *
 * @throws SecretsError `NOT_STAGED`, `BAD_INVENTORY`
 */
export function finishRecipient(inventory: Inventory, member: string): string {
  const next = staged(inventory, member);
  const former = ownKey(inventory, member);
  const without = unstaged(inventory, member);
  const text = withOtherKey(without, inventory.file, former.recipient, next.recipient);
  const meaning = replaced(meaningOf(inventory), former.recipient, next.recipient);
  return meantEdit(inventory, text, { ...meaning, keys: keysWithout(meaning, next.name) });
}

/**
 * The text without the staged key.
 *
 * @throws SecretsError `NOT_STAGED`, `LAST_READER` (only the staged key reads a rule), `BAD_INVENTORY`
 */
export function unstageRecipient(inventory: Inventory, member: string): string {
  const next = staged(inventory, member);
  const meaning = meaningOf(inventory);
  const gone = canonicalRecipient(next.recipient);
  const rules = mapReaders(meaning, readers => [...readers].filter(reader => reader !== gone));
  refuseLastReader(inventory, rules, `${next.name} is the last reader of a rule`);
  return meantEdit(inventory, unstaged(inventory, member), {
    ...meaning,
    keys: keysWithout(meaning, next.name),
    rules,
  });
}

function keysWithout(meaning: Meaning, name: string): ReadonlyMap<string, string> {
  return new Map([...meaning.keys].filter(([other]) => other !== name));
}

function unstaged(inventory: Inventory, member: string): string {
  return withoutKeys(inventory.text, inventory.file, [staged(inventory, member).recipient], 'all');
}

function staged(inventory: Inventory, member: string): NamedKey {
  const next = nextOf(inventory, member);
  if (next !== null) return next;
  throw new SecretsError('NOT_STAGED', `no new key of ${member} is staged`);
}

/** Two owners of one key could not be told apart afterwards. */
function refuseKnown(inventory: Inventory, recipient: string): void {
  const owner = shownKeyOwner(inventory, recipient);
  if (owner === null) return;
  throw new SecretsError('ALREADY_EXISTS', `this key is in ${inventory.file} already, ${owner}`, {
    hint: 'a new key has to be one that nobody has yet',
  });
}

/** A home profile may use its person's key: a change of that key is the person's. */
function ownKey(inventory: Inventory, member: string): MemberKey {
  const key = keyOfMember(inventory, member);
  const canonical = canonicalRecipient(key.recipient);
  const bears = (recipient: string | null) =>
    recipient !== null && canonicalRecipient(recipient) === canonical;
  const person = inventory.admins.find(admin => bears(inventory.recipientOf(admin)));
  if (person === member) return key;
  if (person !== undefined)
    throw new SecretsError('RULE_CONFLICT', `${member} has the key of ${person}`, {
      hint: `that one is changed with \`secrets admin rotate ${person}\`; \`secrets host rotate ${member}\` without --stage gives ${member} a key of its own`,
    });
  const sharing = [...inventory.hosts.values()].find(
    host => host.declared && host.name !== member && bears(host.recipient),
  );
  if (sharing === undefined) return key;
  throw new SecretsError('RULE_CONFLICT', `${member} has the key of ${sharing.name}`, {
    hint: 'give each a key of its own first',
  });
}
