import { SecretsError } from '../errors.ts';
import { lineDiff } from './line-diff.ts';
import type { Inventory, Platform, Rule, SecretOptions } from './model.ts';
import { parseInventory } from './parse.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { shownList } from './shown.ts';

/** A rule as far as members are concerned: readers as sets, the rest as it is. */
export interface RuleMeaning {
  readonly pathRegex: string | null;
  readonly groups: readonly ReadonlySet<string>[];
  /** Threshold, selection and what the MAC covers. */
  readonly rest: unknown;
}

/** A declared host but for its key. */
interface HostMeaning {
  readonly platform: Platform;
  readonly secrets: ReadonlyMap<string, SecretOptions>;
}

/** What a config says, without its form; an edit says how it changes. */
export interface Meaning {
  /** Public keys by name. */
  readonly keys: ReadonlyMap<string, string>;
  readonly admins: readonly string[];
  /** Declared hosts by name. */
  readonly hosts: ReadonlyMap<string, string | null>;
  readonly hostOptions: ReadonlyMap<string, HostMeaning>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly secrets: ReadonlyMap<string, SecretOptions>;
  readonly rules: readonly RuleMeaning[];
}

/** What a config means. */
export function meaningOf(inventory: Inventory): Meaning {
  const hosts = [...inventory.hosts.values()].filter(host => host.declared);
  return {
    keys: new Map(inventory.keys.map(({ name, recipient }) => [name, canonicalRecipient(recipient)])),
    admins: inventory.admins,
    hosts: new Map(hosts.map(host => [host.name, host.recipient && canonicalRecipient(host.recipient)])),
    hostOptions: new Map(hosts.map(({ name, platform, secrets }) => [name, { platform, secrets }])),
    groups: inventory.groups,
    secrets: inventory.secrets,
    rules: inventory.rules.map(ruleMeaning),
  };
}

function ruleMeaning({ pathRegex, groups, threshold, selection, macOnlyEncrypted }: Rule): RuleMeaning {
  return {
    pathRegex,
    groups: groups.map(
      group => new Set([...group.age, ...group.pgp, ...group.other].map(canonicalRecipient)),
    ),
    rest: { threshold, selection, macOnlyEncrypted },
  };
}

/**
 * Reads the edited text again: it must mean what was wanted, and nothing else.
 *
 * @returns the text
 * @throws SecretsError `BAD_INVENTORY` with the change, where a program writes the file, or where the file has a
 * form in which the edit means something else
 */
export function meantEdit(before: Inventory, text: string, wanted: Meaning): string {
  if (text === before.text) return text;
  if (before.generated) {
    throw refused(before, text, 'a program writes this file (its header says so), so it was left as it is');
  }
  const has = meaningOf(reread(before, text));
  const part = differing(has, wanted);
  if (part === null) return text;
  const index = part === 'rules' ? differingRule(has, wanted) : null;
  const rule = index === null ? undefined : before.rules[index];
  const where = rule === undefined ? part : `the rule on line ${rule.line}`;
  throw new SecretsError('BAD_INVENTORY', `an edit by this tool would not mean what is wanted (${where})`, {
    file: before.file,
    line: rule?.line,
    hint: wantedByHand(before, wanted, index),
  });
}

/** What a person has to write: only a rule is small enough to be said. */
function wantedByHand(before: Inventory, wanted: Meaning, index: number | null): string {
  const readers = index === null ? [] : (wanted.rules[index]?.groups ?? []).flatMap(group => [...group]);
  const names = readers.map(reader => before.nameOf(reader) ?? nameIn(wanted.keys, reader) ?? reader);
  return names.length === 0
    ? `make the change in ${before.file} by hand; every other command works on the file as it is`
    : `make this change by hand: the rule is to be read by ${shownList(names)}`;
}

function nameIn(keys: ReadonlyMap<string, string>, recipient: string): string | null {
  return [...keys].find(([, key]) => key === recipient)?.[0] ?? null;
}

function reread(before: Inventory, text: string): Inventory {
  try {
    return parseInventory(text, before.file);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw refused(before, text, `an edit by this tool would break it (${error.message})`);
  }
}

function differing(has: Meaning, wanted: Meaning): string | null {
  const parts = Object.keys(wanted) as (keyof Meaning)[];
  return parts.find(part => plain(has[part]) !== plain(wanted[part])) ?? null;
}

/** Rules that come and go are told by their number. */
function differingRule(has: Meaning, wanted: Meaning): number | null {
  if (has.rules.length !== wanted.rules.length) return null;
  const index = has.rules.findIndex((rule, at) => plain(rule) !== plain(wanted.rules[at]));
  return index < 0 ? null : index;
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Map) return [...part].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return part instanceof Set ? [...part].sort() : part;
  });
}

function refused(before: Inventory, text: string, reason: string): SecretsError {
  return new SecretsError('BAD_INVENTORY', reason, {
    file: before.file,
    hint: `make this change by hand:\n${lineDiff(before.text, text)}`,
  });
}

/** The rules with readers exchanged. */
export function mapReaders(
  meaning: Meaning,
  change: (readers: ReadonlySet<string>, rule: RuleMeaning) => Iterable<string>,
): readonly RuleMeaning[] {
  return meaning.rules.map(rule => ({
    ...rule,
    groups: rule.groups.map(readers => new Set(change(readers, rule))),
  }));
}
