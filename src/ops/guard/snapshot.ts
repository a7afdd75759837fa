/** The files of a commit, of the index or of the work tree, as the guard reads them. */
export interface Tree {
  /** Relative to git's top, with `/`; without submodules. */
  readonly paths: readonly string[];
  /** The bytes of a file (of a link: its target); `null` where it cannot be had. */
  read(path: string): Promise<Uint8Array | null>;
  /** Which of the paths are symbolic links; absent: none is. */
  readonly links?: ReadonlySet<string> | undefined;
}

/** What is about to be committed, and what it comes after. */
export interface Snapshot extends Tree {
  /** The tree of the parent commit; `null`: there is none, or its rules do not bind. */
  readonly parent: Tree | null;
  /** The paths that differ from the parent, deleted ones may be among them; `null`: look at every file. */
  readonly changed: ReadonlySet<string> | null;
}

/** Something in a managed file, or in a config, that must not be committed. Holds no value. */
export interface ManagedFinding {
  /** As allow lists call it: `managed-value`, `rule-narrowed`. */
  readonly rule: ManagedRule;
  /** Relative to git's top. */
  readonly file: string;
  /** From 1; 1 where the place is not known. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly message: string;
  /** The command to type, or the change to make. */
  readonly fix: string;
}

/** Every rule about managed files, and what it is about. */
export const MANAGED_RULES = {
  'managed-plaintext': 'a file that has to be encrypted is plaintext',
  'managed-value': 'a value that has to be encrypted is not',
  'managed-metadata': 'the sops metadata is missing, incomplete or holds something else',
  'managed-recipients': 'a file can be read by others than its rule says',
  'managed-selection': 'a file says itself which of its values are encrypted, and its rule says otherwise',
  'managed-document': 'a managed file that does not parse, or is no file',
  'managed-config': 'a .sops.yaml that does not load',
  'managed-no-rule': 'a file below secrets/ that no rule governs',
  'managed-mac': 'values of a managed file were changed without sops',
  'merge-dropped': 'a merge that leaves out what one side changed in an encrypted file',
  'rule-narrowed': 'a rule over files that exist was removed, or encrypts less than before',
} as const;

export type ManagedRule = keyof typeof MANAGED_RULES;

/** A finding before it is known of which file it is. */
export interface Flaw {
  readonly rule: ManagedRule;
  readonly message: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Left out: what fits the rule. */
  readonly fix?: string | undefined;
}
