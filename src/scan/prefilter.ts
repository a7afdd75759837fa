import { Buffer } from 'node:buffer';

/** Four characters of five bits each choose one of these many places. */
const BITS = 5;
const WINDOW = 4;
const MASK = (1 << (BITS * WINDOW)) - 1;
const SHORTEST = 3;

/** Small letters have a class each, digits two, signs the rest. */
const CLASS = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x30 && code <= 0x39) return code < 0x35 ? 26 : 27;
  if (code === 0x5f || code === 0x2d) return 28;
  return code === 0x20 || code === 0x0a ? 29 : 30 + (code & 1);
});

interface Entry {
  readonly keyword: string;
  /** The lists (by number) that asked for it. */
  readonly owners: number[];
}

/**
 * Finds every place of many keywords in one pass: every four characters are looked up in a table of bits, and only
 * where it says "perhaps" are keywords compared. The table is small enough for a processor's cache.
 */
export class KeywordIndex {
  readonly #count: number;
  readonly #bits = new Uint32Array((MASK + 1) / 32);
  /** By their first four characters, and by all three of those that have no more. */
  readonly #long = new Map<number, Entry[]>();
  readonly #short = new Map<number, Entry[]>();

  /**
   * @param lists of keywords in lower case, each of three characters or more
   * @throws RangeError for a shorter one
   */
  constructor(lists: readonly (readonly string[])[]) {
    this.#count = lists.length;
    const entries = new Map<string, Entry>();
    lists.forEach((keywords, owner) => {
      for (const keyword of new Set(keywords)) {
        if (keyword.length < SHORTEST) throw new RangeError(`the keyword ${keyword} is too short`);
        const entry = entries.get(keyword) ?? { keyword, owners: [] };
        entry.owners.push(owner);
        entries.set(keyword, entry);
      }
    });
    for (const entry of entries.values()) this.#add(entry);
  }

  #add(entry: Entry): void {
    const { keyword } = entry;
    const place = placeOf(keyword);
    // Behind a keyword of three characters anything may stand.
    const places = keyword.length >= WINDOW ? [place] : Array.from({ length: 32 }, (_, last) => place | last);
    for (const each of places) {
      this.#bits[each >>> 5] = (this.#bits[each >>> 5] ?? 0) | (1 << (each & 31));
    }
    const [buckets, length] = keyword.length >= WINDOW ? [this.#long, WINDOW] : [this.#short, SHORTEST];
    const packed = pack(Buffer.from(keyword, 'latin1'), 0, length);
    const bucket = buckets.get(packed);
    if (bucket === undefined) buckets.set(packed, [entry]);
    else bucket.push(entry);
  }

  /** @returns for every list the rising places of its keywords; `undefined` where there is none */
  search(lower: string): (readonly number[] | undefined)[] {
    const found: (number[] | undefined)[] = new Array(this.#count).fill(undefined);
    // Beyond Latin-1 a character loses its high bits here: what seems to be found is compared in the text itself.
    // One more than the text has, for a short keyword at its end.
    const codes = Buffer.allocUnsafe(lower.length + 1);
    codes.write(lower, 'latin1');
    codes[lower.length] = 0;
    const bits = this.#bits;
    let place = 0;
    for (let at = 0; at < codes.length; at += 1) {
      place = ((place << BITS) | (CLASS[codes[at] ?? 0] ?? 0)) & MASK;
      if ((((bits[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1 && at >= SHORTEST) {
        const start = at - SHORTEST;
        addFound(lower, start, this.#long.get(pack(codes, start, WINDOW)), found);
        addFound(lower, start, this.#short.get(pack(codes, start, SHORTEST)), found);
      }
    }
    return found;
  }
}

function addFound(
  lower: string,
  at: number,
  entries: readonly Entry[] | undefined,
  found: (number[] | undefined)[],
): void {
  if (entries === undefined) return;
  for (const { keyword, owners } of entries) {
    if (!lower.startsWith(keyword, at)) continue;
    for (const owner of owners) {
      const places = found[owner];
      if (places === undefined) found[owner] = [at];
      else if (places[places.length - 1] !== at) places.push(at);
    }
  }
}

/** Characters as one small number, seven bits of each. */
function pack(codes: Uint8Array, at: number, length: number): number {
  let packed = 0;
  for (let i = at; i < at + length; i += 1) packed = (packed << 7) | ((codes[i] ?? 0) & 0x7f);
  return packed;
}

/** Of the first four characters, or of three with nothing for the fourth. */
function placeOf(text: string): number {
  let place = 0;
  for (let i = 0; i < WINDOW; i += 1) {
    place = (place << BITS) | (i < text.length ? (CLASS[text.charCodeAt(i) & 0xff] ?? 0) : 0);
  }
  return place;
}
