import { OTHER_LISTS } from '../../sops/metadata-model.ts';
import { normalTime } from '../../sops/rfc3339.ts';
import { Comment, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { pathName } from './names.ts';
import type { Flaw } from './snapshot.ts';

/** The lists of keys in a sops block, or in one of its key groups. */
export const KEY_LISTS: readonly string[] = ['age', ...OTHER_LISTS];
/** What sops writes for a key of each kind (stores/stores.go). */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  age: ['recipient', 'enc'],
  pgp: ['created_at', 'enc', 'fp'],
  kms: ['arn', 'aws_profile', 'context', 'created_at', 'enc', 'role'],
  gcp_kms: ['created_at', 'enc', 'resource_id'],
  hckms: ['created_at', 'enc', 'key_id'],
  azure_kv: ['created_at', 'enc', 'name', 'vault_url', 'version'],
  hc_vault: ['created_at', 'enc', 'engine_path', 'key_name', 'vault_address'],
};
/** The only one that is a map. */
const CONTEXT = 'context';

/** What an entry of a key list holds beside what sops writes there: it would stand in the clear. */
export function* entryFlaws(list: string, keys: Value | null): Generator<Flaw> {
  const known = FIELDS[list] ?? [];
  if (!isEmpty(keys) && mapsOf(keys).length < elementsOf(keys).length)
    yield flaw(`${list} in the sops metadata holds what is no key`);
  for (const entry of mapsOf(keys)) {
    const seen = new Set<string>();
    for (const { key, value } of entriesOf(entry)) {
      const name = key.toLowerCase();
      if (seen.has(name)) yield flaw(`an entry of ${list} in the sops metadata has ${pathName([key])} twice`);
      seen.add(name);
      if (!known.includes(name))
        yield flaw(
          `an entry of ${list} in the sops metadata has a field ${pathName([key])}, which sops does not know`,
        );
      else if (!fits(name, value))
        yield flaw(
          `${pathName([key])} of an entry of ${list} in the sops metadata is not what sops writes there`,
        );
    }
  }
}

function fits(name: string, value: Value | null): boolean {
  if (name === CONTEXT) return value === null || value instanceof TreeMap;
  if (value instanceof TreeMap || value instanceof TreeList) return false;
  return name !== 'created_at' || value === null || value === '' || normalTime(String(value)) !== null;
}

function isEmpty(keys: Value | null): boolean {
  return keys === null || keys === '';
}

function elementsOf(keys: Value | null): readonly (Value | null)[] {
  if (!(keys instanceof TreeList)) return [keys];
  return keys.elements.flatMap(element => (element instanceof Comment ? [] : [element]));
}

/** The entries of a map that are no comments. */
export function* entriesOf(map: TreeMap): Generator<{ key: string; value: Value | null }> {
  for (const { key, value } of map.items) if (typeof key === 'string') yield { key, value };
}

/** The maps of a list; sops takes a single one for a list of one. */
export function mapsOf(value: Value | null): TreeMap[] {
  return elementsOf(value).filter(element => element instanceof TreeMap);
}

/** A flaw of the metadata. */
export function flaw(message: string): Flaw {
  return { rule: 'managed-metadata', message };
}
