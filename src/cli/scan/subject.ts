import type { Blob } from '../../git/blob-reader.ts';
import type { KnownTree } from '../../ops/guard/known-values.ts';
import type { ManagedFinding, Snapshot } from '../../ops/guard/snapshot.ts';
import type { LineRange } from '../../scan/engine.ts';

/** One version of a file that is looked at. */
export interface Piece {
  /**
   * What stands in a message or in a name is prose: only credentials that are known by their own form count there.
   * `names` has the name of a file in each line.
   */
  readonly kind: 'file' | 'message' | 'names';
  /** Relative to git's top, without git to the folder where the command runs. */
  readonly path: string;
  /** The commit that brings it; `null`: none yet. */
  readonly commit: string | null;
  read(): Promise<Blob>;
  /** The lines that matter; `null`: all. */
  changed(bytes: Uint8Array): Promise<readonly LineRange[] | null>;
}

/** Everything that one run looks at. */
export interface Subject {
  pieces(): AsyncIterable<Piece>;
  /** What the rules about managed files are held against, with the commit that it is of. */
  snapshots(): AsyncIterable<{ readonly commit: string | null; readonly snapshot: Snapshot }>;
  /** Findings about a merge as a whole, in a commit that ends one. */
  merge?(): Promise<readonly ManagedFinding[]>;
  /** Whether a rule about managed files counts in a commit; absent: each does in all of them. */
  counts?(rule: string, commit: string | null): boolean;
  /** True for every file of a work tree: what an allow file lets through has to be among them. */
  readonly isWhole: boolean;
  /** Whose values must stand nowhere else, also those that the change itself takes out of an encrypted file. */
  managed(): Promise<readonly KnownTree[]>;
  /** The allow file that counts; `null`: there is none. A link is refused by its own name. */
  allowFile(): Promise<{ readonly bytes: Uint8Array; readonly isLink: boolean } | null>;
  close(): Promise<void>;
}

/** Where the allow file lies, below git's top. */
export const ALLOW_FILE = '.secrets-allow.yaml';
