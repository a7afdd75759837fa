/** How bad a finding is: an error breaks a deploy or leaks a value, a warning may be meant. */
export type Severity = 'error' | 'warning';

/**
 * Everything that `secrets check` can find, by its code. `docs/checks.md` has a paragraph for each; a test compares the
 * two lists.
 */
export const CHECKS = {
  // what is in the files
  plaintext: 'error',
  broken: 'error',
  drifted: 'error',
  'not-encrypted': 'error',
  'no-rule': 'error',
  'private-key': 'error',
  crlf: 'error',
  'key-twice': 'error',
  'odd-key': 'error',
  'env-name': 'error',
  'env-skipped': 'warning',
  'one-reader': 'warning',
  'value-old': 'warning',
  // what the hosts receive
  'not-a-string': 'error',
  'nested-json': 'error',
  'name-twice': 'error',
  'file-missing': 'error',
  'cannot-open': 'error',
  'key-missing': 'error',
  'format-differs': 'error',
  'ini-rewritten': 'warning',
  'option-refused': 'error',
  undeclared: 'warning',
  'name-refused': 'error',
  'mode-refused': 'error',
  'mode-dropped': 'warning',
  'unknown-owner': 'error',
  'key-source': 'error',
  'template-fails': 'error',
  'module-outdated': 'error',
  pending: 'warning',
  'not-declared': 'warning',
  untracked: 'error',
  ignored: 'error',
  wiring: 'warning',
  'no-hook': 'warning',
  // what the evaluated flake says, with --flake
  evaluation: 'error',
  'not-imported': 'error',
  'not-validated': 'warning',
  'outside-flake': 'warning',
  'host-unknown': 'warning',
  'host-not-in-flake': 'warning',
  'platform-differs': 'warning',
  // what .sops.yaml says
  'rule-unused': 'warning',
  'rule-shadowed': 'warning',
  'unescaped-dot': 'warning',
  'ssh-recipient': 'error',
  'second-group': 'error',
  'twice-in-rule': 'warning',
  'rule-without-keys': 'error',
  'recipient-refused': 'error',
  'host-without-key': 'warning',
  'folder-differs': 'warning',
  'anchor-refused': 'error',
  'anchor-twice': 'error',
  'anchor-missing': 'error',
  'unknown-setting': 'warning',
} as const satisfies Record<string, Severity>;

export type CheckCode = keyof typeof CHECKS;

/** One thing that would hurt, and the way out. Holds no value. */
export interface CheckFinding {
  readonly code: CheckCode;
  readonly severity: Severity;
  /** Relative to the workspace root. */
  readonly file: string | null;
  /** Counts from 1. */
  readonly line: number | null;
  readonly host: string | null;
  /** Address of the secret. */
  readonly secret: string | null;
  /** What is wrong and why it hurts: one sentence, lower case, no full stop. */
  readonly message: string;
  /** The command to type, or the change to make. */
  readonly fix: string;
}

interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly host?: string;
  readonly secret?: string;
}

/** The same, where it may well be meant: an error becomes a warning. */
export function softened(found: CheckFinding): CheckFinding {
  return { ...found, severity: 'warning' };
}

/** A finding with the severity of its code. */
export function finding(code: CheckCode, place: Place, message: string, fix: string): CheckFinding {
  const { file = null, line = null, host = null, secret = null } = place;
  return { code, severity: CHECKS[code], file, line, host, secret, message, fix };
}
