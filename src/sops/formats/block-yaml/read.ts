import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { SecretsError } from '../../../errors.ts';
import { checkDepth } from '../../limits.ts';
import { Comment, type Item, TreeList, TreeMap, type Value } from '../../tree.ts';
import { resolvePlain } from './resolve.ts';

/** Aliases are expanded as sops does; this bounds what a bomb of them can make of a small file. */
const MAX_NODES = 1_000_000;

/**
 * Reads all documents of a YAML text into trees, comments as items.
 *
 * @throws SecretsError `BAD_DOCUMENT` with line and column; never with text of the document
 */
export function readDocuments(bytes: Uint8Array): TreeMap[] {
  const text = decode(bytes);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
    lineCounter: lines,
    keepSourceTokens: false,
  });
  if (!Array.isArray(documents) || documents.length === 0) throw bad('the file is empty');
  return documents.map((document, index) => new Reader(document, lines, index === 0).read());
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw bad('the file is not valid UTF-8');
  }
}

function bad(message: string, place: { line?: number; column?: number } = {}): SecretsError {
  return new SecretsError('BAD_DOCUMENT', message, place);
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #first: boolean;
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter, first: boolean) {
    this.#document = document;
    this.#lines = lines;
    this.#first = first;
  }

  read(): TreeMap {
    const [error] = this.#document.errors;
    if (error !== undefined) {
      const [start] = error.linePos ?? [];
      throw bad('the YAML does not parse', {
        ...(start === undefined ? {} : { line: start.line, column: start.col }),
      });
    }
    const { contents } = this.#document;
    const head = comments(this.#document.commentBefore);
    const foot = comments(this.#document.comment);
    if (contents === null || (isScalar(contents) && resolvePlain(contents.source ?? '') === null)) {
      return new TreeMap([...head, ...foot].map(asItem));
    }
    if (!isMap(contents)) throw this.#at(contents, 'the top level of a document must be a map');
    const map = this.#map(contents, 0);
    return new TreeMap([...head.map(asItem), ...map.items, ...foot.map(asItem)]);
  }

  #map(node: YAMLMap, depth: number): TreeMap {
    this.#count(node, depth);
    const items: Item[] = comments(node.commentBefore).map(asItem);
    const seen = new Set<string>();
    for (const pair of node.items) {
      const key = this.#key(pair, node);
      if (this.#first && seen.has(key)) throw this.#at(pair.key as Node, 'a map has the same key twice');
      seen.add(key);
      items.push(...this.#item(key, pair as Pair<Node, Node | null>, depth));
    }
    return new TreeMap([...items, ...comments(node.comment).map(asItem)]);
  }

  #item(key: string, pair: Pair<Node, Node | null>, depth: number): Item[] {
    const before = [...comments(pair.key.commentBefore), ...comments(pair.key.comment)];
    const { value } = pair;
    const lines = isMap(value) || isSeq(value) || value === null ? [] : inline(value);
    const head = value === null || isMap(value) || isSeq(value) ? [] : comments(value.commentBefore);
    const tree = value === null ? null : this.#value(value, depth + 1);
    return [...before, ...head, ...lines].map(asItem).concat({ key, value: tree });
  }

  #list(node: YAMLSeq, depth: number): TreeList {
    this.#count(node, depth);
    const elements: TreeList['elements'] = [...comments(node.commentBefore)];
    for (const element of node.items as Node[]) {
      const plain = !isMap(element) && !isSeq(element);
      if (plain) elements.push(...comments(element.commentBefore), ...inline(element));
      elements.push(this.#value(element, depth + 1));
    }
    return new TreeList([...elements, ...comments(node.comment)]);
  }

  #value(node: Node, depth: number): Value | null {
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    if (isAlias(node)) return this.#alias(node, depth);
    if (isScalar(node)) return this.#scalar(node, depth);
    throw bad('the YAML does not parse');
  }

  #alias(node: Alias, depth: number): Value | null {
    const target = node.resolve(this.#document);
    if (target === undefined) throw this.#at(node, 'an alias names no anchor');
    return this.#value(target as Node, depth + 1);
  }

  #scalar(node: Scalar, depth: number): Value | null {
    this.#count(node, depth);
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (node.tag === 'tag:yaml.org,2002:binary' || node.tag === '!!binary') return binary(text);
    if (node.type !== 'PLAIN' || node.tag === 'tag:yaml.org,2002:str' || node.tag === '!!str') return text;
    try {
      return resolvePlain(text);
    } catch (error) {
      throw error instanceof SecretsError ? this.#at(node, error.message) : error;
    }
  }

  #key(pair: Pair, map: YAMLMap): string {
    const key = isAlias(pair.key) ? pair.key.resolve(this.#document) : pair.key;
    if (!isScalar(key)) throw this.#at(map, 'a map has a key that is no text');
    const text = typeof key.value === 'string' ? key.value : (key.source ?? '');
    if (key.type === 'PLAIN' && key.tag === undefined && resolvePlain(text) !== text) {
      throw this.#at(key, 'a map has a key that is no text (sops supports only string keys)');
    }
    return text;
  }

  #count(node: Node, depth: number): void {
    checkDepth(depth);
    this.#nodes++;
    if (this.#nodes > MAX_NODES)
      throw this.#at(node, 'the document is too large once its aliases are expanded');
  }

  #at(node: Node, message: string): SecretsError {
    const offset = node.range?.[0];
    if (offset === undefined) return bad(message);
    const { line, col } = this.#lines.linePos(offset);
    return bad(message, { line, column: col });
  }
}

function comments(text: string | null | undefined): Comment[] {
  if (text === null || text === undefined) return [];
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => new Comment(line));
}

function inline(node: Node): Comment[] {
  const [first, ...others] = comments(node.comment);
  return first === undefined ? [] : [new Comment(first.text, true), ...others];
}

function asItem(comment: Comment): Item {
  return { key: comment, value: null };
}

function binary(text: string): string | Uint8Array {
  const bytes = Buffer.from(text.replace(/\s/g, ''), 'base64');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : new Uint8Array(bytes);
}
