import { SecretsError } from '../errors.ts';
import { lineDiff } from './line-diff.ts';
import type { Inventory, Rule, SecretOptions } from './model.ts';
import { parseInventory } from './parse.ts';
import { canonicalRecipient } from './parse-keys.ts';

/** A rule as far as members are concerned: readers as sets, the rest as it is. */
export interface RuleMeaning {
  readonly pathRegex: string | null;
  readonly groups: readonly ReadonlySet<string>[];
}

/** What a config says, without its form; an edit says how it changes. */
export interface Meaning {
  /** Public keys by name. */
  readonly keys: ReadonlyMap<string, string>;
  readonly admins: readonly string[];
  /** Declared hosts by name. */
  readonly hosts: ReadonlyMap<string, string | null>;
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
    groups: inventory.groups,
    secrets: inventory.secrets,
    rules: inventory.rules.map(ruleMeaning),
  };
}

function ruleMeaning({ pathRegex, groups }: Rule): RuleMeaning {
  return {
    pathRegex,
    groups: groups.map(
      group => new Set([...group.age, ...group.pgp, ...group.other].map(canonicalRecipient)),
    ),
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
  const difference = differing(meaningOf(reread(before, text)), wanted);
  if (difference === null) return text;
  throw refused(before, text, `an edit by this tool would not mean what is wanted (${difference})`);
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
