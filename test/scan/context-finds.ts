import { CONTEXT_RULES } from '../../src/scan/context.ts';

/** What a rule of `src/scan/context.ts` said of a text. */
export interface Found {
  readonly rule: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Runs the contextual rules alone over a text, without what the engine exempts. */
export function findsOf(path: string, text: string): Found[] {
  const lower = text.replace(/[A-Z]/g, letter => letter.toLowerCase());
  return CONTEXT_RULES.filter(({ concerns }) => concerns?.(path) ?? true).flatMap(rule =>
    [...rule.find({ path, text, lower })].map(({ secretStart, secretEnd, start, end }) => {
      if (
        start < 0 ||
        start > secretStart ||
        secretStart >= secretEnd ||
        secretEnd > Math.max(end, text.length)
      ) {
        throw new RangeError(`${rule.id} is out of bounds`);
      }
      return { rule: rule.id, value: text.slice(secretStart, secretEnd), start, end };
    }),
  );
}

/** The rules that found something. */
export function rulesFor(path: string, text: string): string[] {
  return [...new Set(findsOf(path, text).map(({ rule }) => rule))];
}
