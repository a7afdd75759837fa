import { SecretsError } from '../errors.ts';
import type { Inventory, Rule } from './model.ts';
import { namesOfFolder, pathRegexOf } from './names.ts';
import { parseInventory } from './parse.ts';
import { canonicalRecipient, looksLikeRecipient } from './parse-keys.ts';
import { unknownHost } from './receivers.ts';
import { textWithRule } from './rule-text.ts';
import { audienceOf, ruleFor } from './rules.ts';
import { shown } from './shown.ts';
import { withStagedKeys } from './staged.ts';
import { plainRule, verifiedEdit } from './verify-edit.ts';

/** The rule of a folder under `secrets/`. */
export interface NewRule {
  readonly folder: string;
  /** Names of admins, hosts, groups or keys, or public keys; in the order in which they are written. */
  readonly recipients: readonly string[];
  /** The file for which the rule is made, if it is known. */
  readonly path?: string | undefined;
}

/** Paths of which a rule for a folder has to take every one. */
const PROBES = [
  'probe.yaml',
  'probe.env',
  'probe.bin',
  'probe.json',
  'probe.ini',
  'deep/probe.yaml',
  'deep/probe.env',
  'deep/probe.bin',
];
/** Those that the tool itself writes. */
const OWN_PROBES = PROBES.filter(probe => !/\.(json|ini)$/.test(probe));

/**
 * The text with a rule for a folder, placed before the first rule that takes any path in the folder, else last.
 * A rule that gives the folder to exactly these readers already is no change.
 *
 * @param existingPaths every file of the repository: none of them may come under other keys by the new rule
 * @throws SecretsError `RULE_CONFLICT`, `UNKNOWN_HOST`, `BAD_KEY`, `BAD_INVENTORY`
 */
export function addRule(inventory: Inventory, rule: NewRule, existingPaths: readonly string[]): string {
  if (namesOfFolder(rule.folder) === null) {
    throw new SecretsError('BAD_NAME', `${shown(rule.folder)} is no folder of names`);
  }
  const recipients = recipientsOf(inventory, rule.recipients);
  if (recipients.length === 0) {
    throw new SecretsError('BAD_KEY', `nobody could read secrets/${rule.folder}`, {
      hint: 'add an admin or a host with a key first',
    });
  }
  if (isGoverned(inventory, rule, recipients)) return inventory.text;
  const index = placeOf(inventory, rule);
  const text = textWithRule(inventory, rule.folder, recipients, index);
  verifiedEdit(inventory, text, { rule: index });
  refuseConflict(inventory, parseInventory(text, inventory.file), rule, existingPaths);
  return text;
}

/**
 * True where a rule gives a folder to exactly these recipients, so that none has to be added.
 *
 * @throws SecretsError `RULE_CONFLICT` where the folder's own rule has other readers
 */
export function isGoverned(inventory: Inventory, rule: NewRule, recipients: readonly string[]): boolean {
  const own = pathRegexOf(rule.folder);
  const [first, ...others] = new Set(probesOf(rule, OWN_PROBES).map(path => ruleFor(inventory, path)));
  if (first !== undefined && first !== null && others.length === 0) {
    const selects = Object.keys(first.selection).length > 0;
    if (sameAudience(first, recipients) && (first.pathRegex === own || !selects)) return true;
  }
  const present = inventory.rules.find(({ pathRegex }) => pathRegex === own);
  if (present === undefined) return false;
  const reason = sameAudience(present, recipients)
    ? 'but another rule takes its files first'
    : 'with other readers';
  throw new SecretsError('RULE_CONFLICT', `secrets/${rule.folder} has a rule already, ${reason}`, {
    file: inventory.file,
    line: present.line,
    hint: 'change that rule by hand, then bring the files to it with `sops updatekeys`',
  });
}

function sameAudience(rule: Rule, recipients: readonly string[]): boolean {
  if (rule.groups.length !== 1) return false;
  const has = audienceOf(rule).map(canonicalRecipient).sort();
  const wanted = recipients.map(canonicalRecipient).sort();
  return JSON.stringify([...new Set(has)]) === JSON.stringify([...new Set(wanted)]);
}

function probesOf(rule: NewRule, probes: readonly string[]): string[] {
  const paths = probes.map(probe => `secrets/${rule.folder}/${probe}`);
  return rule.path === undefined ? paths : [rule.path, ...paths];
}

/** Index that the new rule will have. */
function placeOf(inventory: Inventory, rule: NewRule): number {
  const probes = probesOf(rule, PROBES);
  const first = inventory.rules.find(present => probes.some(path => present.matches(path)));
  return first?.index ?? inventory.rules.length;
}

/** The public keys behind names, each once; while a rotation is under way, both of a host. */
function recipientsOf(inventory: Inventory, names: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const name of names.flatMap(given => inventory.groups.get(given) ?? [given])) {
    const recipient = inventory.recipientOf(name) ?? (looksLikeRecipient(name) ? name : null);
    if (recipient === null) throw noKey(inventory, name);
    for (const key of withStagedKeys(inventory, [recipient])) {
      const canonical = canonicalRecipient(key);
      if (!found.has(canonical)) found.set(canonical, key);
    }
  }
  return [...found.values()];
}

function noKey(inventory: Inventory, name: string): SecretsError {
  if (!inventory.hosts.has(name))
    return unknownHost(
      inventory,
      name,
      inventory.keys.map(key => key.name),
    );
  return new SecretsError('BAD_KEY', `host ${name} has no public key in ${inventory.file}`, {
    hint: `secrets host add ${name} --ssh-key FILE`,
  });
}

function refuseConflict(
  before: Inventory,
  after: Inventory,
  rule: NewRule,
  existingPaths: readonly string[],
): void {
  for (const path of existingPaths) {
    const old = ruleFor(before, path);
    const fresh = ruleFor(after, path);
    if (old === null || fresh === null || JSON.stringify(keysOf(old)) === JSON.stringify(keysOf(fresh)))
      continue;
    throw new SecretsError(
      'RULE_CONFLICT',
      `a rule for secrets/${rule.folder} would take ${shown(path)} from the rule on line ${old.line}`,
      {
        file: before.file,
        line: old.line,
        hint: 'move that file to a place of its own first, or give that rule the wanted readers by hand',
      },
    );
  }
}

/** What a file under the rule depends on. */
function keysOf(rule: Rule): unknown {
  return { ...(plainRule(rule) as object), pathRegex: null };
}
