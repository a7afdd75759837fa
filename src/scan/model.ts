import type { Redacted } from '../redacted.ts';

/** One file or blob as the rules see it. */
export interface Source {
  /** Relative to git's top, with `/`; may hold any character. */
  readonly path: string;
  /** Decoded; offsets of hits count UTF-16 code units of it. */
  readonly text: string;
  /** The same text with ASCII letters in lower case, of the same length. */
  readonly lower: string;
  /**
   * Where the keywords of the rule that is asked occur in {@link Source.lower}, rising. Absent: nobody has looked,
   * or the rule has no keywords.
   */
  readonly at?: readonly number[];
  /** The bytes are no text: values touch each other, so that a word has no border. */
  readonly loose?: boolean;
}

/** Where a rule found something. `0 <= start <= secretStart < secretEnd <= end`. */
export interface Hit {
  /** The place that is reported, a line may be between it and the value. */
  readonly start: number;
  readonly end: number;
  /** The value itself: never shown, and what the finding is known again by. */
  readonly secretStart: number;
  readonly secretEnd: number;
}

/** One kind of credential. Rules are pure, take linear time and never throw for any text. */
export interface ScanRule {
  /** As findings, allow lists and `SECRETS_SKIP` call it: `github-token`. */
  readonly id: string;
  /** For people, with its article: `a GitHub token`. */
  readonly title: string;
  /**
   * Lower case. The rule is run where one of them occurs in {@link Source.lower}; without any, on every text
   * that {@link ScanRule.concerns} lets through.
   */
  readonly keywords: readonly string[];
  /** Absent: every path. */
  readonly concerns?: (path: string) => boolean;
  readonly find: (source: Source) => Iterable<Hit>;
  /** Recognises bytes that are not text, as a whole: a binary file, or what base64 in a text stands for. */
  readonly inBytes?: (bytes: Uint8Array, before: string) => boolean;
  /** What somebody can do with it, as a half sentence: `whoever reads it can push to your repositories`. */
  readonly why?: string;
  /** Where it is made invalid, as a half sentence: `revoke it at https://…`. */
  readonly revoke?: string;
}

/** A credential in a file. Holds the value only where nothing prints it. */
export interface ScanFinding {
  readonly rule: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** The last line that the value touches. */
  readonly endLine: number;
  /** What it is and why it hurts, without any part of the value. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  readonly secret: Redacted<string>;
}

/** What is known of a file after a scan. */
export interface ScanReport {
  /** By place. */
  readonly findings: readonly ScanFinding[];
  /** Why a part of it could not be checked; `null`: all of it was. */
  readonly unchecked: string | null;
}
