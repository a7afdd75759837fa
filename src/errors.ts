/** Exit statuses of every `secrets` command but the `sops …` plumbing, which keeps the codes of sops. */
export const ExitCode = { ok: 0, findings: 1, usage: 2, failure: 3, noIdentity: 4 } as const;

/**
 * Every error that a person can meet, with the exit status it ends in.
 * `docs/errors.md` has a paragraph for each; a test compares the two lists.
 */
export const ERROR_CODES = {
  // what was typed
  USAGE: 2,
  BAD_NAME: 2,
  AMBIGUOUS_NAME: 2,
  UNKNOWN_HOST: 2,
  UNKNOWN_SECRET: 2,
  BAD_KEY: 2,
  BAD_VALUE: 2,
  EMPTY_VALUE: 2,
  BAD_OPTION: 2,
  ALREADY_EXISTS: 2,
  NAME_COLLISION: 2,
  // the repository
  NO_INVENTORY: 3,
  BAD_INVENTORY: 3,
  RULE_CONFLICT: 3,
  LAST_READER: 3,
  STILL_MENTIONED: 3,
  STILL_USED: 3,
  LAST_ADMIN: 3,
  OWN_KEY: 3,
  NOT_STAGED: 3,
  VALUE_PENDING: 3,
  ROTATION_UNDER_WAY: 3,
  BAD_PATH: 3,
  IGNORED_TARGET: 3,
  CHANGED_UNDERNEATH: 3,
  LOCKED: 3,
  PENDING_JOURNAL: 3,
  WRITE_FAILED: 3,
  READ_FAILED: 3,
  NOT_CURRENT: 1,
  MERGE_CONFLICT: 1,
  // sops files
  NOT_ENCRYPTED: 3,
  ALREADY_ENCRYPTED: 3,
  BAD_DOCUMENT: 3,
  BAD_METADATA: 3,
  BAD_CIPHERTEXT: 3,
  MAC_MISMATCH: 3,
  UNSUPPORTED: 3,
  // keys
  NO_IDENTITY: 4,
  BAD_IDENTITY: 3,
  BAD_PASSPHRASE: 3,
  KEYCHAIN_UNAVAILABLE: 3,
  PLUGIN_UNAVAILABLE: 3,
  UNKNOWN_KEY: 2,
  LAST_KEY: 3,
  HOST_KEY_MISMATCH: 3,
  HOST_KEY_UNCONFIRMED: 3,
  HOST_UNREACHABLE: 3,
  // the world
  PROGRAM_FAILED: 3,
  NIX_UNAVAILABLE: 3,
  FLAKE_FAILED: 3,
  NO_REPOSITORY: 3,
  HOOK_IN_THE_WAY: 3,
  BAD_ALLOW_LIST: 3,
  INTERRUPTED: 3,
  INTERNAL: 3,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where an error happened and what to do about it. Never holds a secret value. */
export interface ErrorDetail {
  /** The command to type next, or the change to make. */
  readonly hint?: string | undefined;
  /** Path as a person would type it. */
  readonly file?: string | undefined;
  /** Counts from 1. */
  readonly line?: number | undefined;
  /** Counts from 1. */
  readonly column?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class of the project: a stable code, a sentence (lower case, no full stop), and a hint.
 * A message must never contain a plaintext value or an identity.
 */
export class SecretsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'SecretsError';
    this.code = code;
    this.hint = detail.hint;
    this.file = detail.file;
    this.line = detail.line;
    this.column = detail.column;
  }

  /** The process exit status that this error ends in. */
  get exit(): number {
    return ERROR_CODES[this.code];
  }

  /** The same error, said of a file. Used where a pure module does not know the name of what it reads. */
  inFile(file: string): SecretsError {
    const { hint, line, column, cause } = this;
    return new SecretsError(this.code, this.message, { hint, line, column, cause, file: this.file ?? file });
  }
}
