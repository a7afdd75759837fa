/** A seeded source of choices: the same seed gives the same documents on every machine. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, and not including, `below`. */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  chance(percent: number): boolean {
    return this.int(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.int(choices.length)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(256));
  }

  /** Up to `longest` pieces of `alphabet`, joined. */
  text(alphabet: readonly string[], longest: number): string {
    return Array.from({ length: this.int(longest + 1) }, () => this.pick(alphabet)).join('');
  }
}

/** The seed of this run: `INTEROP_SEED`, else a new one, printed so that a failure can be repeated. */
export function seedOf(what: string): number {
  const given = Number(process.env.INTEROP_SEED ?? Number.NaN);
  const seed = Number.isInteger(given) ? given : Math.floor(Math.random() * 2 ** 31);
  process.stderr.write(`${what}: INTEROP_SEED=${seed}\n`);
  return seed;
}

/** How many random documents per format: `INTEROP_CASES`, else `ci` with `CI` set and `local` without. */
export function caseCount(local: number, ci: number): number {
  const given = Number(process.env.INTEROP_CASES ?? Number.NaN);
  if (Number.isInteger(given) && given > 0) return given;
  return process.env.CI === undefined || process.env.CI === '' || process.env.CI === 'false' ? local : ci;
}
