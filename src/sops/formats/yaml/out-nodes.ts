import { upperG } from '../../numbers.ts';
import { Comment, Float, type Scalar, Time, TreeList, TreeMap, type Value } from '../../tree.ts';
import { styleOfString, type WrittenStyle } from './string-style.ts';

/** What is to be written, comments attached. Comments have a `#` before every line of the tree. */
interface OutComments {
  head: string;
  line: string;
  foot: string;
}

export interface OutScalar extends OutComments {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: WrittenStyle;
  /** `!!binary`, `!!merge`, or `''`. */
  readonly tag: string;
}

export interface OutMap extends OutComments {
  readonly kind: 'map';
  readonly entries: { readonly key: OutScalar; readonly value: OutNode }[];
}

export interface OutList extends OutComments {
  readonly kind: 'list';
  readonly items: OutNode[];
}

export type OutNode = OutScalar | OutMap | OutList;

/** How a float that is -0 is written. Go's `-0` reads back as an integer. */
export type NegativeZero = '-0' | '-0.0';

const BASE64_LINE = 70;

/** Attaches the comments of a tree to its keys and values as sops does (`store.go`, appendTreeBranch). */
export class NodeBuilder {
  readonly #negativeZero: NegativeZero;
  readonly #first: boolean;

  /** @param first - true for the first document, in which sops refuses to read `<<` with a value that is no map */
  constructor(negativeZero: NegativeZero, first: boolean) {
    this.#negativeZero = negativeZero;
    this.#first = first;
  }

  node(value: Value | null): OutNode {
    if (value instanceof TreeMap) return this.map(value);
    return value instanceof TreeList ? this.#list(value) : this.#scalar(value);
  }

  map(tree: TreeMap): OutMap {
    const map: OutMap = { kind: 'map', entries: [], ...noComments() };
    const waiting = new WaitingComments();
    for (const { key, value } of tree.items) {
      if (key instanceof Comment) {
        waiting.add(key);
        continue;
      }
      if (map.entries.length === 0) waiting.putHead(map);
      const entry = { key: this.#key(key, value), value: this.node(value) };
      waiting.putHead(entry.key);
      waiting.putLine(entry.value);
      map.entries.push(entry);
    }
    waiting.putRest(map, map.entries.at(-1)?.key);
    return map;
  }

  #key(key: string, value: Value | null): OutScalar {
    const scalar = this.#scalar(key);
    if (key !== '<<' || !this.#first || isMergeable(value)) return scalar;
    return { ...scalar, style: 'double', tag: '' };
  }

  #list(tree: TreeList): OutList {
    const list: OutList = { kind: 'list', items: [], ...noComments() };
    const waiting = new WaitingComments();
    for (const element of tree.elements) {
      if (element instanceof Comment) {
        waiting.add(element);
        continue;
      }
      if (list.items.length === 0) waiting.putHead(list);
      const item = this.node(element);
      waiting.putHead(item);
      waiting.putLine(item);
      list.items.push(item);
    }
    waiting.putRest(list, list.items.at(-1));
    return list;
  }

  #scalar(value: Scalar | null): OutScalar {
    const comments = noComments();
    if (typeof value === 'string') {
      const tag = value === '<<' ? '!!merge' : '';
      return { kind: 'scalar', text: value, style: styleOfString(value), tag, ...comments };
    }
    if (value instanceof Uint8Array) {
      const text = wrappedBase64(value);
      const style = text.includes('\n') ? 'literal' : 'plain';
      return { kind: 'scalar', text, style, tag: '!!binary', ...comments };
    }
    return { kind: 'scalar', text: this.#plainText(value), style: 'plain', tag: '', ...comments };
  }

  #plainText(value: Exclude<Scalar, string | Uint8Array> | null): string {
    if (value === null) return 'null';
    if (value instanceof Time) return value.text;
    return value instanceof Float ? this.#float(value.value) : String(value);
  }

  /** Go's `%g` with the names that YAML has for what is no number. */
  #float(value: number): string {
    if (Number.isNaN(value)) return '.nan';
    if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
    if (Object.is(value, -0)) return this.#negativeZero;
    return upperG(value).replace(/\.0$/, '').replace('E', 'e');
  }
}

/** Comments that were met and wait for the key or value that follows. */
class WaitingComments {
  #heads: string[] = [];
  #lines: string[] = [];

  add(comment: Comment): void {
    (comment.inline ? this.#lines : this.#heads).push(comment.text);
  }

  putHead(node: OutComments): void {
    if (this.#heads.length === 0) return;
    const text = hashed(this.#heads);
    node.head = node.head === '' ? text : `${text}\n${node.head}`;
    this.#heads = [];
  }

  putLine(node: OutComments): void {
    if (this.#lines.length === 0) return;
    const text = hashed(this.#lines);
    node.line = node.line === '' ? text : `${node.line}\n${text}`;
    this.#lines = [];
  }

  /** What is left at the end: below the last entry, or in an otherwise empty collection. */
  putRest(collection: OutComments, last: OutComments | undefined): void {
    // No spread into `push`: a hostile file holds more comments than a call takes arguments.
    this.#heads = this.#heads.concat(this.#lines);
    if (last === undefined) this.putHead(collection);
    if (last === undefined || this.#heads.length === 0) return;
    const text = hashed(this.#heads);
    last.foot = last.foot === '' ? text : `${last.foot}\n${text}`;
  }
}

/** True for what may stand behind the key `<<`: a map or a list of maps. */
function isMergeable(value: Value | null): boolean {
  if (!(value instanceof TreeList)) return value instanceof TreeMap;
  return value.elements.every(element => element instanceof TreeMap || element instanceof Comment);
}

function noComments(): OutComments {
  return { head: '', line: '', foot: '' };
}

function hashed(lines: readonly string[]): string {
  return `#${lines.join('\n#')}`;
}

function wrappedBase64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64');
  if (text.length < BASE64_LINE) return text;
  return text.replace(new RegExp(`.{1,${BASE64_LINE}}`, 'g'), line => `${line}\n`);
}
