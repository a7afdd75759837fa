import type { Node } from 'yaml';
import { isSeq } from 'yaml';
import type { RuleGroup } from './model.ts';
import { shown } from './shown.ts';
import {
  type Entry,
  entriesOf,
  filledItemsOf,
  isNull,
  itemsOf,
  resolvesToNonString,
  textOf,
} from './yaml-read.ts';
import type { YamlSource } from './yaml-source.ts';

/** The keys of a group while it is being read; a key that is there already is not added again. */
class GroupKeys {
  readonly age = new Set<string>();
  readonly pgp = new Set<string>();
  readonly other = new Set<string>();
  readonly #twice = new Set<string>();

  add(kind: 'age' | 'pgp', key: string): void {
    if (this[kind].has(key)) this.#twice.add(key);
    this[kind].add(key);
  }

  take(group: GroupKeys): void {
    for (const key of group.age) this.age.add(key);
    for (const key of group.pgp) this.pgp.add(key);
    for (const key of group.other) this.other.add(key);
  }

  get size(): number {
    return this.age.size + this.pgp.size + this.other.size;
  }

  toGroup(): RuleGroup {
    const group = { age: [...this.age], pgp: [...this.pgp], other: [...this.other] };
    return this.#twice.size === 0 ? group : { ...group, twice: [...this.#twice] };
  }
}

/** `merge` lists may be nested; through aliases they could be so without end. */
const DEEPEST_MERGE = 20;

type Fields = ReadonlyMap<string, Entry>;

/**
 * The key groups of a creation rule (`config.go`, getKeyGroupsFromCreationRule): those of `key_groups`, or one
 * of the flat fields. A rule that names no key at all has no group.
 */
export function groupsOf(source: YamlSource, fields: Fields, rule: string): RuleGroup[] {
  const listed = filledItemsOf(source, fields.get('key_groups')?.value ?? null, `key_groups of ${rule}`);
  const groups =
    listed.length > 0
      ? listed.map(node => readGroup(source, node, `a key group of ${rule}`))
      : [flatGroup(source, fields, rule)];
  return groups.every(group => group.size === 0) ? [] : groups.map(group => group.toGroup());
}

function readGroup(source: YamlSource, node: Node, what: string, depth = 0): GroupKeys {
  if (depth > DEEPEST_MERGE) throw source.fail(`${what} is merged too deeply`, node);
  const fields: Fields = new Map(entriesOf(source, node, what).map(entry => [entry.key, entry]));
  const keys = new GroupKeys();
  for (const merged of filledItemsOf(source, fieldNode(fields, 'merge'), `merge of ${what}`)) {
    keys.take(readGroup(source, merged, what, depth + 1));
  }
  const strings = (field: string) => stringList(source, fieldNode(fields, field), `${field} of ${what}`);
  for (const text of strings('age')) for (const key of text.split(',')) keys.add('age', key.trim());
  for (const text of strings('pgp')) keys.add('pgp', fingerprint(text));
  for (const text of serviceKeys(source, fields, what)) keys.other.add(text);
  for (const text of strings('hc_vault')) keys.other.add(text);
  return keys;
}

/** The key services that are written as maps, in the text forms of their `ToString` in sops. */
function serviceKeys(source: YamlSource, fields: Fields, what: string): string[] {
  const maps = (field: string): Fields[] =>
    filledItemsOf(source, fieldNode(fields, field), `${field} of ${what}`).map(
      node => new Map(entriesOf(source, node, `an entry of ${field}`).map(entry => [entry.key, entry])),
    );
  const text = (map: Fields, field: string) => textOf(source, fieldNode(map, field), field) ?? '';
  return [
    ...maps('kms').map(map => kmsText(source, map, text)),
    ...maps('gcp_kms').map(map => text(map, 'resource_id')),
    ...maps('hckms').map(map => text(map, 'key_id')),
    ...maps('azure_keyvault').map(
      map => `${text(map, 'vaultUrl')}/keys/${text(map, 'key')}/${text(map, 'version')}`,
    ),
  ];
}

function kmsText(source: YamlSource, map: Fields, text: (map: Fields, field: string) => string): string {
  const role = text(map, 'role');
  const arn = role === '' ? text(map, 'arn') : `${text(map, 'arn')}+${role}`;
  const context = entriesOf(source, fieldNode(map, 'context'), 'context of a kms key')
    .map(({ key, value }) => `${key}:${textOf(source, value, 'a context value') ?? ''}`)
    .sort()
    .join(',');
  const profile = text(map, 'aws_profile');
  if (profile !== '') return `${arn}|${context}|${profile}`;
  return context === '' ? arn : `${arn}|${context}`;
}

/** The fields beside `path_regex` in their order in sops; each a comma list or a list. */
function flatGroup(source: YamlSource, fields: Fields, rule: string): GroupKeys {
  const keys = new GroupKeys();
  const flat = (field: string) => flatField(source, fieldNode(fields, field), `${field} of ${rule}`);
  for (const key of flat('age')) keys.add('age', key);
  for (const key of flat('pgp')) keys.add('pgp', fingerprint(key));
  const profile = textOf(source, fieldNode(fields, 'aws_profile'), `aws_profile of ${rule}`) ?? '';
  for (const key of flat('kms')) keys.other.add(profile === '' ? key : `${key}||${profile}`);
  for (const field of ['gcp_kms', 'hckms', 'azure_keyvault', 'hc_vault_transit_uri']) {
    for (const key of flat(field)) keys.other.add(key);
  }
  return keys;
}

/** A field that sops takes as a string with commas or as a list of strings (`config.go`, parseKeyField). */
function flatField(source: YamlSource, node: Node | null, what: string): string[] {
  const resolved = source.resolve(node);
  if (resolved === null || isNull(resolved)) return [];
  const texts = isSeq(resolved)
    ? itemsOf(source, node, what).map(item => strictText(source, item, node, `an item of ${what}`))
    : [strictText(source, node, node, what)];
  return texts
    .flatMap(text => text.split(','))
    .map(text => text.trim())
    .filter(text => text !== '');
}

function strictText(source: YamlSource, item: Node | null, at: Node | null, what: string): string {
  const text = textOf(source, item, what);
  if (text === null || resolvesToNonString(source, item)) {
    throw source.fail(`${what} has to be text, not ${shown(text ?? 'null')}`, item ?? at);
  }
  return text;
}

function stringList(source: YamlSource, node: Node | null, what: string): string[] {
  return filledItemsOf(source, node, what).map(item => textOf(source, item, `an item of ${what}`) ?? '');
}

function fieldNode(fields: Fields, name: string): Node | null {
  return fields.get(name)?.value ?? null;
}

/** sops drops the blanks that gpg prints between the groups of a fingerprint. */
export function fingerprint(text: string): string {
  return text.replaceAll(' ', '');
}
