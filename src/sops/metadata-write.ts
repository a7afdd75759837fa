import type { KeyGroup, Metadata, OtherList } from './metadata-model.ts';
import { SELECTION_FIELDS } from './selection.ts';
import { type Item, TreeList, TreeMap, type Value } from './tree.ts';

/**
 * The nested `sops` block as sops 3.13 writes it: keys in alphabetical order, empty ones left out
 * (`stores/metadata.go`, goToSops).
 */
export function formatMetadata(metadata: Metadata): TreeMap {
  const { groups } = metadata;
  const [first] = groups;
  const keys = groups.length === 1 && first !== undefined ? flatKeys(first) : [keyGroups(groups)];
  const items: Item[] = [...keys, ...selectionItems(metadata), ...plainItems(metadata)];
  return new TreeMap(items.sort(byKey));
}

function plainItems(metadata: Metadata): Item[] {
  const { lastModified, mac, version, shamirThreshold, macOnlyEncrypted } = metadata;
  const items: Item[] = [
    { key: 'lastmodified', value: lastModified },
    { key: 'mac', value: mac },
    { key: 'version', value: version },
  ];
  if (macOnlyEncrypted) items.push({ key: 'mac_only_encrypted', value: true });
  if (shamirThreshold !== 0) items.push({ key: 'shamir_threshold', value: BigInt(shamirThreshold) });
  return items;
}

function selectionItems({ selection }: Metadata): Item[] {
  return SELECTION_FIELDS.flatMap(([key, field]) => {
    const value = selection[field] ?? '';
    return value === '' ? [] : [{ key, value }];
  });
}

function flatKeys(group: KeyGroup): Item[] {
  return allLists(group).filter(({ value }) => value instanceof TreeList && value.elements.length > 0);
}

/** Inside `key_groups` sops writes `age` and `hc_vault` even where they are empty. */
function keyGroups(groups: readonly KeyGroup[]): Item {
  const always = new Set(['age', 'hc_vault']);
  const maps = groups.map(group => {
    const lists = allLists(group);
    if (!lists.some(({ key }) => key === 'hc_vault')) lists.push({ key: 'hc_vault', value: new TreeList() });
    const kept = lists.filter(
      ({ key, value }) => always.has(String(key)) || (value instanceof TreeList && value.elements.length > 0),
    );
    return new TreeMap(kept.sort(byKey));
  });
  return { key: 'key_groups', value: new TreeList(maps) };
}

function allLists(group: KeyGroup): Item[] {
  const age: Value[] = group.age.map(
    ({ recipient, enc }) =>
      new TreeMap([
        { key: 'enc', value: enc },
        { key: 'recipient', value: recipient },
      ]),
  );
  const others = group.others.map(({ list, entries }) => listItem(list, [...entries]));
  return [listItem('age', age), ...others];
}

function listItem(key: OtherList | 'age', elements: Value[]): Item {
  return { key, value: new TreeList(elements) };
}

function byKey(a: Item, b: Item): number {
  return String(a.key) < String(b.key) ? -1 : 1;
}
