import { isSeq, type Node } from 'yaml';
import { ConfigText, collectionOf } from './config-text.ts';
import { appendItem, appendToSection, insertItem, type NewItem } from './insert.ts';
import type { Inventory } from './model.ts';
import { pathRegexOf } from './names.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { type Collection, endOfContent, startOfItem, startOfLine } from './splice.ts';
import { isNull } from './yaml-read.ts';
import { flowList, flowMap, recipientScalar } from './yaml-write.ts';

/**
 * The text with a rule for a folder.
 *
 * @param index the index that the rule will have
 * @throws SecretsError `BAD_INVENTORY` where the file has a form that is not edited
 */
export function textWithRule(
  inventory: Inventory,
  folder: string,
  recipients: readonly string[],
  index: number,
): string {
  const config = new ConfigText(inventory.text, inventory.file);
  const section = config.section('creation_rules');
  const list = section === null ? null : collectionOf(config, section, 'creation_rules');
  const node = list === null ? -1 : nodeIndex(config, list, index);
  const limit = list === null || list.items.length === 0 ? startOfRules(config) : placeIn(config, list, node);
  const item = ruleItem(config, inventory, folder, recipients, limit);
  if (list === null || list.items.length === 0)
    return appendToSection(config, 'creation_rules', item, config.listIndent);
  const blank = separatedByBlankLines(config, list);
  if (node >= 0) return insertItem(config, list, node, item, blank);
  return appendItem(config, list, blank ? { ...item, block: ['', ...item.block] } : item);
}

/** Offset above which an anchor has to stand for a first rule to use it. */
function startOfRules(config: ConfigText): number {
  const section = config.section('creation_rules');
  return section === null ? config.text.length : config.startOf(section);
}

/** Offset above which an anchor has to stand for a rule at that place of the list to use it. */
function placeIn(config: ConfigText, list: Collection, node: number): number {
  return node < 0 ? endOfContent(config.text, list) : startOfItem(list, node);
}

/** Null entries are no rules to go-yaml, so that an index among rules is not one among nodes. */
function nodeIndex(config: ConfigText, list: Collection, index: number): number {
  if (!isSeq(list)) throw config.notEditable('creation_rules is no list');
  const places = (list.items as Node[]).flatMap((item, at) =>
    isNull(config.source.resolve(item)) ? [] : [at],
  );
  return places[index] ?? -1;
}

function ruleItem(
  config: ConfigText,
  inventory: Inventory,
  folder: string,
  recipients: readonly string[],
  limit: number,
): NewItem {
  const written = (keys: readonly string[]) =>
    flowList(
      keys.map(recipient => aliasText(config, inventory, recipient, limit)),
      config.flow,
    );
  const age = recipients.filter(recipient => /^(age1|ssh-)/.test(recipient));
  const pgp = recipients.filter(recipient => !age.includes(recipient));
  const fields: [string, string][] = [];
  if (age.length > 0) fields.push(['age', written(age)]);
  if (pgp.length > 0) fields.push(['pgp', written(pgp)]);
  const regex = pathRegexOf(folder);
  const dash = ' '.repeat(config.listIndent);
  const group = fields.map(([key, value], at) => `  ${dash}${at === 0 ? '- ' : '  '}${key}: ${value}`);
  const groups = flowList([flowMap(fields, config.flow)], config.flow);
  return {
    block: [`- path_regex: ${regex}`, '  key_groups:', ...group],
    flow: flowMap(
      [
        ['path_regex', regex],
        ['key_groups', groups],
      ],
      config.flow,
    ),
  };
}

/** `*name` where the anchor stands above the rule, else the key itself. */
function aliasText(config: ConfigText, inventory: Inventory, recipient: string, limit: number): string {
  const canonical = canonicalRecipient(recipient);
  for (const key of inventory.keys) {
    if (canonicalRecipient(key.recipient) !== canonical) continue;
    const offset = config.source.anchors.get(key.name)?.range?.[0] ?? Number.POSITIVE_INFINITY;
    if (offset < limit) return `*${key.name}`;
  }
  return recipientScalar(recipient);
}

/** True where a blank line stands between the first two rules. */
function separatedByBlankLines({ text }: ConfigText, list: Collection): boolean {
  if (list.items.length < 2) return false;
  const between = text.slice(startOfItem(list, 0), startOfLine(text, startOfItem(list, 1)));
  return /\n[ \t]*\r?\n/.test(between);
}
