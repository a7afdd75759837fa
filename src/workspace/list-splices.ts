import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import type { ConfigText } from './config-text.ts';
import { withoutFlowItem, withoutLines } from './flow-splices.ts';
import { canonicalRecipient } from './parse-keys.ts';
import {
  type Collection,
  columnOf,
  endOfContent,
  endOfLine,
  isFlow,
  type Splice,
  startOfItem,
  startOfLine,
} from './splice.ts';

/** A list with its items, and the top-level section that it lies in. */
interface FoundList {
  readonly section: string;
  readonly list: Collection;
  readonly items: readonly Node[];
}

/** The value of `age:` or `pgp:`, or another scalar with commas: a text of public keys. */
interface FoundText {
  readonly section: string;
  readonly node: Node;
}

/** The text with all changes; they must not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, insert } of [...splices].sort((a, b) => a.from - b.from)) {
    parts.push(text.slice(at, from), insert);
    at = to;
  }
  return parts.join('') + text.slice(at);
}

/** The fields of a rule, or of one of its groups, that hold public keys. */
const KEY_FIELDS = new Set(['age', 'pgp']);

/** What of a config holds public keys. */
export interface KeyPlaces {
  /** Every list, in any depth, but those of names. */
  readonly lists: readonly FoundList[];
  readonly texts: readonly FoundText[];
  /** `age: *name`, which is no list and no text of its own. */
  readonly aliases: readonly Alias[];
  /** Maps whose values may be keys with anchors. */
  readonly maps: readonly Collection[];
}

/** Aliases are not entered, so that each place is found once. */
export function keyPlaces(config: ConfigText): KeyPlaces {
  const found = {
    lists: [] as FoundList[],
    texts: [] as FoundText[],
    aliases: [] as Alias[],
    maps: [] as Collection[],
  };
  const visit = (node: Node | null, section: string, isField: boolean): void => {
    if (isSeq(node)) {
      found.lists.push({ section, list: node as Collection, items: node.items as Node[] });
      for (const item of node.items as (Node | null)[]) visit(item, section, false);
    } else if (isMap(node)) {
      if (section !== 'creation_rules') found.maps.push(node as Collection);
      for (const { key, value } of node.items as Pair<Node, Node | null>[])
        visit(
          value,
          section,
          section === 'creation_rules' && isScalar(key) && KEY_FIELDS.has(String(key.value)),
        );
    } else if (isAlias(node)) {
      if (isField) found.aliases.push(node);
    } else if (isScalar(node) && (isField || String(node.value).includes(','))) {
      found.texts.push({ section, node });
    }
  };
  for (const { name, value } of sections(config)) if (!isOfNames(name, value)) visit(value, name, false);
  return found;
}

function sections(config: ConfigText): { name: string; value: Node | null }[] {
  if (!isMap(config.root)) return [];
  return (config.root.items as Pair<Node, Node | null>[]).map(({ key, value }) => ({
    name: isScalar(key) ? String(key.value) : '',
    value,
  }));
}

/** Sections of ours list names, not keys; in another tool's form they may well list keys. */
function isOfNames(name: string, value: Node | null): boolean {
  if (name === 'admins') return isSeq(value);
  return (name === 'hosts' || name === 'groups' || name === 'secrets') && isMap(value);
}

/** Every scalar of a config that is a value or an item, in any depth. */
export function scalarsOf(config: ConfigText): { node: Scalar; from: number; to: number }[] {
  const found: { node: Scalar; from: number; to: number }[] = [];
  const visit = (node: Node | null): void => {
    if (isSeq(node)) for (const item of node.items as (Node | null)[]) visit(item);
    else if (isMap(node)) for (const { value } of node.items as Pair<Node, Node | null>[]) visit(value);
    else if (isScalar(node) && node.range !== null && node.range !== undefined)
      found.push({ node, from: node.range[0], to: node.range[1] });
  };
  visit(config.root);
  return found;
}

/** A node with the keys above it. */
interface PlacedNode {
  readonly node: Node;
  readonly path: readonly string[];
  readonly isKey: boolean;
}

/** Every scalar and alias of a config, keys included. */
export function nodesOf(config: ConfigText): PlacedNode[] {
  const found: PlacedNode[] = [];
  const visit = (node: Node | null, path: readonly string[]): void => {
    if (isSeq(node)) for (const item of node.items as (Node | null)[]) visit(item, path);
    else if (isMap(node)) {
      for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
        found.push({ node: key, path, isKey: true });
        visit(value, [...path, isScalar(key) ? String(key.value) : '']);
      }
    } else if (node !== null) found.push({ node, path, isKey: false });
  };
  visit(config.root, []);
  return found;
}

/** True for a public key of the set, written in full, with its anchor or as an alias. */
export function holdsKey(config: ConfigText, node: Node | null, keys: ReadonlySet<string>): boolean {
  const scalar = config.source.resolve(node);
  return isScalar(scalar) && keys.has(canonicalRecipient(String(scalar.value)));
}

/** Puts an item behind another one of a list, in its style; a comment at the end of the line stays with the other. */
export function insertAfter(config: ConfigText, list: Collection, index: number, item: string): Splice {
  const { text, eol } = config;
  const node = list.items[index] as Node | undefined;
  if (node === undefined) return onlyItem(config, list, item);
  const end = endOfContent(text, node);
  if (isFlow(list)) return { from: end, to: end, insert: `, ${item}` };
  const column = columnOf(text, startOfItem(list, index));
  const at = endOfLine(text, end);
  return { from: at, to: at, insert: `${eol}${' '.repeat(column)}- ${item}` };
}

function onlyItem(config: ConfigText, list: Collection, item: string): Splice {
  if (!isFlow(list)) throw config.notEditable('a list without items');
  const at = (list.range?.[0] ?? 0) + 1;
  return { from: at, to: at, insert: item };
}

/**
 * Takes an item out of a list.
 *
 * @throws SecretsError `BAD_INVENTORY` where the item shares its line with something else
 */
export function withoutItem(config: ConfigText, list: Collection, index: number): Splice {
  const { text } = config;
  const bounds = (list.items as Node[]).map((item, at) => ({
    start: startOfItem(list, at),
    end: endOfContent(text, item),
  }));
  if (isFlow(list)) return withoutFlowItem(text, bounds, index);
  const { start, end } = bounds[index] ?? { start: 0, end: 0 };
  if (text.slice(startOfLine(text, start), start).trim() !== '')
    throw config.notEditable('a list begins within a line');
  return withoutLines(text, start, end);
}
