import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { shown } from './shown.ts';
import type { YamlSource } from './yaml-source.ts';

/** One line of a map, its aliases not yet followed. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | null;
}

/** Merge keys may refer to maps with merge keys; nobody nests them deeper. */
const DEEPEST_MERGE = 20;

/** True for an absent value and for what go-yaml reads as null. */
export function isNull(node: Node | null): boolean {
  if (node === null) return true;
  if (
    !isScalar(node) ||
    node.type !== 'PLAIN' ||
    (node.tag !== undefined && node.tag !== 'tag:yaml.org,2002:null')
  ) {
    return false;
  }
  return /^(~|null|Null|NULL|)$/.test(String(node.value));
}

/**
 * The entries of a map in order, those that `<<` brings behind the map's own, which win over them.
 * A null or absent node is an empty map.
 *
 * @param what names the place in an error: `hosts`
 */
export function entriesOf(source: YamlSource, given: Node | null, what: string, depth = 0): Entry[] {
  const node = source.resolve(given);
  if (node === null || isNull(node)) return [];
  if (!isMap(node) || depth > DEEPEST_MERGE) throw source.fail(`${what} has to be a map`, given);
  source.charge(node.items.length, node);
  const own: Entry[] = [];
  const merged: Entry[] = [];
  for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
    const name = keyText(source, key, what);
    if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
      merged.push(...mergedEntries(source, value, what, depth));
    } else {
      own.push({ key: name, keyNode: key, value });
    }
  }
  return withoutShadowed([...own, ...merged]);
}

function mergedEntries(source: YamlSource, value: Node | null, what: string, depth: number): Entry[] {
  const node = source.resolve(value);
  if (isNull(node)) throw source.fail(`<< in ${what} has to bring a map`, value);
  const maps = isSeq(node) ? (node.items as Node[]) : [value];
  return maps.flatMap(map => entriesOf(source, map, `what << brings into ${what}`, depth + 1));
}

function withoutShadowed(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  return entries.filter(({ key }) => {
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}

function keyText(source: YamlSource, key: Node, what: string): string {
  const node = source.resolve(key);
  if (!isScalar(node)) throw source.fail(`a key of ${what} has to be text`, key);
  return String(node.value);
}

/** The items of a list; null or absent is an empty one. */
export function itemsOf(source: YamlSource, given: Node | null, what: string): (Node | null)[] {
  const node = source.resolve(given);
  if (node === null || isNull(node)) return [];
  if (!isSeq(node)) throw source.fail(`${what} has to be a list`, given);
  source.charge(node.items.length, node);
  return node.items as (Node | null)[];
}

/** The items of a list as go-yaml gives them to a typed list: null ones are dropped. */
export function filledItemsOf(source: YamlSource, given: Node | null, what: string): Node[] {
  return itemsOf(source, given, what).filter((item): item is Node => !isNull(source.resolve(item)));
}

/** The text of a scalar as it is written, numbers and booleans too; `null` for null. */
export function textOf(source: YamlSource, given: Node | null, what: string): string | null {
  const node = source.resolve(given);
  if (node === null || isNull(node)) return null;
  if (!isScalar(node)) throw source.fail(`${what} has to be text`, given);
  return String(node.value);
}

const TRUE = /^(true|True|TRUE|y|Y|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(false|False|FALSE|n|N|no|No|NO|off|Off|OFF)$/;

/** A boolean in any spelling that go-yaml takes for a typed one; `null` for null. */
export function booleanOf(source: YamlSource, given: Node | null, what: string): boolean | null {
  const text = textOf(source, given, what);
  if (text === null) return null;
  const plain = isPlain(source, given);
  if (plain && TRUE.test(text)) return true;
  if (plain && FALSE.test(text)) return false;
  throw source.fail(`${what} has to be true or false, not ${shown(text)}`, given);
}

/** A whole number; `null` for null. */
export function integerOf(source: YamlSource, given: Node | null, what: string): number | null {
  const text = textOf(source, given, what);
  if (text === null) return null;
  const plain = isPlain(source, given);
  if (!plain || !/^[-+]?[0-9]{1,9}$/.test(text)) {
    throw source.fail(`${what} has to be a whole number, not ${shown(text)}`, given);
  }
  return Number(text);
}

/** True for a scalar without quotes and tag, whose type its text decides. */
function isPlain(source: YamlSource, given: Node | null): boolean {
  const node = source.resolve(given);
  return isScalar(node) && node.type === 'PLAIN' && node.tag === undefined;
}

/** True where a list, an item of which is taken as text, would be refused by go-yaml: `[5]` is no list of strings. */
export function resolvesToNonString(source: YamlSource, given: Node | null): boolean {
  if (!isPlain(source, given)) return false;
  const text = textOf(source, given, 'it') ?? '';
  return /^[-+]?(\.?[0-9][0-9_]*)(\.[0-9_]*)?([eE][-+]?[0-9]+)?$|^0[xob][0-9a-fA-F_]+$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$|^(true|True|TRUE|false|False|FALSE)$/.test(
    text,
  );
}
