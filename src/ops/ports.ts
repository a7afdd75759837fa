/**
 * What the use cases need of version control. `src/git` implements it; a folder without git has
 * `null` in its place. All paths are relative to the workspace root, with `/`.
 */
export interface VersionControl {
  /** Absolute path of the folder in which a journal and a lock may lie; one per work tree. */
  readonly stateDir: string;
  /** What git tracks, plus untracked files that are not ignored, below the workspace root; sorted. */
  listFiles(): Promise<string[]>;
  /** The subset that git tracks (in the index). */
  tracked(paths: readonly string[]): Promise<Set<string>>;
  /** The ignore rule that hits each path; a path that is tracked already is never ignored. */
  ignored(paths: readonly string[]): Promise<Map<string, IgnoreRule>>;
  /** Those of the paths whose work tree content differs from the index (untracked files do not count). */
  withUnstagedEdits(paths: readonly string[]): Promise<Set<string>>;
  /** Puts the work tree state of these paths, deletions too, into the index. */
  stage(paths: readonly string[]): Promise<void>;
}

/** One line of a `.gitignore`, as `git check-ignore -v` names it. */
export interface IgnoreRule {
  readonly source: string;
  /** Counts from 1; 0 where git does not say. */
  readonly line: number;
  readonly pattern: string;
}
