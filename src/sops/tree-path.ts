import { SecretsError } from '../errors.ts';
import { checkDepth } from './limits.ts';
import { Comment, type Item, type Scalar, TreeList, TreeMap, type Value } from './tree.ts';

/** A key of a map, or an index of a list. In a list, text of digits is taken for an index too. */
export type PathPart = string | number;

/**
 * Parses the tree path of sops, `["a"]["b"][0]` (`cmd/sops`, parseTreePath): no escapes, so a key cannot hold
 * `[`. Empty text is the whole document.
 *
 * @throws SecretsError `USAGE`
 */
export function parseTreePath(text: string): PathPart[] {
  return text
    .split('[')
    .filter(piece => piece !== '')
    .map(piece => {
      if (!piece.endsWith(']')) throw badPath('each part must end with ]');
      return parsePart(piece.slice(0, -1));
    });
}

function parsePart(part: string): PathPart {
  const quote = part[0];
  if (quote === '"' || quote === "'") {
    if (part.length < 2 || !part.endsWith(quote)) throw badPath('a key lacks its closing quote');
    return part.slice(1, -1);
  }
  if (!/^\d{1,9}$/.test(part)) throw badPath('a part is neither a quoted key nor an index');
  return Number(part);
}

function badPath(why: string): SecretsError {
  return new SecretsError('USAGE', `bad tree path: ${why}`, {
    hint: 'write it like ["kanidm"]["miniflux"] or ["list"][0]',
  });
}

/** The path of a sops-nix `key`: `/` descends into maps, so no key can hold one. */
export function parseKeyPath(key: string): string[] {
  return key.split('/');
}

/** The elements of a list without the comments between them, which no index counts. */
function elementsOf(list: TreeList): (Value | null)[] {
  return list.elements.filter(element => !(element instanceof Comment));
}

/** What stands at a path of the first document; `undefined` where nothing does. Never throws. */
export function getPath(documents: readonly TreeMap[], path: readonly PathPart[]): Value | null | undefined {
  let current: Value | null | undefined = documents[0];
  for (const part of path) {
    if (current instanceof TreeMap) current = itemOf(current, part)?.value;
    else if (current instanceof TreeList) current = elementsOf(current)[indexOf(part) ?? -1];
    else return undefined;
  }
  return current;
}

function itemOf(map: TreeMap, part: PathPart): Item | undefined {
  return typeof part === 'string' ? map.items.find(item => item.key === part) : undefined;
}

function indexOf(part: PathPart): number | null {
  if (typeof part === 'number') return part;
  return /^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : null;
}

/**
 * Puts a value at a path of the first document, in place. Missing maps and lists are made, an index behind
 * the end appends (`sops.go`, set).
 *
 * @throws SecretsError `BAD_VALUE` where the path leads through a scalar, or a name into a list (stock sops
 * throws the scalar away, or panics)
 */
export function setPath(documents: readonly TreeMap[], path: readonly PathPart[], value: Value | null): void {
  const [document] = documents;
  const [first, ...rest] = path;
  if (document === undefined || first === undefined)
    throw new SecretsError('BAD_VALUE', 'a value needs a key to stand under');
  let node: TreeMap | TreeList = document;
  let part = first;
  for (const next of rest) {
    node = descend(node, part, typeof next === 'number' ? new TreeList() : new TreeMap(), path);
    part = next;
  }
  assign(node, part, value, path);
}

function descend(
  node: TreeMap | TreeList,
  part: PathPart,
  made: TreeMap | TreeList,
  path: readonly PathPart[],
): TreeMap | TreeList {
  const present = getPart(node, part);
  if (present instanceof TreeMap || present instanceof TreeList) return present;
  if (present !== undefined && present !== null) throw notHere(path, 'leads through a value that is no map');
  assign(node, part, made, path);
  return made;
}

function getPart(node: TreeMap | TreeList, part: PathPart): Value | null | undefined {
  return node instanceof TreeMap ? itemOf(node, part)?.value : elementsOf(node)[indexOf(part) ?? -1];
}

function assign(
  node: TreeMap | TreeList,
  part: PathPart,
  value: Value | null,
  path: readonly PathPart[],
): void {
  if (node instanceof TreeList) {
    assignElement(node, part, value, path);
  } else {
    if (typeof part === 'number') throw notHere(path, 'has an index where a map is');
    const item = itemOf(node, part);
    if (item === undefined) node.items.push({ key: part, value });
    else item.value = value;
  }
}

function assignElement(list: TreeList, part: PathPart, value: Value | null, path: readonly PathPart[]): void {
  const index = indexOf(part);
  if (index === null) throw notHere(path, 'has a name where a list is');
  const at = positionOf(list, index);
  if (at === null) list.elements.push(value);
  else list.elements[at] = value;
}

/** Where the element with an index stands among the comments. */
function positionOf(list: TreeList, index: number): number | null {
  let seen = -1;
  const at = list.elements.findIndex(element => !(element instanceof Comment) && ++seen === index);
  return at < 0 ? null : at;
}

/** Takes a path out of the first document, in place. False where nothing stands there. */
export function removePath(documents: readonly TreeMap[], path: readonly PathPart[]): boolean {
  const part = path.at(-1);
  const parent = getPath(documents, path.slice(0, -1));
  if (part === undefined) return false;
  if (parent instanceof TreeMap)
    return removeAt(
      parent.items,
      parent.items.findIndex(item => item.key === part),
    );
  if (!(parent instanceof TreeList)) return false;
  const index = indexOf(part);
  return removeAt(parent.elements, index === null ? -1 : (positionOf(parent, index) ?? -1));
}

function removeAt(array: unknown[], at: number): boolean {
  if (at < 0) return false;
  array.splice(at, 1);
  return true;
}

function notHere(path: readonly PathPart[], why: string): SecretsError {
  return new SecretsError('BAD_VALUE', `the path ${path.join('/')} ${why}`);
}

/** A scalar or null with its path; in a list the index, as text, is the last part. */
export interface Leaf {
  readonly path: string[];
  readonly value: Scalar | null;
}

/** Every leaf of a document in order, comments left out. Needs no key: values may be encrypted. */
export function* leaves(document: TreeMap): Generator<Leaf> {
  yield* below(document, []);
}

function* below(value: Value | null, path: readonly string[]): Generator<Leaf> {
  checkDepth(path.length);
  if (value instanceof TreeMap) {
    for (const { key, value: child } of value.items) {
      if (typeof key === 'string') yield* below(child, [...path, key]);
    }
  } else if (value instanceof TreeList) {
    for (const [index, element] of elementsOf(value).entries())
      yield* below(element, [...path, String(index)]);
  } else {
    yield { path: [...path], value };
  }
}
