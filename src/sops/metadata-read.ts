import { SecretsError } from '../errors.ts';
import {
  type AgeStanza,
  type KeyGroup,
  type Metadata,
  OTHER_LISTS,
  type OtherKeys,
} from './metadata-model.ts';
import { normalTime, wholeSeconds } from './rfc3339.ts';
import { SELECTION_FIELDS, type Selection } from './selection.ts';
import { Comment, type Item, TreeList, TreeMap, type Value } from './tree.ts';
import { field, weakCount, weakFlag, weakMaps, weakText } from './weak.ts';

/**
 * Reads the nested `sops` block of any sops since 1.x (`stores/metadata.go`, `stores.go` ToInternal). Fields
 * that sops does not know are dropped, as sops drops them.
 *
 * @throws SecretsError `BAD_METADATA`
 */
export function parseMetadata(tree: TreeMap): Metadata {
  return {
    lastModified: readDate(tree),
    groups: readGroups(tree),
    shamirThreshold: weakCount(field(tree, 'shamir_threshold'), 'shamir_threshold'),
    mac: text(tree, 'mac'),
    version: text(tree, 'version'),
    selection: readSelection(tree),
    macOnlyEncrypted: weakFlag(field(tree, 'mac_only_encrypted'), 'mac_only_encrypted'),
  };
}

function text(tree: TreeMap, name: string): string {
  return weakText(field(tree, name), name);
}

/** The form in which sops itself authenticates the date: parsed and printed again. */
function readDate(tree: TreeMap): string {
  const written = text(tree, 'lastmodified');
  const time = normalTime(written);
  if (time !== null) return wholeSeconds(time);
  const what = written === '' ? 'has no lastmodified' : 'has a lastmodified that is not a date (RFC 3339)';
  throw new SecretsError('BAD_METADATA', `the sops metadata ${what}`);
}

function readSelection(tree: TreeMap): Selection {
  const set = SELECTION_FIELDS.flatMap(([name, key]) => {
    const value = text(tree, name);
    return value === '' ? [] : [[key, value] as const];
  });
  if (set.length <= 1) return Object.fromEntries(set);
  const names = SELECTION_FIELDS.map(([name]) => name).join(', ');
  throw new SecretsError('BAD_METADATA', `the sops metadata has more than one of ${names}`);
}

function readGroups(tree: TreeMap): KeyGroup[] {
  const flat = readGroup(tree);
  if (flat.age.length > 0 || flat.others.length > 0) return [flat];
  const groups = weakMaps(field(tree, 'key_groups'), 'key_groups').map(readGroup);
  if (groups.length > 0) return groups;
  throw new SecretsError('BAD_METADATA', 'the sops metadata names no key');
}

function readGroup(tree: TreeMap): KeyGroup {
  const others: OtherKeys[] = OTHER_LISTS.map(list => ({ list, entries: readOthers(tree, list) }));
  return {
    age: weakMaps(field(tree, 'age'), 'age').map(readAge),
    others: others.filter(({ entries }) => entries.length > 0),
  };
}

function readAge(entry: TreeMap): AgeStanza {
  return { recipient: text(entry, 'recipient'), enc: text(entry, 'enc') };
}

function readOthers(tree: TreeMap, list: OtherKeys['list']): TreeMap[] {
  return weakMaps(field(tree, list), list).map(entry => {
    weakText(field(entry, 'enc'), `${list}.enc`);
    weakText(field(entry, 'created_at'), `${list}.created_at`);
    return canonical(entry);
  });
}

/** Without comments, of duplicates the last, sorted: the form that sops 3.13 writes. */
function canonical(map: TreeMap): TreeMap {
  const fields = new Map<string, Value | null>();
  for (const { key, value } of map.items) {
    if (typeof key === 'string') fields.set(key, canonicalValue(value));
  }
  const items: Item[] = Array.from(fields, ([key, value]) => ({ key, value }));
  return new TreeMap(items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1)));
}

function canonicalValue(value: Value | null): Value | null {
  if (value instanceof TreeMap) return canonical(value);
  if (!(value instanceof TreeList)) return value;
  const elements = value.elements.flatMap(element =>
    element instanceof Comment ? [] : [canonicalValue(element)],
  );
  return new TreeList(elements);
}
