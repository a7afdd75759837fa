import { RE2JS } from 're2js';
import type { Node } from 'yaml';
import { literalPart, literalStart, wholeStart } from './literal-start.ts';
import type { InventoryWarning, Rule, RuleSelection } from './model.ts';
import { groupsOf } from './rule-keys.ts';
import { shown } from './shown.ts';
import { booleanOf, type Entry, entriesOf, filledItemsOf, integerOf, textOf } from './yaml-read.ts';
import type { YamlSource } from './yaml-source.ts';

/** Fields of a creation rule in sops 3.13 (`config.go`, creationRule). */
const KNOWN_FIELDS = new Set([
  'path_regex',
  'key_groups',
  'age',
  'pgp',
  'kms',
  'aws_profile',
  'gcp_kms',
  'hckms',
  'azure_keyvault',
  'hc_vault_transit_uri',
  'shamir_threshold',
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
  'mac_only_encrypted',
]);

const SELECTION_FIELDS = [
  ['unencryptedSuffix', 'unencrypted_suffix'],
  ['encryptedSuffix', 'encrypted_suffix'],
  ['unencryptedRegex', 'unencrypted_regex'],
  ['encryptedRegex', 'encrypted_regex'],
  ['unencryptedCommentRegex', 'unencrypted_comment_regex'],
  ['encryptedCommentRegex', 'encrypted_comment_regex'],
] as const satisfies readonly (readonly [keyof RuleSelection, string])[];

/** Each path is held against the rules one by one; a thousand machines have two thousand rules. */
const MOST_RULES = 10_000;

type Fields = ReadonlyMap<string, Entry>;

/**
 * Reads `creation_rules` as sops does; a null entry is dropped as go-yaml drops it, so that indexes agree.
 *
 * @throws SecretsError `BAD_INVENTORY`, naming the rule
 */
export function parseRules(source: YamlSource, node: Node | null, warnings: InventoryWarning[]): Rule[] {
  const items = filledItemsOf(source, node, 'creation_rules');
  if (items.length > MOST_RULES)
    throw source.fail(`it has ${items.length} creation rules, and no more than ${MOST_RULES} are read`, node);
  return items.map((item, index) => parseRule(source, item, index, warnings));
}

function parseRule(source: YamlSource, node: Node, index: number, warnings: InventoryWarning[]): Rule {
  const line = source.lineOf(node);
  const name = `rule ${index} of creation_rules`;
  const entries = entriesOf(source, node, name);
  for (const { key, keyNode } of entries) {
    if (KNOWN_FIELDS.has(key)) continue;
    warnings.push({
      message: `${name} has a field ${shown(key)} that sops ignores`,
      line: source.lineOf(keyNode),
    });
  }
  const fields: Fields = new Map(entries.map(entry => [entry.key, entry]));
  const regexNode = fields.get('path_regex')?.value ?? null;
  const pathRegex = textOf(source, regexNode, `path_regex of ${name}`) || null;
  return {
    index,
    line,
    pathRegex,
    groups: groupsOf(source, fields, name),
    threshold:
      integerOf(source, fields.get('shamir_threshold')?.value ?? null, `shamir_threshold of ${name}`) || null,
    selection: selectionOf(source, fields, name, node),
    macOnlyEncrypted:
      booleanOf(source, fields.get('mac_only_encrypted')?.value ?? null, `mac_only_encrypted of ${name}`) ??
      false,
    matches: matcher(source, pathRegex, regexNode, name),
  };
}

function matcher(
  source: YamlSource,
  pathRegex: string | null,
  at: Node | null,
  name: string,
): (path: string) => boolean {
  if (pathRegex === null) return () => true;
  // the rules of this tool are of this form, and a pattern takes its time to compile
  const whole = wholeStart(pathRegex);
  if (whole !== null) return path => path.startsWith(whole);
  const part = literalPart(pathRegex);
  if (part.isAll) return path => path.includes(part.text);
  try {
    const pattern = RE2JS.compile(pathRegex);
    const start = literalStart(pathRegex);
    // a fleet has a rule for each folder, and most paths differ from most of them in the first letters
    return path => path.startsWith(start) && path.includes(part.text) && pattern.matcher(path).find();
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it does not compile';
    throw source.fail(
      `path_regex of ${name} is no regular expression of Go: ${reason.slice(0, 200)}`,
      at,
      'Go (RE2) has no look-around and no back references',
    );
  }
}

function selectionOf(source: YamlSource, fields: Fields, name: string, node: Node): RuleSelection {
  const selection: { -readonly [Field in keyof RuleSelection]: RuleSelection[Field] } = {};
  for (const [field, written] of SELECTION_FIELDS) {
    const text = textOf(source, fields.get(written)?.value ?? null, `${written} of ${name}`);
    if (text !== null && text !== '') selection[field] = text;
  }
  if (Object.keys(selection).length > 1) {
    throw source.fail(
      `${name} says more than once which values to encrypt`,
      node,
      'keep one of the suffix and regex fields',
    );
  }
  return selection;
}
