import { SecretsError } from '../errors.ts';
import { lineDiff } from './line-diff.ts';
import type { Inventory, NamedKey, Rule } from './model.ts';
import { parseInventory } from './parse.ts';

/** What an edit is allowed to change; everything else has to read the same afterwards. */
export interface EditScope {
  /** Names of keys that may be new. */
  readonly keys?: readonly string[];
  readonly admins?: readonly string[];
  readonly hosts?: readonly string[];
  readonly groups?: readonly string[];
  /** Addresses whose options may differ. */
  readonly secrets?: readonly string[];
  /** Index of a rule that may be new. */
  readonly rule?: number;
}

/**
 * Reads the edited text again and compares what it means with what it meant.
 *
 * @returns the text
 * @throws SecretsError `BAD_INVENTORY` with the wanted change, where a program writes the file, or where the
 * file has a form in which the edit would change something else
 */
export function verifiedEdit(before: Inventory, text: string, scope: EditScope): string {
  if (text === before.text) return text;
  if (before.generated) {
    throw refusedEdit(
      before,
      text,
      'a program writes this file (its header says so), so it was left as it is',
    );
  }
  const after = reread(before, text);
  const changed = changedPart(before, after, scope);
  if (changed !== null) throw refusedEdit(before, text, `an edit by this tool would change ${changed} too`);
  return text;
}

function reread(before: Inventory, text: string): Inventory {
  try {
    return parseInventory(text, before.file);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw refusedEdit(before, text, `an edit by this tool would break it (${error.message})`);
  }
}

function refusedEdit(
  before: Inventory,
  text: string,
  reason: string,
  advice = 'make this change by hand',
): SecretsError {
  return new SecretsError('BAD_INVENTORY', reason, {
    file: before.file,
    hint: `${advice}:\n${lineDiff(before.text, text)}`,
  });
}

function changedPart(before: Inventory, after: Inventory, scope: EditScope): string | null {
  const inferred = ![...before.hosts.values()].some(host => host.declared);
  const parts: [string, unknown[], unknown[]][] = [
    ['keys', plainKeys(before.keys), plainKeys(oldKeys(before, after, scope))],
    ['admins', [...before.admins], without(after.admins, before.admins, scope.admins)],
    [
      'groups',
      [...before.groups],
      [...after.groups].filter(([name]) => !isNew(name, before.groups, scope.groups)),
    ],
    ['secrets', optionsBeside(before, scope), optionsBeside(after, scope)],
    ['creation_rules', before.rules.map(plainRule), rulesBeside(after, scope)],
  ];
  if (!inferred) {
    const hosts = [...after.hosts].filter(([name]) => !isNew(name, before.hosts, scope.hosts));
    parts.push(['hosts', [...before.hosts].map(plainHost), hosts.map(plainHost)]);
  }
  return parts.find(([, old, fresh]) => JSON.stringify(old) !== JSON.stringify(fresh))?.[0] ?? null;
}

function plainKeys(keys: readonly NamedKey[]): unknown[] {
  return keys.map(key => [key.name, key.recipient]);
}

function oldKeys(before: Inventory, after: Inventory, scope: EditScope): NamedKey[] {
  const known = new Set(before.keys.map(key => key.name));
  return after.keys.filter(({ name }) => known.has(name) || !scope.keys?.includes(name));
}

function without(
  after: readonly string[],
  before: readonly string[],
  fresh: readonly string[] = [],
): string[] {
  return after.filter(name => before.includes(name) || !fresh.includes(name));
}

function isNew(name: string, before: ReadonlyMap<string, unknown>, fresh: readonly string[] = []): boolean {
  return fresh.includes(name) && !before.has(name);
}

/** A host that a new key completes reads differently, which is meant. */
function plainHost([name, host]: [
  string,
  { platform: string; secrets: ReadonlyMap<string, unknown> },
]): unknown {
  return [name, host.platform, [...host.secrets]];
}

function optionsBeside(inventory: Inventory, scope: EditScope): unknown[] {
  return [...inventory.secrets].filter(([address]) => !scope.secrets?.includes(address));
}

function rulesBeside(inventory: Inventory, scope: EditScope): unknown[] {
  return inventory.rules.filter(rule => rule.index !== scope.rule).map(plainRule);
}

/** A rule without its place. */
export function plainRule(rule: Rule): unknown {
  const { pathRegex, groups, threshold, selection, macOnlyEncrypted } = rule;
  return { pathRegex, groups, threshold, selection, macOnlyEncrypted };
}
