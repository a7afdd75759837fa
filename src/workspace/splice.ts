import { isMap, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** A list or map with the tokens that it was read from. */
export type Collection = YAMLMap<Node, Node | null> | YAMLSeq<Node>;

interface SourceItem {
  readonly start: readonly { readonly type: string; readonly offset: number }[];
  readonly key?: { readonly offset: number } | null | undefined;
  readonly sep?:
    | readonly { readonly type: string; readonly offset: number; readonly source: string }[]
    | undefined;
  readonly value?: { readonly offset: number } | undefined;
}

const FILLING = new Set(['space', 'newline', 'comment', 'comma']);

/** One change of a text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Replaces a range of a text; everything else stays byte for byte. */
export function splice(text: string, from: number, to: number, insert: string): string {
  return text.slice(0, from) + insert + text.slice(to);
}

/** The line end that the text uses. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}

/** Offset of the first character of the line, behind a byte order mark. */
export function startOfLine(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && text.startsWith('\ufeff') ? 1 : start;
}

/** Offset of the line end (`\n`, `\r\n` or the end of the text) of the line. */
export function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** Offset behind the line end. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}

/** How many columns stand before an offset on its line. */
export function columnOf(text: string, offset: number): number {
  return offset - startOfLine(text, offset);
}

/** The line that holds the offset, without its end. */
export function lineAt(text: string, offset: number): string {
  return text.slice(startOfLine(text, offset), endOfLine(text, offset));
}

/** True for `[ ]` and `{ }`. */
export function isFlow(node: Collection): boolean {
  return node.flow === true;
}

/** Offset at which an item begins: its dash, its anchor, or its key. */
export function startOfItem(node: Collection, index: number): number {
  const item = sourceItems(node)[index];
  const mark = item?.start.find(token => !FILLING.has(token.type));
  const offset = mark?.offset ?? item?.key?.offset ?? item?.value?.offset;
  if (offset === undefined) throw new RangeError('an item without a place in the text');
  return offset;
}

/** Offset behind the `:` of a pair, `null` where there is none. */
export function endOfColon(node: Collection, index: number): number | null {
  const colon = sourceItems(node)[index]?.sep?.find(token => token.type === 'map-value-ind');
  return colon === undefined ? null : colon.offset + colon.source.length;
}

function sourceItems(node: Collection): readonly SourceItem[] {
  const token: unknown = node.srcToken;
  if (typeof token !== 'object' || token === null || !('items' in token)) return [];
  return token.items as readonly SourceItem[];
}

/** Offset behind the last character that belongs to a node; comments and line ends do not. */
export function endOfContent(text: string, node: Node): number {
  if (isMap(node) && !isFlow(node as Collection)) {
    const last = node.items.at(-1) as Pair<Node, Node | null> | undefined;
    const lastNode = last?.value ?? last?.key;
    if (lastNode !== undefined)
      return Math.max(endOfContent(text, lastNode), colonOfLast(node as Collection));
  }
  if (isSeq(node) && !isFlow(node as Collection)) {
    const last = node.items.at(-1) as Node | undefined;
    if (last !== undefined)
      return Math.max(endOfContent(text, last), startOfItem(node as Collection, node.items.length - 1) + 1);
  }
  const [start, end] = node.range ?? [0, 0];
  const trimmed = text.slice(start, end).trimEnd().length;
  return start + trimmed;
}

function colonOfLast(node: Collection): number {
  return endOfColon(node, node.items.length - 1) ?? 0;
}
