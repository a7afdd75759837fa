import { literalStart } from './literal-start.ts';
import type { Rule } from './model.ts';

/** A rule that does not match a path, and how far it goes along with it. */
export interface NearestMiss {
  readonly index: number;
  /** What the pattern and the path have in common. */
  readonly shared: string;
  /** The literal text that the pattern goes on with, where the path has something else. */
  readonly wanted: string;
}

/**
 * The rule whose pattern agrees with a path for longest before it differs: what a misspelt folder was meant to be.
 *
 * @param rules those that do not match
 * @returns `null` where none begins like the path
 */
export function nearestMiss(rules: readonly Rule[], path: string): NearestMiss | null {
  let best: NearestMiss | null = null;
  for (const { index, pathRegex } of rules) {
    const literal = literalStart(pathRegex ?? '');
    let length = 0;
    while (length < literal.length && literal[length] === path[length]) length++;
    if (length > (best?.shared.length ?? 0))
      best = { index, shared: path.slice(0, length), wanted: literal.slice(length) };
  }
  return best;
}
