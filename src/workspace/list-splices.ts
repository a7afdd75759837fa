import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import type { ConfigText } from './config-text.ts';
import { canonicalRecipient } from './parse-keys.ts';
import {
  type Collection,
  columnOf,
  endOfContent,
  endOfLine,
  isFlow,
  nextLine,
  splice,
  startOfItem,
  startOfLine,
} from './splice.ts';

/** One change of a text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Who is meant in lists of keys: an anchor's name, and the public key where it stands in full. */
export interface Meant {
  readonly name: string;
  readonly recipient: string | null;
}

/** A list with its items, and the top-level section that it lies in. */
export interface FoundList {
  readonly section: string;
  readonly list: Collection;
  readonly items: readonly Node[];
}

/** A scalar that holds several public keys, with commas between. */
export interface FoundText {
  readonly section: string;
  readonly node: Node;
  readonly from: number;
  readonly to: number;
}

/** The text with all changes; they must not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.from - a.from)
    .reduce((edited, { from, to, insert }) => splice(edited, from, to, insert), text);
}

/** Every list of a config, in any depth, and every scalar with several keys. Aliases are not entered. */
export function listsOf(config: ConfigText): { lists: FoundList[]; texts: FoundText[] } {
  const lists: FoundList[] = [];
  const texts: FoundText[] = [];
  const visit = (node: Node | null, section: string): void => {
    if (isSeq(node)) {
      lists.push({ section, list: node as Collection, items: node.items as Node[] });
      for (const item of node.items as (Node | null)[]) visit(item, section);
    } else if (isMap(node)) {
      for (const { value } of node.items as Pair<Node, Node | null>[]) visit(value, section);
    } else if (
      isScalar(node) &&
      String(node.value).includes(',') &&
      node.range !== null &&
      node.range !== undefined
    ) {
      texts.push({ section, node, from: node.range[0], to: node.range[1] });
    }
  };
  if (isMap(config.root)) {
    for (const { key, value } of config.root.items as Pair<Node, Node | null>[])
      visit(value, isScalar(key) ? String(key.value) : '');
  }
  return { lists, texts };
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

/** True for an alias of that name, the anchored key itself, or the public key in full. */
export function means(node: Node, meant: Meant): boolean {
  if (isAlias(node)) return node.source === meant.name;
  if (!isScalar(node)) return false;
  if (node.anchor !== undefined) return node.anchor === meant.name;
  return (
    meant.recipient !== null && canonicalRecipient(String(node.value)) === canonicalRecipient(meant.recipient)
  );
}

/** Puts an item behind another one of a list, in its style; a comment at the end of the line stays with the other. */
export function insertAfter(config: ConfigText, list: Collection, index: number, item: string): Splice {
  const { text, eol } = config;
  const node = list.items[index] as Node;
  const end = endOfContent(text, node);
  if (isFlow(list)) return { from: end, to: end, insert: `, ${item}` };
  const column = columnOf(text, startOfItem(list, index));
  const at = endOfLine(text, end);
  return { from: at, to: at, insert: `${eol}${' '.repeat(column)}- ${item}` };
}

/**
 * Takes an item out of a list that has others.
 *
 * @throws SecretsError `BAD_INVENTORY` where the item shares its line with something else
 */
export function withoutItem(config: ConfigText, list: Collection, index: number): Splice {
  const { text } = config;
  const start = startOfItem(list, index);
  const end = endOfContent(text, list.items[index] as Node);
  if (isFlow(list)) {
    if (index + 1 < list.items.length) return { from: start, to: startOfItem(list, index + 1), insert: '' };
    const before = index === 0 ? start : endOfContent(text, list.items[index - 1] as Node);
    return { from: before, to: end, insert: '' };
  }
  const line = startOfLine(text, start);
  if (text.slice(line, start).trim() !== '') throw config.notEditable('a list begins within a line');
  const next = nextLine(text, end);
  const last = next === text.length && !text.endsWith('\n');
  return { from: last && line > 0 ? endOfLine(text, line - 1) : line, to: next, insert: '' };
}

/** A scalar of several keys with others, or without some; `null` where it would be empty. */
export function editedKeyText(
  source: string,
  edit: (keys: readonly string[]) => readonly string[],
): string | null {
  const keys = source.split(',').map(key => key.trim().replace(/^["']|["']$/g, ''));
  const kept = edit(keys);
  if (kept.join() === keys.join()) return source;
  if (kept.length === 0) return null;
  const quote = /^["']/.exec(source)?.[0] ?? '';
  return quote + kept.join(source.includes(', ') ? ', ' : ',') + quote;
}
