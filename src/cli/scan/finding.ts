import type { Redacted } from '../../redacted.ts';

/** What a scan found, of whatever rule. Holds the value only where nothing prints it. */
export interface GuardFinding {
  readonly rule: string;
  /** Relative to git's top. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
  /** The commit that brings it; `null`: none yet. */
  readonly commit: string | null;
  /** `null` for findings about a file. */
  readonly secret: Redacted<string> | null;
}

/** A file that could not be looked at, or not wholly. */
export interface Unchecked {
  readonly file: string;
  readonly reason: string;
}

/** All that a run says. */
export interface ScanResult {
  readonly findings: readonly GuardFinding[];
  readonly unchecked: readonly Unchecked[];
  /** How many findings the allow file let through. */
  readonly allowed: number;
  readonly files: number;
  readonly notes: readonly string[];
}
