import { SecretsError } from '../errors.ts';
import { Comment, type Item, TreeList, TreeMap, type Value } from './tree.ts';

/** How INI and dotenv hold the nested metadata in one level (`stores/flatten.go`): `age__list_0__map_enc`. */
const MAP = '__map_';
const LIST = '__list_';

/** The metadata nests five levels; more is nothing that sops wrote. */
const MAX_TOKENS = 32;

/** Every scalar of a nested tree under its flat name, in document order; comments are left out. */
export function flatten(tree: TreeMap, prefix = ''): Item[] {
  const items: Item[] = [];
  flattenMap(tree, prefix, items);
  return items;
}

function flattenMap(map: TreeMap, prefix: string, items: Item[]): void {
  for (const { key, value } of map.items) {
    if (typeof key === 'string') flattenValue(value, prefix + key, items);
  }
}

function flattenValue(value: Value | null, name: string, items: Item[]): void {
  if (value instanceof TreeMap) flattenMap(value, name + MAP, items);
  else if (value instanceof TreeList) {
    const elements = value.elements.flatMap(element => (element instanceof Comment ? [] : [element]));
    elements.forEach((element, index) => {
      flattenValue(element, `${name}${LIST}${index}`, items);
    });
  } else items.push({ key: name, value });
}

interface Node {
  value: Value | null | undefined;
  readonly keys: Map<string, Node>;
  readonly elements: Map<number, Node>;
}

function newNode(): Node {
  return { value: undefined, keys: new Map(), elements: new Map() };
}

/**
 * The nested tree of flat items, in any order; maps come out sorted, as sops sorts them.
 *
 * @throws SecretsError `BAD_METADATA` where names contradict each other or a list has a gap
 */
export function unflatten(items: readonly Item[]): TreeMap {
  const root = newNode();
  for (const { key, value } of items) {
    if (typeof key === 'string') put(root, key, value);
  }
  const tree = build(root);
  return tree instanceof TreeMap ? tree : new TreeMap();
}

function put(root: Node, name: string, value: Value | null): void {
  let node = root;
  for (const token of tokens(name)) {
    node = typeof token === 'string' ? child(node.keys, token) : child(node.elements, token);
  }
  if (node.value !== undefined) throw contradiction();
  node.value = value;
}

function child<K>(children: Map<K, Node>, key: K): Node {
  const known = children.get(key);
  if (known !== undefined) return known;
  const made = newNode();
  children.set(key, made);
  return made;
}

/** Map keys as text, list indexes as numbers; an index that is no number counts as 0. */
function tokens(name: string): (string | number)[] {
  const pieces = name.split(/(__map_|__list_)/, 2 * MAX_TOKENS + 1);
  if (pieces.length > 2 * MAX_TOKENS)
    throw new SecretsError('BAD_METADATA', 'the flattened sops metadata nests too deeply');
  const found: (string | number)[] = [pieces[0] ?? ''];
  for (let i = 1; i < pieces.length; i += 2) {
    const text = pieces[i + 1] ?? '';
    if (pieces[i] === MAP) found.push(text);
    else found.push(/^[+-]?\d{1,9}$/.test(text) ? Number(text) + 0 : 0);
  }
  return found;
}

function build(node: Node): Value | null {
  const kinds =
    Number(node.value !== undefined) + Number(node.keys.size > 0) + Number(node.elements.size > 0);
  if (kinds > 1) throw contradiction();
  if (node.value !== undefined) return node.value;
  if (node.elements.size === 0) {
    const names = Array.from(node.keys.keys()).sort();
    return new TreeMap(names.map(key => ({ key, value: build(child(node.keys, key)) })));
  }
  const indexes = Array.from(node.elements.keys()).sort((a, b) => a - b);
  if (indexes.some((index, at) => index !== at)) {
    throw new SecretsError('BAD_METADATA', 'a list in the flattened sops metadata has a gap');
  }
  return new TreeList(indexes.map(index => build(child(node.elements, index))));
}

function contradiction(): SecretsError {
  return new SecretsError('BAD_METADATA', 'two entries of the flattened sops metadata contradict each other');
}
