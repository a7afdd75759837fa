import type { Spelling } from './spellings.ts';

/** Which of the values was found, and where its bytes are. */
export interface Sighting {
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

interface Needle extends Spelling {
  readonly value: number;
}

/** Needles with the same first four bytes, in the order of their bytes. */
interface Bucket {
  readonly plain: Needle[];
  readonly folding: Needle[];
  /** The four bytes behind the first four, of any of them. */
  readonly next: Set<number>;
  isSorted: boolean;
}

const PREFIX = 4;
const LEAST = 8;
const BITS = 20;
/** So many bytes may stand between two characters of folded base64: a line break and the indentation. */
const WIDEST_FOLD = 200;

/**
 * Looks for many byte strings at once, in one pass: the first four bytes of each are in a table of bits, and only where
 * four bytes of the text hit it is anything compared. Values that begin alike are told apart byte by byte, all at
 * once, so that a thousand tokens of one issuer cost no more than one.
 */
export class Needles {
  readonly #bits = new Uint8Array(1 << (BITS - 3));
  readonly #buckets = new Map<number, Bucket>();
  /** How many spellings there are. */
  size = 0;

  add(value: number, spellings: Iterable<Spelling>): void {
    for (const spelling of spellings) {
      if (spelling.bytes.length < LEAST) continue;
      const prefix = spelling.bytes.readUInt32LE(0);
      const slot = slotOf(prefix);
      this.#bits[slot >>> 3] = (this.#bits[slot >>> 3] ?? 0) | (1 << (slot & 7));
      const bucket = this.#buckets.get(prefix) ?? {
        plain: [],
        folding: [],
        next: new Set<number>(),
        isSorted: false,
      };
      this.#buckets.set(prefix, bucket);
      bucket.isSorted = false;
      bucket.next.add(spelling.bytes.readUInt32LE(PREFIX));
      (spelling.folds ? bucket.folding : bucket.plain).push({ ...spelling, value });
      this.size++;
    }
  }

  /** Every sighting, in the order of the text. Several spellings of one value at one place count once. */
  find(text: Uint8Array): Sighting[] {
    const found: Sighting[] = [];
    if (this.size === 0 || text.length < LEAST) return found;
    const bits = this.#bits;
    const end = text.length - LEAST;
    let prefix = ((text[0] ?? 0) << 8) | ((text[1] ?? 0) << 16) | ((text[2] ?? 0) << 24);
    for (let at = 0; at <= end; at++) {
      prefix = (prefix >>> 8) | ((text[at + 3] ?? 0) << 24);
      const slot = Math.imul(prefix, 0x9e3779b1) >>> (32 - BITS);
      if (((bits[slot >>> 3] ?? 0) & (1 << (slot & 7))) !== 0) this.#compare(text, at, prefix >>> 0, found);
    }
    return found;
  }

  #compare(text: Uint8Array, at: number, prefix: number, found: Sighting[]): void {
    const bucket = this.#buckets.get(prefix);
    if (bucket === undefined || !mayGoOn(bucket, text, at + PREFIX)) return;
    if (!bucket.isSorted) {
      for (const needles of [bucket.plain, bucket.folding])
        needles.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
      bucket.isSorted = true;
    }
    const before = found.length;
    matches(bucket.plain, text, at, false, found);
    matches(bucket.folding, text, at, true, found);
    if (found.length - before > 1) found.splice(before, found.length, ...eachValueOnce(found.slice(before)));
  }
}

function slotOf(prefix: number): number {
  return Math.imul(prefix, 0x9e3779b1) >>> (32 - BITS);
}

/** Where base64 may be folded within the next four bytes, only the comparison itself tells. */
function mayGoOn({ next, folding }: Bucket, text: Uint8Array, at: number): boolean {
  let value = 0;
  for (let i = 0; i < PREFIX; i++) {
    const byte = text[at + i] ?? 0;
    if (isFold(byte) && folding.length > 0) return true;
    value |= byte << (8 * i);
  }
  return next.has(value >>> 0);
}

function eachValueOnce(sightings: readonly Sighting[]): Iterable<Sighting> {
  return new Map(sightings.map(sighting => [sighting.value, sighting])).values();
}

/** Narrows the sorted needles down to those that go on as the text does, and notes those that end. */
function matches(
  needles: readonly Needle[],
  text: Uint8Array,
  start: number,
  folds: boolean,
  found: Sighting[],
): void {
  let [low, high] = [0, needles.length];
  let [depth, at, fold] = [PREFIX, start + PREFIX, 0];
  while (low < high) {
    const first = needles[low];
    if (first === undefined) return;
    if (first.bytes.length === depth) {
      found.push({ value: first.value, start, end: at });
      low++;
      continue;
    }
    const byte = text[at++];
    if (byte === undefined) return;
    if (folds && isFold(byte)) {
      if (++fold > WIDEST_FOLD) return;
      continue;
    }
    fold = 0;
    low = lowerBound(needles, low, high, depth, byte);
    high = lowerBound(needles, low, high, depth, byte + 1);
    depth++;
  }
}

function isFold(byte: number): boolean {
  return byte === 0x0a || byte === 0x20 || byte === 0x0d || byte === 0x09;
}

/** The first needle of the range whose byte at a depth is not below a value; all are longer than the depth. */
function lowerBound(
  needles: readonly Needle[],
  from: number,
  to: number,
  depth: number,
  byte: number,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((needles[middle]?.bytes[depth] ?? 0) < byte) low = middle + 1;
    else high = middle;
  }
  return low;
}
