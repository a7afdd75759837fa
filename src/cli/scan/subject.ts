import type { Blob } from '../../git/blob-reader.ts';
import type { Snapshot, Tree } from '../../ops/guard/snapshot.ts';
import type { LineRange } from '../../scan/engine.ts';

/** One version of a file that is looked at. */
export interface Piece {
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
  /** True for every file of a work tree: what an allow file lets through has to be among them. */
  readonly isWhole: boolean;
  /** Whose values must stand nowhere else; `null`: nobody's. */
  readonly managed: Tree | null;
  /** The allow file that counts; `null`: there is none. A link is refused by its own name. */
  allowFile(): Promise<{ readonly bytes: Uint8Array; readonly isLink: boolean } | null>;
  close(): Promise<void>;
}

/** Where the allow file lies, below git's top. */
export const ALLOW_FILE = '.secrets-allow.yaml';
