import { ALLOW_KEYWORD } from './allow-inline.ts';
import { HARMLESS_KEYWORDS } from './exempt.ts';
import type { ScanRule } from './model.ts';
import { KeywordIndex } from './prefilter.ts';

/** Where the keywords of everything that looks at a text occur in it. */
interface KeywordPlaces {
  /** For each rule, `undefined` where it has none there. */
  readonly rules: readonly (readonly number[] | undefined)[];
  readonly harmless: readonly (readonly number[] | undefined)[];
  readonly markers: readonly number[];
}

/** Rules together with the table that finds all of their keywords in one pass. */
export class RuleSet {
  readonly rules: readonly ScanRule[];
  /** For each rule: 0 where a form gives it away, 1 where a name does. */
  readonly tiers: readonly number[];
  /** Rules that recognise bytes, by their place. */
  readonly byteRules: readonly number[];
  readonly #names: ReadonlySet<string>;
  readonly #structured: ReadonlySet<ScanRule>;
  #index: KeywordIndex | null = null;

  constructor(rules: readonly ScanRule[], structured: readonly ScanRule[]) {
    this.rules = rules;
    this.#structured = new Set(structured);
    this.tiers = rules.map(rule => (this.#structured.has(rule) ? 0 : 1));
    this.byteRules = rules.flatMap((rule, i) => (rule.inBytes === undefined ? [] : [i]));
    this.#names = new Set(rules.map(rule => rule.id));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** One pass over a text in lower case. */
  search(lower: string): KeywordPlaces {
    this.#index ??= new KeywordIndex([
      ...this.rules.map(rule => rule.keywords),
      ...HARMLESS_KEYWORDS,
      [ALLOW_KEYWORD],
    ]);
    const all = this.#index.search(lower);
    const count = this.rules.length;
    return {
      rules: all.slice(0, count),
      harmless: all.slice(count, count + HARMLESS_KEYWORDS.length),
      markers: all[count + HARMLESS_KEYWORDS.length] ?? [],
    };
  }
}
