import { isScalar, type Node, type Pair } from 'yaml';
import { ConfigText } from './config-text.ts';
import { keyTokens, withoutKeyToken } from './key-text.ts';
import { applySplices, holdsKey, keyPlaces, withoutItem } from './list-splices.ts';
import { withoutPair } from './map-splices.ts';
import type { Inventory } from './model.ts';
import { canonicalRecipient } from './parse-keys.ts';
import type { Splice } from './splice.ts';

/**
 * Takes public keys out of every list: in full, with their anchors, as aliases, and between commas. Each pass
 * takes one item of each list, so that changes cannot overlap.
 *
 * @param what `uses` leaves the keys that have anchors
 * @throws SecretsError `BAD_INVENTORY` with the line that cannot be edited
 */
export function withoutKeys(
  text: string,
  file: string,
  recipients: readonly string[],
  what: 'uses' | 'all',
): string {
  if (recipients.length === 0) return text;
  const keys = new Set(recipients.map(canonicalRecipient));
  for (let edited = text; ; ) {
    const config = new ConfigText(edited, file);
    const uses = usesOf(config, keys);
    const splices = uses.length > 0 || what === 'uses' ? uses : anchorsOf(config, keys);
    if (splices.length === 0) return edited;
    edited = applySplices(edited, splices);
  }
}

/** What can go first: without its anchor an alias could not be read. */
function usesOf(config: ConfigText, keys: ReadonlySet<string>): Splice[] {
  const { lists, texts, aliases } = keyPlaces(config);
  const alias = aliases.find(node => holdsKey(config, node, keys));
  if (alias !== undefined)
    throw config.notEditableAt(
      alias,
      `*${alias.source} stands without a list`,
      `write it as [*${alias.source}]`,
    );
  const splices: Splice[] = [];
  for (const { list, items } of lists) {
    const index = items.findLastIndex(item => holdsKey(config, item, keys) && !isAnchored(item));
    if (index >= 0) splices.push(withoutItem(config, list, index));
  }
  for (const { node } of texts) {
    const tokens = keyTokens(config.text, node);
    const index = tokens.findLastIndex(token => keys.has(canonicalRecipient(token.key)));
    if (index < 0) continue;
    if (tokens.length > 1) splices.push(withoutKeyToken(tokens, index));
    else if (!isAnchored(node)) splices.push(emptied(node));
  }
  return splices;
}

/** `age: ""` is no key at all. */
function emptied(node: Node): Splice {
  const [from = 0, to = from] = node.range ?? [];
  return { from, to, insert: '""' };
}

function anchorsOf(config: ConfigText, keys: ReadonlySet<string>): Splice[] {
  const { lists, maps } = keyPlaces(config);
  const isGone = (node: Node | null) => node !== null && isAnchored(node) && holdsKey(config, node, keys);
  const splices: Splice[] = [];
  for (const { list, items } of lists) {
    const index = items.findLastIndex(isGone);
    if (index >= 0) splices.push(withoutItem(config, list, index));
  }
  for (const map of maps) {
    const pairs = map.items as Pair<Node, Node | null>[];
    const index = pairs.findLastIndex(({ value }) => isGone(value));
    if (index >= 0) splices.push(withoutPair(config, map, index));
  }
  return splices;
}

function isAnchored(node: Node): boolean {
  return isScalar(node) && node.anchor !== undefined;
}

/** Whose a public key is, for an error; `null` where it is nobody's. */
export function shownKeyOwner(inventory: Inventory, recipient: string): string | null {
  const name = inventory.nameOf(recipient);
  if (name !== null) return `as ${name}`;
  const key = canonicalRecipient(recipient);
  const host = [...inventory.hosts.values()].find(
    other => other.recipient !== null && canonicalRecipient(other.recipient) === key,
  );
  if (host !== undefined) return `as ${host.name}`;
  const rule = inventory.rules.find(({ groups }) =>
    groups.some(group => [...group.age, ...group.pgp].some(reader => canonicalRecipient(reader) === key)),
  );
  return rule === undefined ? null : `in the rule on line ${rule.line}`;
}
