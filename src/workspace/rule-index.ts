import { wholeStart } from './literal-start.ts';
import type { Rule } from './model.ts';

/**
 * Finds the first rule that matches a path. A fleet has a rule for each folder, `^secrets/megumu/`: such a rule is
 * looked up by the beginning of the path instead of being tried.
 */
export class RuleIndex {
  /** The first rule of each beginning; of two with the same one, the second never comes first. */
  readonly #byStart = new Map<string, Rule>();
  readonly #lengths: readonly number[];
  /** Rules that say more, in their order. */
  readonly #others: readonly Rule[];
  /** Every part of a command asks for the same paths, and thousands of patterns take their time. */
  readonly #found = new Map<string, Rule | null>();

  constructor(rules: readonly Rule[]) {
    const others: Rule[] = [];
    for (const rule of rules) {
      const start = rule.pathRegex === null ? null : wholeStart(rule.pathRegex);
      if (start === null) others.push(rule);
      else if (!this.#byStart.has(start)) this.#byStart.set(start, rule);
    }
    this.#others = others;
    this.#lengths = [...new Set([...this.#byStart.keys()].map(start => start.length))];
  }

  find(path: string): Rule | null {
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    const rule = this.#search(path);
    this.#found.set(path, rule);
    return rule;
  }

  #search(path: string): Rule | null {
    let first: Rule | null = null;
    for (const length of this.#lengths) {
      const rule = length > path.length ? undefined : this.#byStart.get(path.slice(0, length));
      if (rule !== undefined && (first === null || rule.index < first.index)) first = rule;
    }
    for (const rule of this.#others) {
      if (first !== null && rule.index > first.index) return first;
      if (rule.matches(path)) return rule;
    }
    return first;
  }
}
