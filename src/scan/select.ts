import type { Hit } from './model.ts';

/** A hit of one of several rules. */
export interface Candidate extends Hit {
  /** The place of its rule among all rules: of two equal hits the earlier rule's stays. */
  readonly rule: number;
  /** Lower is surer: a form that gives itself away comes before a name that makes one suspicious. */
  readonly tier: number;
  readonly value: string;
}

/** One hit for each value: the surer one, then the longer one, then that of the earlier rule. By place. */
export function selectHits(hits: readonly Candidate[]): Candidate[] {
  const sorted = hits.toSorted((a, b) => a.secretStart - b.secretStart || b.secretEnd - a.secretEnd);
  const chosen: Candidate[] = [];
  for (const hit of sorted) {
    let best: Candidate | null = hit;
    // Only the last ones can overlap: they are ordered, and none of them overlaps another.
    while (best !== null && chosen.length > 0) {
      const last: Candidate | undefined = chosen[chosen.length - 1];
      if (last === undefined || last.secretEnd <= best.secretStart) break;
      if (isBetter(last, best)) best = null;
      else chosen.pop();
    }
    if (best !== null) chosen.push(best);
  }
  return chosen.toSorted((a, b) => a.start - b.start || a.secretStart - b.secretStart);
}

function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.tier !== other.tier) return one.tier < other.tier;
  const [first, second] = [one.secretEnd - one.secretStart, other.secretEnd - other.secretStart];
  return first === second ? one.rule <= other.rule : first > second;
}
