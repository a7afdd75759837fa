import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { nearest } from '../suggest.ts';
import type { Host, InventoryWarning, Platform, SecretOptions } from './model.ts';
import { hostNameProblem } from './names.ts';
import { canonicalRecipient, type KeyNames, recipientText } from './parse-keys.ts';
import { parseSecretOptions } from './parse-options.ts';
import { shown } from './shown.ts';
import { type Entry, entriesOf, isNull, itemsOf, textOf } from './yaml-read.ts';
import type { YamlSource } from './yaml-source.ts';

const PLATFORMS: readonly Platform[] = ['nixos', 'darwin', 'home'];
const HOST_FIELDS = new Set(['platform', 'recipient', 'secrets']);

/** What the readers of the sections share. */
export interface Reading {
  readonly source: YamlSource;
  readonly keys: KeyNames;
  readonly warnings: InventoryWarning[];
}

/**
 * Reads `admins:`: names of keys, or the keys themselves by alias or with their anchor.
 *
 * @throws SecretsError `BAD_INVENTORY` for a name that no key bears
 */
export function parseAdmins(reading: Reading, node: Node | null): string[] {
  const { source, keys } = reading;
  const resolved = source.resolve(node);
  if (resolved !== null && !isNull(resolved) && !isSeq(resolved)) {
    ignored(reading, 'admins', node);
    return [];
  }
  const names = new Set<string>();
  for (const item of itemsOf(source, node, 'admins')) {
    const name = adminName(reading, item);
    if (name === null) ignored(reading, 'an entry of admins', item);
    else if (keys.recipientOf(name) === null)
      throw unknownName(source, item, `admins names ${shown(name)}`, keys.names());
    else names.add(name);
  }
  return [...names];
}

function adminName({ source, keys }: Reading, item: Node | null): string | null {
  const node = source.resolve(item);
  if (!isScalar(node)) return null;
  const recipient = recipientText(node);
  return recipient === null ? String(node.value) : keys.nameOf(recipient);
}

/**
 * Reads `hosts:`. A section in another form (a list of keys, as some repositories have it) is not ours and
 * gives `null`, as does an absent one.
 *
 * @throws SecretsError `BAD_INVENTORY`
 */
export function parseHosts(reading: Reading, node: Node | null): Map<string, Host> | null {
  const { source } = reading;
  const resolved = source.resolve(node);
  if (resolved === null) return null;
  if (!isNull(resolved) && !isOurHosts(source, resolved)) {
    ignored(reading, 'hosts', node);
    return null;
  }
  const hosts = new Map<string, Host>();
  for (const entry of entriesOf(source, node, 'hosts')) {
    const problem = hostNameProblem(entry.key);
    if (problem !== null)
      throw source.fail(`${shown(entry.key)} cannot name a host: ${problem}`, entry.keyNode);
    hosts.set(entry.key, parseHost(reading, entry));
  }
  return hosts;
}

/** Ours is an empty map, or one with an entry that is empty or has a field of ours. */
function isOurHosts(source: YamlSource, node: Node): boolean {
  if (!isMap(node)) return false;
  const entries = entriesOf(source, node, 'hosts');
  return entries.length === 0 || entries.some(({ value }) => isOurHost(source, value));
}

function isOurHost(source: YamlSource, value: Node | null): boolean {
  const node = source.resolve(value);
  if (node === null || isNull(node)) return true;
  if (!isMap(node)) return false;
  const fields = entriesOf(source, value, 'a host');
  return fields.length === 0 || fields.some(field => HOST_FIELDS.has(field.key));
}

function parseHost(reading: Reading, { key: name, value }: Entry): Host {
  const { source, keys } = reading;
  const fields = new Map<string, Node | null>();
  for (const field of entriesOf(source, value, `host ${name}`)) {
    if (!HOST_FIELDS.has(field.key)) {
      const near = nearest(field.key, HOST_FIELDS);
      const hint = near === null ? `a host has ${[...HOST_FIELDS].join(', ')}` : `did you mean ${near}?`;
      throw source.fail(`host ${name} has an unknown field ${shown(field.key)}`, field.keyNode, hint);
    }
    fields.set(field.key, field.value);
  }
  return {
    name,
    platform: parsePlatform(source, fields.get('platform') ?? null, name),
    recipient: parseRecipient(reading, fields.get('recipient') ?? null, name) ?? keys.recipientOf(name),
    secrets: parseSecretOptions(source, fields.get('secrets') ?? null, `secrets of host ${name}`, true),
    declared: true,
  };
}

function parsePlatform(source: YamlSource, node: Node | null, host: string): Platform {
  const text = textOf(source, node, `platform of host ${host}`) ?? 'nixos';
  const platform = PLATFORMS.find(known => known === text);
  if (platform !== undefined) return platform;
  throw source.fail(
    `host ${host} has an unknown platform ${shown(text)}`,
    node,
    `platforms are ${PLATFORMS.join(', ')}`,
  );
}

/** `*alias`, the key itself, or the name of a key without the star. */
function parseRecipient({ source, keys }: Reading, node: Node | null, host: string): string | null {
  const text = textOf(source, node, `recipient of host ${host}`);
  if (text === null) return null;
  const recipient = recipientText(source.resolve(node)) ?? keys.recipientOf(text);
  if (recipient !== null) return recipient;
  throw unknownName(source, node, `recipient of host ${host} is ${shown(text)}`, keys.names());
}

/**
 * The hosts of a file without `hosts:`: every named key that is not an admin's.
 *
 * @param admins the names of `admins:`
 */
export function inferHosts(
  keys: readonly { readonly name: string; readonly recipient: string }[],
  admins: readonly string[],
): Map<string, Host> {
  const hosts = new Map<string, Host>();
  const nothing: ReadonlyMap<string, SecretOptions> = new Map();
  // `megumu_next` beside `megumu` is the key that waits to replace that one, not a machine
  const staged = new Set(keys.map(({ name }) => `${name}_next`));
  for (const { name, recipient } of keys) {
    if (admins.includes(name) || staged.has(name)) continue;
    hosts.set(name, { name, platform: 'nixos', recipient, secrets: nothing, declared: false });
  }
  return hosts;
}

/**
 * Reads `groups:`: lists of host names, or of the hosts' keys by alias. A section in another form is not ours.
 *
 * @throws SecretsError `BAD_INVENTORY` for a member that is no host
 */
export function parseGroups(
  reading: Reading,
  node: Node | null,
  hosts: ReadonlyMap<string, Host>,
): Map<string, readonly string[]> {
  const { source } = reading;
  const resolved = source.resolve(node);
  const groups = new Map<string, readonly string[]>();
  if (resolved === null || isNull(resolved)) return groups;
  if (
    !isMap(resolved) ||
    !entriesOf(source, node, 'groups').every(({ value }) => isNameList(source, value))
  ) {
    ignored(reading, 'groups', node);
    return groups;
  }
  for (const { key, keyNode, value } of entriesOf(source, node, 'groups')) {
    const problem = hostNameProblem(key);
    if (problem !== null) throw source.fail(`${shown(key)} cannot name a group: ${problem}`, keyNode);
    const members = itemsOf(source, value, `group ${key}`).map(item => memberName(source, item, key, hosts));
    groups.set(key, [...new Set(members)]);
  }
  return groups;
}

function isNameList(source: YamlSource, value: Node | null): boolean {
  const node = source.resolve(value);
  if (node === null || isNull(node)) return true;
  return isSeq(node) && (node.items as Node[]).every(item => isScalar(source.resolve(item)));
}

function memberName(
  source: YamlSource,
  item: Node | null,
  group: string,
  hosts: ReadonlyMap<string, Host>,
): string {
  const text = textOf(source, item, `a member of group ${group}`) ?? '';
  if (hosts.has(text)) return text;
  const key = canonicalRecipient(text);
  const owner = [...hosts.values()].find(
    ({ recipient }) => recipient !== null && canonicalRecipient(recipient) === key,
  );
  if (owner !== undefined) return owner.name;
  throw unknownName(source, item, `group ${group} names ${shown(text)}`, hosts.keys(), 'host');
}

function unknownName(
  source: YamlSource,
  at: Node | null,
  message: string,
  names: Iterable<string>,
  what = 'key',
) {
  const text = at === null ? null : textOf(source, at, 'it');
  const near = text === null ? null : nearest(text, names);
  const hint = near === null ? `a ${what} of that name has to be in this file` : `did you mean ${near}?`;
  return source.fail(`${message}, and there is no ${what} of that name`, at, hint);
}

function ignored({ source, warnings }: Reading, what: string, at: Node | null): void {
  warnings.push({
    message: `${what} is not in the form that this tool knows and was ignored`,
    line: source.lineOf(at),
  });
}
