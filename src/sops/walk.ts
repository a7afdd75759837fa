import { checkDepth } from './limits.ts';
import type { SelectionRule } from './selection.ts';
import { Comment, type Item, isScalar, type Scalar, TreeList, TreeMap, type Value } from './tree.ts';
import { aadOf } from './value.ts';

/** One scalar or comment of a document, as the walk meets it. */
export interface LeafPlace {
  /** The keys from the root down; list indexes are not part of it. A comment has the path of its map or list. */
  readonly path: readonly string[];
  readonly aad: string;
  /** True where the selection wants it encrypted. */
  readonly selected: boolean;
  readonly where: 'value' | 'element' | 'comment';
}

/** Gives the leaf that takes the place of another; `undefined` drops it (from a list only). */
export type LeafMapper = (leaf: Scalar | Comment, place: LeafPlace) => Scalar | Comment | undefined;

/**
 * A copy of a document in which every leaf was mapped, depth first in document order, which is the order of
 * the MAC. Nulls, empty maps and empty lists stay (`sops.go`, walkBranch and shouldBeEncrypted).
 *
 * @throws SecretsError `BAD_DOCUMENT` where it nests too deeply
 */
export function mapLeaves(document: TreeMap, rule: SelectionRule, map: LeafMapper): TreeMap {
  return new Walk(rule, map).map(document, [], false);
}

class Walk {
  readonly #rule: SelectionRule;
  readonly #map: LeafMapper;
  #depth = 0;

  constructor(rule: SelectionRule, map: LeafMapper) {
    this.#rule = rule;
    this.#map = map;
  }

  /**
   * @param hit - the rule hit a key above, or a comment that is active above
   */
  map(map: TreeMap, path: readonly string[], hit: boolean): TreeMap {
    checkDepth(++this.#depth);
    const items: Item[] = [];
    let active = false;
    for (const { key, value } of map.items) {
      if (key instanceof Comment) {
        const own = this.#commentHits(key);
        items.push({ key: this.#comment(key, path, this.#judge(hit || active, own)), value: null });
        active ||= own;
      } else {
        const below = hit || active || this.#keyHits(key);
        items.push({ key, value: this.#value(value, [...path, key], below, 'value') });
        active = false;
      }
    }
    this.#depth--;
    return new TreeMap(items);
  }

  #list(list: TreeList, path: readonly string[], hit: boolean): TreeList {
    checkDepth(++this.#depth);
    const elements: (Value | Comment | null)[] = [];
    let active = false;
    for (const element of list.elements) {
      const own = element instanceof Comment && this.#commentHits(element);
      const mapped = this.#element(element, path, this.#judge(hit || active, own));
      if (mapped !== undefined) elements.push(mapped);
      // A string that decrypts to a comment is one, or the comments above it would end here (sops bug 2281).
      if (element instanceof Comment || mapped instanceof Comment) active ||= own;
      else active = false;
    }
    this.#depth--;
    return new TreeList(elements);
  }

  #element(
    element: Value | Comment | null,
    path: readonly string[],
    hit: boolean,
  ): Value | Comment | null | undefined {
    if (element instanceof Comment || (element !== null && isScalar(element))) {
      return this.#map(element, this.#place(path, hit, 'element'));
    }
    return this.#value(element, path, hit, 'element');
  }

  #value(
    value: Value | null,
    path: readonly string[],
    hit: boolean,
    where: 'value' | 'element',
  ): Value | null {
    if (value === null) return null;
    if (value instanceof TreeMap) return this.map(value, path, hit);
    if (value instanceof TreeList) return this.#list(value, path, hit);
    const mapped = this.#map(value, this.#place(path, hit, where));
    if (mapped === undefined || mapped instanceof Comment)
      throw new TypeError('a value was mapped to no value');
    return mapped;
  }

  #comment(comment: Comment, path: readonly string[], hit: boolean): Comment {
    const mapped = this.#map(comment, this.#place(path, hit, 'comment'));
    if (!(mapped instanceof Comment)) throw new TypeError('a comment was mapped to no comment');
    return mapped;
  }

  #place(path: readonly string[], hit: boolean, where: LeafPlace['where']): LeafPlace {
    return { path, aad: aadOf(path), selected: hit === this.#rule.encryptsHits, where };
  }

  /** A comment that the rule hits counts for itself where hits stay in clear, and not where they are encrypted. */
  #judge(hit: boolean, own: boolean): boolean {
    return hit || (own && !this.#rule.encryptsHits);
  }

  #commentHits(comment: Comment): boolean {
    return this.#rule.onComments && this.#rule.hits(comment.text);
  }

  #keyHits(key: string): boolean {
    return !this.#rule.onComments && this.#rule.hits(key);
  }
}
