/** What a comment beside a finding says about it. */
export type InlineAllowance = 'allowed' | 'no reason' | 'unknown rule' | null;

/** A comment that lets a rule's finding through: `secrets:allow RULE -- reason`. */
interface Marker {
  readonly line: number;
  readonly rule: string;
  readonly hasReason: boolean;
  /** Nothing but signs of a comment stands before it, so that it speaks for the next line. */
  readonly alone: boolean;
}

export const ALLOW_KEYWORD = 'secrets:allow';
const MARKER =
  /secrets:allow[ \t]{1,20}([A-Za-z0-9][A-Za-z0-9-]{0,59})(?![A-Za-z0-9])[ \t]{0,20}(?:(?:--|\u2014)([^\r\n]{0,300}))?/y;
/** A reason says something: the end of a comment is none. */
const REASON = /[\p{L}\p{N}]{2}/u;
const LONGEST_PREFIX = 200;

/** The comments of a text that allow findings. */
export class InlineAllowances {
  readonly #byLine = new Map<number, Marker[]>();

  /**
   * @param places where {@link ALLOW_KEYWORD} occurs in the text in lower case
   * @param lineAt the line of an offset
   */
  constructor(text: string, places: readonly number[], lineAt: (offset: number) => number) {
    for (const at of places) {
      MARKER.lastIndex = at;
      const match = MARKER.exec(text);
      if (match === null) continue;
      const line = lineAt(at);
      const marker = {
        line,
        rule: match[1] ?? '',
        hasReason: REASON.test(match[2] ?? ''),
        alone: isAlone(text, at),
      };
      const known = this.#byLine.get(line);
      if (known === undefined) this.#byLine.set(line, [marker]);
      else known.push(marker);
    }
  }

  /**
   * What is said of a finding, on its own line or on a line above that holds nothing else.
   *
   * @param isRule tells the names of rules from others
   */
  of(rule: string, line: number, isRule: (name: string) => boolean): InlineAllowance {
    const own = this.#byLine.get(line) ?? [];
    const above = (this.#byLine.get(line - 1) ?? []).filter(marker => marker.alone);
    let said: InlineAllowance = null;
    for (const marker of [...own, ...above]) {
      if (marker.rule === rule && marker.hasReason) return 'allowed';
      if (marker.rule === rule) said = 'no reason';
      else if (!isRule(marker.rule)) said ??= 'unknown rule';
    }
    return said;
  }
}

/** The signs of a comment, and the words that open one in old languages. */
function isAlone(text: string, at: number): boolean {
  const from = Math.max(0, at - LONGEST_PREFIX);
  const before = text.slice(from, at);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return line.length < LONGEST_PREFIX && !/[\p{L}\p{N}]/u.test(line.replace(/^\s*(?:rem|dnl)\s/i, ''));
}
