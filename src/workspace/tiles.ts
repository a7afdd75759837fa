import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { ConfigText } from './config-text.ts';
import {
  type Collection,
  endOfColon,
  endOfContent,
  isFlow,
  nextLine,
  startOfItem,
  startOfLine,
} from './splice.ts';

/**
 * One entry of a list or map with all the text that belongs to it: the comments and blank lines above it, and its
 * lines to the last line end. Tiles that follow each other leave nothing out.
 */
export interface Tile {
  /** What makes it the same entry in another version: a key, an anchor, a pattern, or its text. */
  readonly id: string;
  /** How a conflict calls it. */
  readonly name: string;
  readonly text: string;
  /** The part of `text` above the entry itself. */
  readonly above: string;
  /** What stands in it; `null` where it is not looked into. */
  readonly inner: () => Tiling | null;
}

/** A text that is cut into entries. */
export interface Tiling {
  readonly kind: 'map' | 'list';
  /** Written between brackets: tiles are then the bare texts of the items. */
  readonly flow: boolean;
  /** The text before the first tile and behind the last. */
  readonly head: string;
  readonly tail: string;
  readonly tiles: readonly Tile[];
  /** Of brackets: the blank behind the first, empty where there is none or nothing between them. */
  readonly padding: string;
}

/** The whole file as its top-level keys; `null` where it is empty or has another form. */
export function tilesOfFile(config: ConfigText): Tiling | null {
  const { root, text } = config;
  if (root === null || !isMap(root) || isFlow(root)) return null;
  return tilesOf(config, root, 0, text.length, '');
}

/**
 * @param from where the text begins that the collection stands in; what is above the first entry there goes to it
 * @param to where that text ends
 */
function tilesOf(
  config: ConfigText,
  node: Collection,
  from: number,
  to: number,
  place: string,
): Tiling | null {
  return isFlow(node) ? flowTiles(config, node, from, to, place) : blockTiles(config, node, from, to, place);
}

function blockTiles(
  config: ConfigText,
  node: Collection,
  from: number,
  to: number,
  place: string,
): Tiling | null {
  const { text } = config;
  const tiles: Tile[] = [];
  // What stands on the line of the key or dash above belongs to that, and so does a first entry's line if it is there.
  const first = startOfItem(node, 0);
  const begin = Math.max(
    from,
    text.slice(startOfLine(text, first), first).trim() === '' ? headEnd(text, from, first) : first,
  );
  let at = begin;
  for (let index = 0; index < node.items.length; index++) {
    const start = startOfItem(node, index);
    const end = Math.min(to, endOfEntry(config, node, index));
    if (start < at || end < start) return null;
    tiles.push(tileAt(config, node, index, { at, start, end }, place));
    at = end;
  }
  return {
    kind: isMap(node) ? 'map' : 'list',
    flow: false,
    head: text.slice(from, begin),
    tail: text.slice(at, to),
    tiles,
    padding: '',
  };
}

/** The first line of the text is that of the key above, unless the entries begin there. */
function headEnd(text: string, from: number, first: number): number {
  if (from === 0) return 0;
  const line = startOfLine(text, first);
  const above = nextLine(text, from);
  return Math.min(line, above);
}

function endOfEntry(config: ConfigText, node: Collection, index: number): number {
  const { text } = config;
  const { value, key } = partsOf(node, index);
  const content = Math.max(
    value === null ? 0 : endOfContent(text, value),
    key === null ? 0 : endOfContent(text, key),
    isMap(node) ? (endOfColon(node, index) ?? 0) : startOfItem(node, index) + 1,
  );
  return nextLine(text, content);
}

function partsOf(node: Collection, index: number): { key: Node | null; value: Node | null } {
  if (isMap(node)) {
    const pair = node.items[index] as Pair<Node, Node | null> | undefined;
    return { key: pair?.key ?? null, value: pair?.value ?? null };
  }
  return { key: null, value: (node.items[index] as Node | undefined) ?? null };
}

function tileAt(
  config: ConfigText,
  node: Collection,
  index: number,
  { at, start, end }: { at: number; start: number; end: number },
  place: string,
): Tile {
  const { key, value } = partsOf(node, index);
  const id = key === null ? idOfItem(config, value, index) : `key ${keyText(key)}`;
  const name =
    key === null ? nameOfItem(place, id) : place === '' ? keyText(key) : `${place}.${keyText(key)}`;
  return {
    id,
    name,
    text: config.text.slice(at, end),
    above: config.text.slice(at, start),
    inner: () =>
      value !== null && !isAlias(value) && (isMap(value) || isSeq(value))
        ? innerTiles(config, value as Collection, start, end, name)
        : null,
  };
}

function innerTiles(
  config: ConfigText,
  value: Collection,
  start: number,
  end: number,
  name: string,
): Tiling | null {
  if (value.items.length > 0 || isFlow(value)) return tilesOf(config, value, start, end, name);
  return null;
}

function nameOfItem(place: string, id: string): string {
  return `${place} ${id.replace(/^(text|index) /, '')}`.trim();
}

function keyText(key: Node): string {
  return isScalar(key) ? String(key.value) : '';
}

/** A rule is its pattern, a key its anchor, a name itself; what has none of these is its place. */
function idOfItem(config: ConfigText, value: Node | null, index: number): string {
  if (value === null) return `index ${index}`;
  if (isAlias(value)) return `text *${value.source}`;
  const anchor = (value as { anchor?: string }).anchor;
  if (anchor !== undefined) return `text &${anchor}`;
  if (isScalar(value)) return `text ${String(value.value)}`;
  if (isMap(value)) {
    const pattern = (value.items as Pair<Node, Node | null>[]).find(
      ({ key }) => keyText(key) === 'path_regex',
    );
    if (pattern !== undefined) {
      const node = config.source.resolve(pattern.value);
      return `rule ${isScalar(node) ? JSON.stringify(String(node.value)) : ''}`;
    }
  }
  return `index ${index}`;
}

/** Items between brackets on one line, without comments. */
function flowTiles(
  config: ConfigText,
  node: Collection,
  from: number,
  to: number,
  place: string,
): Tiling | null {
  const { text } = config;
  const [open = 0, close = 0] = node.range ?? [];
  const whole = text.slice(open, close);
  if (/[\n#]/.test(whole)) return null;
  const indexes = Array.from({ length: node.items.length }, (_, index) => index);
  const tiles = indexes.map((index): Tile => {
    const start = startOfItem(node, index);
    const { key, value } = partsOf(node, index);
    const end = Math.max(
      value === null ? 0 : endOfContent(text, value),
      key === null ? 0 : endOfContent(text, key),
      isMap(node) ? (endOfColon(node, index) ?? 0) : 0,
    );
    return { ...tileAt(config, node, index, { at: start, start, end }, place), above: '' };
  });
  return {
    kind: isMap(node) ? 'map' : 'list',
    flow: true,
    head: text.slice(from, open + 1),
    tail: text.slice(close - 1, to),
    tiles,
    padding: tiles.length > 0 && text[open + 1] === ' ' ? ' ' : '',
  };
}
