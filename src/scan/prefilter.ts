import { Buffer } from 'node:buffer';

/** Four characters of five bits each choose one of these many places. */
const BITS = 5;
const WINDOW = 4;
const MASK = (1 << (BITS * WINDOW)) - 1;
const SHORTEST = 3;
/** A power of two, several times the number of keywords. */
const BUCKETS = 1 << 13;
const NONE = 0;

/** Small letters have a class each, digits two, signs the rest. */
const CLASS = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x30 && code <= 0x39) return code < 0x35 ? 26 : 27;
  if (code === 0x5f || code === 0x2d) return 28;
  return code === 0x20 || code === 0x0a ? 29 : 30 + (code & 1);
});

interface Entry {
  readonly keyword: string;
  /** Where its characters begin among those of all keywords. */
  readonly from: number;
  /** The lists (by number) that asked for it. */
  readonly owners: number[];
  /** The number of the next entry of the bucket, {@link NONE} behind the last. */
  readonly next: number;
}

/**
 * Finds every place of many keywords in one pass: every four characters are looked up in a table of bits, and only
 * where it says "perhaps" are keywords compared. The table is small enough for a processor's cache.
 */
export class KeywordIndex {
  readonly #count: number;
  readonly #bits = new Uint32Array((MASK + 1) / 32);
  /** Numbers of entries, by a hash of the first three characters. */
  readonly #heads = new Uint16Array(BUCKETS);
  readonly #entries: (Entry | null)[] = [null];
  readonly #letters: Uint8Array;
  #candidates = new Uint32Array(1 << 12);

  /**
   * @param lists of keywords in lower case, each of three characters or more
   * @throws RangeError for a shorter one
   */
  constructor(lists: readonly (readonly string[])[]) {
    this.#count = lists.length;
    const owners = new Map<string, number[]>();
    lists.forEach((keywords, owner) => {
      for (const keyword of keywords) {
        if (keyword.length < SHORTEST) throw new RangeError(`the keyword ${keyword} is too short`);
        const present = owners.get(keyword);
        if (present === undefined) owners.set(keyword, [owner]);
        else if (present[present.length - 1] !== owner) present.push(owner);
      }
    });
    this.#letters = new Uint8Array([...owners.keys()].reduce((sum, { length }) => sum + length, 0));
    let from = 0;
    for (const [keyword, each] of owners) {
      this.#add(keyword, each, from);
      from += keyword.length;
    }
  }

  #add(keyword: string, owners: number[], from: number): void {
    for (let i = 0; i < keyword.length; i += 1) this.#letters[from + i] = keyword.charCodeAt(i);
    const place = placeOf(keyword);
    // Behind a keyword of three characters anything may stand.
    const last = keyword.length >= WINDOW ? place : place | ((1 << BITS) - 1);
    for (let each = place; each <= last; each += 1) {
      this.#bits[each >>> 5] = (this.#bits[each >>> 5] ?? 0) | (1 << (each & 31));
    }
    const bucket = bucketOf(keyword.charCodeAt(0), keyword.charCodeAt(1), keyword.charCodeAt(2));
    this.#entries.push({ keyword, from, owners, next: this.#heads[bucket] ?? NONE });
    this.#heads[bucket] = this.#entries.length - 1;
  }

  /** @returns for every list the rising places of its keywords; `undefined` where there is none */
  search(lower: string): (readonly number[] | undefined)[] {
    const found: (number[] | undefined)[] = new Array(this.#count).fill(undefined);
    const codes = Buffer.allocUnsafe(lower.length + WINDOW);
    // Beyond Latin-1 a character loses its high bits here: what seems to be found is compared in the text itself.
    codes.write(lower, 'latin1');
    codes.fill(0, lower.length);
    if (this.#candidates.length < codes.length) this.#candidates = new Uint32Array(codes.length * 2);
    const count = candidatesIn(codes, this.#bits, this.#candidates);
    for (let i = 0; i < count; i += 1) this.#compare(lower, codes, this.#candidates[i] ?? 0, found);
    return found;
  }

  #compare(lower: string, codes: Uint8Array, at: number, found: (number[] | undefined)[]): void {
    let number = this.#heads[bucketOf(codes[at] ?? 0, codes[at + 1] ?? 0, codes[at + 2] ?? 0)] ?? NONE;
    while (number !== NONE) {
      const entry = this.#entries[number];
      if (entry === null || entry === undefined) return;
      number = entry.next;
      if (!this.#standsAt(codes, at, entry) || !lower.startsWith(entry.keyword, at)) continue;
      for (const owner of entry.owners) {
        const places = found[owner];
        if (places === undefined) found[owner] = [at];
        else if (places[places.length - 1] !== at) places.push(at);
      }
    }
  }

  /** Cheaper than asking the text, which has to be sure only of what is left. */
  #standsAt(codes: Uint8Array, at: number, { keyword, from }: Entry): boolean {
    if (at + keyword.length > codes.length) return false;
    for (let i = 0; i < keyword.length; i += 1) if (codes[at + i] !== this.#letters[from + i]) return false;
    return true;
  }
}

/** Writes down every place where four characters may be the beginning of a keyword. */
function candidatesIn(codes: Uint8Array, bits: Uint32Array, candidates: Uint32Array): number {
  let count = 0;
  let place = 0;
  // One step further than the text, for a short keyword at its end.
  const end = codes.length - WINDOW + 1;
  for (let at = 0; at < end; at += 1) {
    place = ((place << BITS) | (CLASS[codes[at] ?? 0] ?? 0)) & MASK;
    if ((((bits[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 0) continue;
    candidates[count] = at - SHORTEST;
    if (at >= SHORTEST) count += 1;
  }
  return count;
}

/** Of the first three characters. */
function bucketOf(first: number, second: number, third: number): number {
  return Math.imul((first << 16) | (second << 8) | third, 0x9e3779b1) >>> 19;
}

/** Of the first four characters, or of three with nothing for the fourth. */
function placeOf(keyword: string): number {
  let place = 0;
  for (let i = 0; i < WINDOW; i += 1) {
    place = (place << BITS) | (i < keyword.length ? (CLASS[keyword.charCodeAt(i) & 0xff] ?? 0) : 0);
  }
  return place;
}
