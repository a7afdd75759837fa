import type { FormatName } from '../sops/formats/format.ts';
import { type Metadata, recipientsOf } from '../sops/metadata.ts';
import { DEFAULT_SELECTION, SELECTION_FIELDS, type Selection } from '../sops/selection.ts';
import type { Rule, RuleGroup } from './model.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { audienceOf } from './rules.ts';

/** In what a file differs from its rule. `order` alone is harmless, and stock sops leaves it too. */
type DriftReason = 'recipients' | 'groups' | 'threshold' | 'selection' | 'mac_only_encrypted' | 'order';

/** How a file differs from its rule. */
export interface Drift {
  /** What the rule wants and the file lacks, as the rule writes it. */
  readonly add: readonly string[];
  /** What the file has and the rule does not want, as the file writes it. */
  readonly remove: readonly string[];
  /** Empty: the file is as its rule says. */
  readonly reasons: readonly DriftReason[];
}

/**
 * Compares a file with its creation rule; needs no key. Recipients count as sets within their groups, as in
 * stock `sops updatekeys`.
 */
export function driftOf(metadata: Metadata, format: FormatName, rule: Rule): Drift {
  const wanted = audienceOf(rule);
  const has = recipientsOf(metadata);
  const add = lacking(wanted, has);
  const remove = lacking(has, wanted);
  const reasons: DriftReason[] = [];
  if (add.length > 0 || remove.length > 0) reasons.push('recipients');
  else if (!sameGroups(metadata, rule)) reasons.push('groups');
  if (rule.groups.length > 1 && thresholdOf(rule) !== shownThreshold(metadata)) reasons.push('threshold');
  if (format !== 'binary') {
    if (!sameSelection(metadata.selection, rule.selection)) reasons.push('selection');
    if (metadata.macOnlyEncrypted !== rule.macOnlyEncrypted) reasons.push('mac_only_encrypted');
  }
  if (reasons.length === 0 && orderOf(has) !== orderOf(orderInFile(rule))) reasons.push('order');
  return { add, remove, reasons };
}

/** True where a file has to be changed to be as its rule says; another order is no difference. */
export function isDrifted(drift: Drift): boolean {
  return drift.reasons.some(reason => reason !== 'order');
}

/** How many groups of a rule are needed; sops takes all of them where the rule does not say. */
export function thresholdOf(rule: Rule): number {
  if (rule.groups.length < 2) return 0;
  return rule.threshold === null || rule.threshold === 0 ? rule.groups.length : rule.threshold;
}

function shownThreshold(metadata: Metadata): number {
  return metadata.shamirThreshold === 0 ? metadata.groups.length : metadata.shamirThreshold;
}

function lacking(these: readonly string[], those: readonly string[]): string[] {
  const known = new Set(those.map(canonicalRecipient));
  return [...new Set(these)].filter(recipient => !known.has(canonicalRecipient(recipient)));
}

function sameGroups(metadata: Metadata, rule: Rule): boolean {
  if (metadata.groups.length !== rule.groups.length) return false;
  if (rule.groups.length < 2) return true;
  return metadata.groups.every((group, index) => {
    const wanted = rule.groups[index];
    const has = recipientsOf({ ...metadata, groups: [group] });
    return wanted !== undefined && setOf(has) === setOf(membersOf(wanted));
  });
}

function membersOf(group: RuleGroup): string[] {
  return [...group.pgp, ...group.other, ...group.age];
}

function setOf(recipients: readonly string[]): string {
  return [...new Set(recipients.map(canonicalRecipient))].sort().join('\n');
}

function orderOf(recipients: readonly string[]): string {
  return recipients
    .map(canonicalRecipient)
    .filter(recipient => recipient.startsWith('age1') || recipient.startsWith('ssh-'))
    .join('\n');
}

function orderInFile(rule: Rule): string[] {
  return rule.groups.flatMap(group => [...new Set(group.age)]);
}

function sameSelection(file: Selection, rule: Selection): boolean {
  return textOf(file) === textOf(rule);
}

function textOf(selection: Selection): string {
  const fields = SELECTION_FIELDS.map(([, field]) => selection[field] ?? '');
  const filled = fields.some(field => field !== '');
  return JSON.stringify(
    filled ? fields : SELECTION_FIELDS.map(([, field]) => DEFAULT_SELECTION[field] ?? ''),
  );
}
