import type { Inventory, Rule } from './model.ts';
import { RuleIndex } from './rule-index.ts';

/** The name under which sops looks for its configuration. */
const CONFIG_NAME = '.sops.yaml';

/** An inventory is immutable, and is asked for the rule of every file. */
const INDEXES = new WeakMap<Inventory, RuleIndex>();

/** One step of the search for the rule of a path. */
export interface RuleTrace {
  readonly index: number;
  readonly pathRegex: string | null;
  readonly line: number;
  readonly matches: boolean;
}

/**
 * The creation rule of a path: the first one that matches. `.sops.yaml` itself, here or in a folder below, is
 * never a secret, whatever the patterns say.
 *
 * @param path relative to the folder of the inventory, with `/`
 */
export function ruleFor(inventory: Inventory, path: string): Rule | null {
  if (isConfig(path)) return null;
  const index = INDEXES.get(inventory) ?? new RuleIndex(inventory.rules);
  INDEXES.set(inventory, index);
  return index.find(path);
}

/** Every recipient of a rule in the order of sops, each once; key groups are flattened. */
export function audienceOf(rule: Rule): string[] {
  return [...new Set(rule.groups.flatMap(group => [...group.age, ...group.pgp, ...group.other]))];
}

/**
 * How the rule of a path is found: every rule up to the first one that matches, or all of them.
 *
 * @returns `first`: index of the rule that matches, `null` where none does
 */
export function traceRules(inventory: Inventory, path: string): { rules: RuleTrace[]; first: number | null } {
  const rules: RuleTrace[] = [];
  if (isConfig(path)) return { rules, first: null };
  for (const { index, pathRegex, line, ...rule } of inventory.rules) {
    const matches = rule.matches(path);
    rules.push({ index, pathRegex, line, matches });
    if (matches) return { rules, first: index };
  }
  return { rules, first: null };
}

function isConfig(path: string): boolean {
  return path === CONFIG_NAME || path.endsWith(`/${CONFIG_NAME}`);
}
