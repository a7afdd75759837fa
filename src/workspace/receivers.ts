import { SecretsError } from '../errors.ts';
import { nearest } from '../suggest.ts';
import type { Host, Inventory, Rule } from './model.ts';
import { namesOfFolder } from './names.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { audienceOf } from './rules.ts';
import { shown, shownList } from './shown.ts';
import { stagedKeys } from './staged.ts';

/**
 * The hosts that an audience delivers to, sorted by name: those whose key, or staged key, is in it. The rule is the truth for
 * who reads; what a folder is called is asked only where one key has several bearers:
 * - a host with the key of an admin (a home profile) would else receive everything that the admin reads;
 * - two hosts with one key would receive each other's secrets.
 *
 * @param named the hosts that the folder names, groups resolved; `null` outside our own tree. There a host with
 * an admin's key counts where no other host reads.
 */
export function hostsOfAudience(
  inventory: Inventory,
  audience: readonly string[],
  named: ReadonlySet<string> | null,
): string[] {
  const { byKey, people } = bearersOf(inventory);
  const bearers = new Map<string, readonly string[]>();
  for (const recipient of audience)
    for (const { key, hosts } of byKey.get(canonicalRecipient(recipient)) ?? []) bearers.set(key, hosts);
  const alone = [...bearers.keys()].every(key => people.has(key));
  return [...bearers]
    .flatMap(([key, hosts]) => {
      if (named === null) return people.has(key) && !alone ? [] : hosts;
      const meant = hosts.filter(host => named.has(host));
      const shared = people.has(key) || (hosts.length > 1 && meant.length > 0);
      return shared ? meant : hosts;
    })
    .sort();
}

/** {@link hostsOfAudience} of a rule. */
export function hostsOfRule(
  inventory: Inventory,
  rule: Rule,
  named: ReadonlySet<string> | null = null,
): string[] {
  return hostsOfAudience(inventory, audienceOf(rule), named);
}

/** The hosts that a folder names, groups resolved; names that nothing bears are left out. */
export function hostsOfFolder(inventory: Inventory, folder: string): Set<string> {
  const { hosts, groups } = inventory;
  const names = namesOfFolder(folder) ?? [];
  return new Set(names.flatMap(name => groups.get(name) ?? (hosts.has(name) ? [name] : [])));
}

/** Hosts of one key, which is theirs now, whether it or the staged one was looked up. */
interface Bearers {
  readonly key: string;
  readonly hosts: string[];
}

interface AllBearers {
  readonly byKey: ReadonlyMap<string, readonly Bearers[]>;
  /** The keys of admins. */
  readonly people: ReadonlySet<string>;
}

/** An inventory is immutable, and is asked for the hosts of every secret. */
const BEARERS = new WeakMap<Inventory, AllBearers>();

function bearersOf(inventory: Inventory): AllBearers {
  const before = BEARERS.get(inventory);
  if (before !== undefined) return before;
  const own = new Map<string, Bearers>();
  for (const { name, recipient } of inventory.hosts.values()) {
    if (recipient === null) continue;
    const key = canonicalRecipient(recipient);
    const bearers = own.get(key) ?? { key, hosts: [] };
    bearers.hosts.push(name);
    own.set(key, bearers);
  }
  const byKey = new Map<string, Bearers[]>([...own].map(([key, bearers]) => [key, [bearers]]));
  const staged = stagedKeys(inventory);
  for (const bearers of own.values()) {
    const next = staged.get(bearers.key);
    if (next === undefined) continue;
    const canonical = canonicalRecipient(next);
    byKey.set(canonical, [...(byKey.get(canonical) ?? []), bearers]);
  }
  const all = { byKey, people: adminKeys(inventory) };
  BEARERS.set(inventory, all);
  return all;
}

function adminKeys(inventory: Inventory): Set<string> {
  const keys = inventory.admins.map(name => inventory.recipientOf(name)).filter(key => key !== null);
  return new Set(keys.map(canonicalRecipient));
}

/**
 * The host of that name.
 *
 * @throws SecretsError `UNKNOWN_HOST` with the nearest name
 */
export function checkHost(inventory: Inventory, name: string): Host {
  const host = inventory.hosts.get(name);
  if (host !== undefined) return host;
  throw unknownHost(inventory, name, [...inventory.hosts.keys()]);
}

/** @param known the names that would have done */
export function unknownHost(inventory: Inventory, name: string, known: readonly string[]): SecretsError {
  const near = nearest(name, known);
  const admin = inventory.admins.includes(name)
    ? ` (${name} is an admin and reads what the tool creates)`
    : '';
  const all = known.length === 0 ? 'there is none yet' : `there are ${shownList(known)}`;
  const add = `secrets host add ${/^[a-z0-9][a-z0-9_-]*$/.test(name) ? name : 'NAME'}`;
  const hint = near === null ? `${all}; add one with \`${add}\`` : `did you mean ${near}?`;
  return new SecretsError('UNKNOWN_HOST', `no host is called ${shown(name)}${admin}`, { hint });
}
