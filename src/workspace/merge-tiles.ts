import type { Tile, Tiling } from './tiles.ts';

/** Three versions of one thing; `base` is `null` where both sides added it. */
interface Versions<T> {
  readonly base: T | null;
  readonly ours: T;
  readonly theirs: T;
}

/**
 * Merges a text entry by entry: what one side changed, added or took away is taken with the comments above it; where
 * both changed an entry, what stands in it is merged in the same way. Entries that both added at one place follow
 * each other, ours first.
 *
 * @returns the text, and the names of what both changed in different ways
 */
export function mergeTilings(versions: Versions<Tiling>, eol: string): { text: string; conflicts: string[] } {
  const merge = new TileMerge(eol);
  return { text: merge.tiling(versions, 'the file'), conflicts: merge.conflicts };
}

class TileMerge {
  readonly conflicts: string[] = [];
  readonly #eol: string;

  constructor(eol: string) {
    this.#eol = eol;
  }

  tiling({ base, ours, theirs }: Versions<Tiling>, name: string): string {
    if (ours.kind !== theirs.kind || ours.flow !== theirs.flow) return this.#conflict(name, wholeOf(ours));
    const alike = base !== null && base.kind === ours.kind && base.flow === ours.flow;
    // `creation_rules: []` has nothing in it, whatever the others are written like
    if (base !== null && !alike && base.tiles.length > 0) return this.#conflict(name, wholeOf(ours));
    const start = alike ? base : null;
    const before = start?.tiles ?? [];
    if (![before, ours.tiles, theirs.tiles].every(hasDistinctIds) || !samePlaces(before, ours, theirs))
      return this.#conflict(name, wholeOf(ours));
    const head = this.#text({ base: start?.head ?? null, ours: ours.head, theirs: theirs.head }, name);
    const tail = this.#text({ base: start?.tail ?? null, ours: ours.tail, theirs: theirs.tail }, name);
    const texts = this.#entries({ base: before, ours: ours.tiles, theirs: theirs.tiles }, name);
    if (!ours.flow) return head + texts.map((text, at) => this.#ended(text, at, texts, tail)).join('') + tail;
    const padding = texts.length === 0 ? '' : ours.padding || theirs.padding;
    return head + padding + texts.join(', ') + padding + tail;
  }

  /** Only the last line of a file may lack its end. */
  #ended(text: string, at: number, texts: readonly string[], tail: string): string {
    const last = at === texts.length - 1 && tail === '';
    return last || text.endsWith('\n') ? text : text + this.#eol;
  }

  #entries(
    { base, ours, theirs }: { base: readonly Tile[]; ours: readonly Tile[]; theirs: readonly Tile[] },
    name: string,
  ): string[] {
    const maps = [base, ours, theirs].map(tiles => new Map(tiles.map(tile => [tile.id, tile])));
    const [inBase = new Map(), inOurs = new Map(), inTheirs = new Map()] = maps;
    const order = this.#order(idsOf(base), idsOf(ours), idsOf(theirs), name);
    return order.flatMap(id => {
      const text = this.#entry(inBase.get(id) ?? null, inOurs.get(id) ?? null, inTheirs.get(id) ?? null);
      return text === null ? [] : [text];
    });
  }

  /** `null`: the entry is gone. */
  #entry(base: Tile | null, ours: Tile | null, theirs: Tile | null): string | null {
    if (ours === null && theirs === null) return null;
    if (ours === null || theirs === null) {
      const kept = ours ?? theirs;
      if (kept === null) return null;
      if (base === null) return kept.text;
      return sameText(kept.text, base.text) ? null : this.#conflict(kept.name, kept.text);
    }
    const chosen = threeWay(base?.text ?? null, ours.text, theirs.text);
    return chosen ?? this.#inside({ base, ours, theirs });
  }

  #inside({ base, ours, theirs }: Versions<Tile>): string {
    const bodies = [ours, theirs].map(({ text, above }) => text.slice(above.length));
    const above = this.#text(
      { base: base?.above ?? null, ours: ours.above, theirs: theirs.above },
      `the comments above ${ours.name}`,
    );
    const [mine = '', other = ''] = bodies;
    const chosen = threeWay(base === null ? null : base.text.slice(base.above.length), mine, other);
    if (chosen !== null) return above + chosen;
    const inner = { base: base?.inner() ?? null, ours: ours.inner(), theirs: theirs.inner() };
    if (inner.ours === null || inner.theirs === null) return above + this.#conflict(ours.name, mine);
    return above + this.tiling({ base: inner.base, ours: inner.ours, theirs: inner.theirs }, ours.name);
  }

  /** Blank lines are nobody's change. */
  #text({ base, ours, theirs }: Versions<string>, name: string): string {
    const chosen = threeWay(base, ours, theirs);
    if (chosen !== null) return chosen;
    return ours.trim() === theirs.trim() ? ours : this.#conflict(name, ours);
  }

  /** The order of the side that changed it; what only the other has goes behind its neighbour there. */
  #order(
    base: readonly string[],
    ours: readonly string[],
    theirs: readonly string[],
    name: string,
  ): string[] {
    const common = new Set(base.filter(id => ours.includes(id) && theirs.includes(id)));
    const [was, mine, other] = [base, ours, theirs].map(ids =>
      JSON.stringify(ids.filter(id => common.has(id))),
    );
    const mineMoved = mine !== was;
    if (mineMoved && other !== was && mine !== other) this.conflicts.push(`the order of ${name}`);
    const [frame, guest] = !mineMoved && other !== was ? [theirs, ours] : [ours, theirs];
    return woven(frame, guest, new Set(base));
  }

  #conflict(name: string, text: string): string {
    this.conflicts.push(name);
    return text;
  }
}

/** What only the guest has goes behind its neighbour, and behind what the frame added there. */
function woven(frame: readonly string[], guest: readonly string[], base: ReadonlySet<string>): string[] {
  const result = [...frame];
  const framed = new Set(frame);
  let at = 0;
  for (const id of guest) {
    const present = framed.has(id) ? result.indexOf(id) : -1;
    if (present >= 0) {
      at = present + 1;
      continue;
    }
    let place = at;
    while (place < result.length && !base.has(result[place] ?? '') && framed.has(result[place] ?? ''))
      place++;
    result.splice(place, 0, id);
    at = place + 1;
  }
  return result;
}

function idsOf(tiles: readonly Tile[]): string[] {
  return tiles.map(({ id }) => id);
}

function wholeOf({ head, tail, tiles, flow, padding }: Tiling): string {
  return head + padding + tiles.map(({ text }) => text).join(flow ? ', ' : '') + padding + tail;
}

function hasDistinctIds(tiles: readonly Tile[]): boolean {
  return new Set(idsOf(tiles)).size === tiles.length;
}

/** Entries without a name are told by their place, which says nothing once their number differs. */
function samePlaces(base: readonly Tile[], ours: Tiling, theirs: Tiling): boolean {
  const placed = [base, ours.tiles, theirs.tiles].some(tiles =>
    tiles.some(({ id }) => id.startsWith('index ')),
  );
  if (!placed) return true;
  return (
    ours.tiles.length === theirs.tiles.length && (base.length === 0 || base.length === ours.tiles.length)
  );
}

/** `null`: both changed it in different ways. */
function threeWay(base: string | null, ours: string, theirs: string): string | null {
  if (sameText(ours, theirs)) return ours;
  if (base === null) return null;
  if (sameText(theirs, base)) return ours;
  return sameText(ours, base) ? theirs : null;
}

/** The end of the last line may be missing. */
function sameText(a: string, b: string): boolean {
  return a === b || a.replace(/\r?\n$/, '') === b.replace(/\r?\n$/, '');
}
