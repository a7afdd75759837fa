import { checkDepth } from '../../limits.ts';
import { Comment, type Item, TreeList, TreeMap, type Value } from '../../tree.ts';
import { AliasBudget } from './alias-budget.ts';
import { checkMap } from './check-map.ts';
import { badDocument } from './failure.ts';
import type { CollectionNode, DocumentNode, ScalarNode, YamlNode } from './nodes.ts';
import { isNull, resolveScalar } from './resolve.ts';

/** Makes the trees of sops from nodes (`stores/yaml/store.go`): comments become items, aliases are expanded. */
export class TreeBuilder {
  readonly #budget = new AliasBudget();
  #strict = true;
  #depth = 0;

  /**
   * @param strict - true for the first document, in which sops checks keys
   * @throws SecretsError `BAD_DOCUMENT`
   */
  document({ root, head, foot }: DocumentNode, strict: boolean): TreeMap {
    this.#strict = strict;
    this.#depth = 0;
    const items: Item[] = [];
    addComments(items, head);
    this.#root(root, items);
    addComments(items, foot);
    return new TreeMap(items);
  }

  #root(node: YamlNode, items: Item[]): void {
    this.#budget.count();
    if (node.kind === 'list' || (node.kind === 'scalar' && !isNull(node)))
      throw badDocument('a document must be a map of keys and values', node.start);
    addComments(items, node.head);
    addComments(items, node.line);
    if (node.kind === 'scalar') {
      resolveScalar(node);
      return;
    }
    if (node.kind === 'alias') this.#budget.expand(node, target => this.#root(target, items));
    else this.#entries(node, items);
    addComments(items, node.foot);
  }

  #entries(map: CollectionNode, items: Item[]): void {
    this.#depth += 1;
    checkDepth(this.#depth);
    if (this.#strict) checkMap(map);
    for (let i = 0; i + 1 < map.children.length; i += 2) {
      const key = map.children[i];
      const value = map.children[i + 1];
      if (key !== undefined && value !== undefined) this.#entry(key, value, items);
    }
    this.#depth -= 1;
  }

  #entry(key: YamlNode, value: YamlNode, items: Item[]): void {
    const isCollection = value.kind === 'map' || value.kind === 'list';
    addComments(items, key.head);
    addComments(items, key.line);
    if (!isCollection) {
      addComments(items, value.head);
      addComments(items, value.line, true);
    }
    items.push({ key: this.#key(key), value: this.#value(value, !isCollection) });
    if (!isCollection) addComments(items, value.foot);
    addComments(items, key.foot);
  }

  #key(node: YamlNode): string {
    this.#budget.count();
    const scalar = node.kind === 'alias' ? node.target : node;
    const text = scalar.kind === 'scalar' ? resolveKey(scalar, node) : null;
    if (typeof text === 'string') return text;
    throw badDocument(
      'tree contains a non-string key',
      node.start,
      'only string keys are supported: quote it',
    );
  }

  /** @param handled - true where the comments of the node itself are placed already */
  #value(node: YamlNode, handled: boolean): Value | null {
    this.#budget.count();
    switch (node.kind) {
      case 'scalar':
        return resolveScalar(node);
      case 'alias':
        return this.#budget.expand(node, target => this.#value(target, false));
      case 'map':
        return this.#map(node, handled);
      case 'list':
        return this.#list(node, handled);
    }
  }

  #map(node: CollectionNode, handled: boolean): TreeMap {
    const items: Item[] = [];
    if (!handled) addComments(items, node.head);
    if (!handled) addComments(items, node.line);
    this.#entries(node, items);
    if (!handled) addComments(items, node.foot);
    return new TreeMap(items);
  }

  #list(node: CollectionNode, handled: boolean): TreeList {
    this.#depth += 1;
    checkDepth(this.#depth);
    const elements: (Value | Comment | null)[] = [];
    const add = (text: string, inline = false) => {
      for (const comment of commentsOf(text, inline)) elements.push(comment);
    };
    if (!handled) add(node.head);
    if (!handled) add(node.line);
    for (const child of node.children) {
      add(child.head);
      add(child.line, true);
      elements.push(this.#value(child, true));
      add(child.foot);
    }
    if (!handled) add(node.foot);
    this.#depth -= 1;
    return new TreeList(elements);
  }
}

/** A key beyond the range of integers is no string either. */
function resolveKey(scalar: ScalarNode, place: YamlNode): Value | null {
  const value = resolveScalar(scalar);
  if (value instanceof Uint8Array) throw badDocument('a key is not valid UTF-8', place.start);
  return value;
}

/** One comment for each line that is not empty, without its first character. */
function commentsOf(text: string, inline = false): Comment[] {
  if (text === '') return [];
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => new Comment(line.slice(1), inline));
}

function addComments(items: Item[], text: string, inline = false): void {
  for (const key of commentsOf(text, inline)) items.push({ key, value: null });
}
