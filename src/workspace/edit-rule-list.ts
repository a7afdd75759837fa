import { isSeq, type Node } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { isBlankLine, withoutLines } from './flow-splices.ts';
import { applySplices, withoutItem } from './list-splices.ts';
import { meaningOf, meantEdit } from './meaning.ts';
import type { Inventory } from './model.ts';
import type { Splice } from './splice.ts';
import { type Collection, endOfContent, isFlow, startOfItem, startOfLine } from './splice.ts';
import { isNull } from './yaml-read.ts';

/**
 * The text without a creation rule. Its files come under the next rule that matches, or under none.
 *
 * @param index counts from 0, as {@link Rule.index}
 * @throws SecretsError `USAGE` (no such rule), `BAD_INVENTORY`
 */
export function removeRule(inventory: Inventory, index: number): string {
  if (inventory.rules[index] === undefined)
    throw new SecretsError('USAGE', `${inventory.file} has no rule ${index}`);
  const text = textWithoutRules(inventory, inventory.text, new Set([index]));
  const meaning = meaningOf(inventory);
  return meantEdit(inventory, text, { ...meaning, rules: meaning.rules.filter((_, at) => at !== index) });
}

/**
 * The text without rules, not verified yet.
 *
 * @throws SecretsError `BAD_INVENTORY` where `creation_rules` has a form that is not edited
 */
export function textWithoutRules(inventory: Inventory, text: string, indexes: ReadonlySet<number>): string {
  return [...indexes]
    .sort((a, b) => b - a)
    .reduce((edited, index) => {
      const config = new ConfigText(edited, inventory.file);
      return applySplices(edited, [withoutRule(config, index)]);
    }, text);
}

function withoutRule(config: ConfigText, index: number): Splice {
  const section = config.section('creation_rules');
  const node = section?.value ?? null;
  if (section === null || !isSeq(node)) throw config.notEditable('creation_rules is no list of its own');
  const list = node as Collection;
  const items = list.items as Node[];
  // a null entry is no rule to go-yaml
  const places = items.flatMap((item, at) => (isNull(config.source.resolve(item)) ? [] : [at]));
  const place = places[index] ?? -1;
  if (isFlow(list)) return withoutItem(config, list, place);
  if (items.length === 1) return emptied(config, section.key, list);
  return withoutBlock(config, list, place);
}

/** `creation_rules: []`, as in a fresh file. */
function emptied(config: ConfigText, key: Node, list: Collection): Splice {
  const { text } = config;
  const colon = text.indexOf(':', endOfContent(text, key)) + 1;
  const above = text.slice(colon, startOfItem(list, 0));
  return {
    from: colon,
    to: endOfContent(text, list),
    insert: ` []${above.includes('#') ? above.trimEnd() : ''}`,
  };
}

/** The blank line that set the rule off goes as well. */
function withoutBlock(config: ConfigText, list: Collection, place: number): Splice {
  const { text } = config;
  const { from, to } = withoutItem(config, list, place);
  const start = startOfLine(text, startOfItem(list, place));
  const end = endOfContent(text, list.items[place] as Node);
  const above = start === 0 ? start : startOfLine(text, start - 1);
  const isBlankAbove = above < start && isBlankLine(text, above);
  const isBlankBelow = to < text.length && isBlankLine(text, to);
  const isLast = place === list.items.length - 1;
  if (isBlankAbove && (isBlankBelow || isLast)) return withoutLines(text, above, end);
  return isBlankBelow && place === 0 ? withoutLines(text, start, to) : { from, to, insert: '' };
}
