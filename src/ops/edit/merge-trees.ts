import { Comment, Float, type Item, Time, TreeList, TreeMap, type Value } from '../../sops/tree.ts';

/** What became of two changed copies of one document. */
export interface Merged {
  /** Both changes; where they are at odds, mine. */
  readonly documents: TreeMap[];
  /** Keys that both changed, in different ways; `/` joins the parts. Empty: they go together. */
  readonly conflicts: readonly string[];
}

type Entry = Value | null | undefined;

/** Says which side wins a conflict, by the name of the key; `null`: nobody said so, and it stays one. */
export type Decide = (name: string) => 'mine' | 'theirs' | null;

/** What is at odds so far, and who decides. */
class Conflicts {
  readonly names: string[] = [];
  /** In front of each name, where there are several documents. */
  document = '';
  readonly #decide: Decide;

  constructor(decide: Decide) {
    this.#decide = decide;
  }

  /** The side that wins; where nobody says so it is mine, and the conflict is kept. */
  settle(name: string): 'mine' | 'theirs' {
    const decision = this.#decide(this.document + name);
    if (decision === null) this.names.push(this.document + name);
    return decision ?? 'mine';
  }
}

/**
 * Brings two changes of the same documents together, key by key. Lists and values count as a whole, and so does a map
 * that has a key twice. The order of the keys and the comments are those of the side that changed them.
 *
 * @param base what both began with
 * @param decide asked for each conflict, with its name as it would be in `conflicts`
 */
export function mergeTrees(
  base: readonly TreeMap[],
  mine: readonly TreeMap[],
  theirs: readonly TreeMap[],
  decide: Decide = () => null,
): Merged {
  const found = new Conflicts(decide);
  const conflicts = found.names;
  if (mine.length !== theirs.length || base.length !== mine.length) {
    if (sameDocuments(mine, base)) return { documents: [...theirs], conflicts };
    if (sameDocuments(theirs, base) || sameDocuments(mine, theirs))
      return { documents: [...mine], conflicts };
    const winner = found.settle('the number of documents');
    return { documents: [...(winner === 'mine' ? mine : theirs)], conflicts };
  }
  const documents = mine.map((document, index) => {
    found.document = mine.length === 1 ? '' : `document ${index + 1}: `;
    return asMap(mergeEntry(base[index], document, theirs[index], [], found), document);
  });
  return { documents, conflicts };
}

function asMap(entry: Entry, otherwise: TreeMap): TreeMap {
  return entry instanceof TreeMap ? entry : otherwise;
}

function mergeEntry(
  base: Entry,
  mine: Entry,
  theirs: Entry,
  path: readonly string[],
  conflicts: Conflicts,
): Entry {
  if (sameEntry(mine, theirs) || sameEntry(theirs, base)) return mine;
  if (sameEntry(mine, base)) return theirs;
  if (mine instanceof TreeMap && theirs instanceof TreeMap) {
    const common = base instanceof TreeMap ? base : new TreeMap();
    if ([common, mine, theirs].every(hasDistinctKeys))
      return mergeMaps(common, mine, theirs, path, conflicts);
  }
  return conflicts.settle(path.join('/') || 'the whole file') === 'mine' ? mine : theirs;
}

function mergeMaps(
  base: TreeMap,
  mine: TreeMap,
  theirs: TreeMap,
  path: readonly string[],
  conflicts: Conflicts,
): TreeMap {
  const values = [base, mine, theirs].map(valuesOf);
  const [inBase, inMine, inTheirs] = values;
  const merged = new Map<string, Value | null>();
  for (const key of new Set(values.flatMap(map => [...map.keys()]))) {
    const entry = mergeEntry(
      inBase?.get(key),
      inMine?.get(key),
      inTheirs?.get(key),
      [...path, key],
      conflicts,
    );
    if (entry !== undefined) merged.set(key, entry);
  }
  return new TreeMap(layOut(skeleton(base, mine, theirs, path, conflicts), mine, theirs, merged));
}

/** Whose order and comments the result has. */
function skeleton(
  base: TreeMap,
  mine: TreeMap,
  theirs: TreeMap,
  path: readonly string[],
  conflicts: Conflicts,
): TreeMap {
  if (sameLayout(theirs, base)) return mine;
  if (sameLayout(mine, base)) return theirs;
  const [was, wanted, is] = [base, mine, theirs].map(map => JSON.stringify(commentsOf(map)));
  if (wanted === was) return theirs;
  if (is === was || is === wanted) return mine;
  const place = path.length === 0 ? 'at the top' : `in ${path.join('/')}`;
  return conflicts.settle(`the comments ${place}`) === 'mine' ? mine : theirs;
}

/** The merged values in the order of the skeleton; what only the other side has goes behind its neighbour there. */
function layOut(
  frame: TreeMap,
  mine: TreeMap,
  theirs: TreeMap,
  merged: ReadonlyMap<string, Value | null>,
): Item[] {
  const other = frame === mine ? theirs : mine;
  const placed = new Set(frame.items.flatMap(({ key }) => (typeof key === 'string' ? [key] : [])));
  const following = new Map<string | null, Item[]>();
  let neighbour: string | null = null;
  for (const { key } of other.items) {
    if (typeof key !== 'string') continue;
    if (placed.has(key)) neighbour = key;
    else if (merged.has(key)) {
      const behind = following.get(neighbour) ?? [];
      behind.push({ key, value: merged.get(key) ?? null });
      following.set(neighbour, behind);
    }
  }
  const items: Item[] = [...(following.get(null) ?? [])];
  for (const { key, value } of frame.items) {
    if (typeof key !== 'string') items.push({ key, value });
    else {
      if (merged.has(key)) items.push({ key, value: merged.get(key) ?? null });
      items.push(...(following.get(key) ?? []));
    }
  }
  return items;
}

function valuesOf(map: TreeMap): Map<string, Value | null> {
  return new Map(
    map.items.flatMap(({ key, value }) => (typeof key === 'string' ? [[key, value] as const] : [])),
  );
}

function hasDistinctKeys(map: TreeMap): boolean {
  return valuesOf(map).size === map.items.filter(({ key }) => typeof key === 'string').length;
}

function sameLayout(a: TreeMap, b: TreeMap): boolean {
  const text = (map: TreeMap) =>
    JSON.stringify(map.items.map(({ key }) => (typeof key === 'string' ? key : [key.text])));
  return text(a) === text(b);
}

function commentsOf(map: TreeMap): string[] {
  return map.items.flatMap(({ key }) => (typeof key === 'string' ? [] : [key.text]));
}

/** True where two lists of documents hold the same, comments and order included. */
export function sameDocuments(a: readonly TreeMap[], b: readonly TreeMap[]): boolean {
  return a.length === b.length && a.every((document, index) => sameEntry(document, b[index]));
}

/** True where two values are the same, comments and order included. */
export function sameEntry(a: Entry | Comment, b: Entry | Comment): boolean {
  if (a === b) return true;
  if (a instanceof TreeMap && b instanceof TreeMap) {
    return (
      a.items.length === b.items.length &&
      a.items.every((item, index) => {
        const other = b.items[index];
        return other !== undefined && sameKey(item.key, other.key) && sameEntry(item.value, other.value);
      })
    );
  }
  if (a instanceof TreeList && b instanceof TreeList) {
    return (
      a.elements.length === b.elements.length &&
      a.elements.every((element, index) => sameEntry(element, b.elements[index]))
    );
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (a instanceof Float && b instanceof Float) return Object.is(a.value, b.value);
  if (a instanceof Time && b instanceof Time) return a.text === b.text;
  return a instanceof Comment && b instanceof Comment && a.text === b.text && a.inline === b.inline;
}

function sameKey(a: string | Comment, b: string | Comment): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : sameEntry(a, b);
}
