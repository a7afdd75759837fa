import { SecretsError } from '../../errors.ts';
import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { type NearestMiss, nearestMiss } from '../../workspace/nearest-rule.ts';
import { audienceOf, type RuleTrace, traceRules } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import { Configs } from './configs.ts';
import { type FileState, fileStates, metadataOfFile } from './governed.ts';

/** Why a file has the readers that it has. Recipients are as the rule or the file writes them. */
export interface Explanation {
  readonly path: string;
  /** The nearest `.sops.yaml` at or above the file. */
  readonly config: string;
  /** What its rules were held against. */
  readonly matchedAgainst: string;
  readonly inventory: Inventory | null;
  /** Every rule up to the first that matches, or all of them. */
  readonly rules: readonly RuleTrace[];
  readonly first: number | null;
  readonly rule: Rule | null;
  /** Where no rule matches: the one that was meant, perhaps. */
  readonly nearest: NearestMiss | null;
  readonly wanted: readonly string[];
  readonly has: readonly string[];
  /** How many key groups there are, by the rule, else by the file; 0 where neither says. */
  readonly groups: number;
  readonly threshold: number | null;
  /** `null`: no rule governs it, and it carries no sops metadata. */
  readonly state: FileState | null;
  /** Why the config or the file does not load. */
  readonly problem: string | null;
}

/**
 * Explains the readers of a file, which need not exist. Needs no key.
 *
 * @param path relative to the workspace root, with `/`
 */
export async function explain(draft: Draft, path: string): Promise<Explanation> {
  const configs = await Configs.of(draft);
  const { config, inventory: found, matched } = configs.governing(path);
  const inventory = found instanceof SecretsError ? null : found;
  const { rules, first } = inventory === null ? { rules: [], first: null } : traceRules(inventory, matched);
  const rule = first === null ? null : (inventory?.rules[first] ?? null);
  const state = (await fileStates(draft, [path])).find(found => found.path === path) ?? null;
  const metadata = await metadataOfFile(draft, path);
  const shape = rule ?? metadata;
  const threshold = rule === null ? (metadata?.shamirThreshold ?? 0) : (rule.threshold ?? 0);
  return {
    path,
    config,
    matchedAgainst: matched,
    inventory,
    rules,
    first,
    rule,
    nearest: rule === null && inventory !== null ? nearestMiss(inventory.rules, matched) : null,
    wanted: rule === null ? [] : audienceOf(rule),
    has: metadata === null ? [] : recipientsOf(metadata),
    groups: shape?.groups.length ?? 0,
    threshold: threshold === 0 ? null : threshold,
    state,
    problem: found instanceof SecretsError ? found.message : (state?.problem ?? null),
  };
}
