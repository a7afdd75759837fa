import type { AgePlugins } from '../age/plugin.ts';
import type { IdentitySet } from '../keys/sources.ts';
import type { Redacted } from '../redacted.ts';
import type { FormatName } from '../sops/formats/format.ts';
import type { Platform, SecretOptions } from '../workspace/model.ts';

/**
 * What the use cases need of version control. `src/git` implements it; a folder without git has
 * `null` in its place. All paths are relative to the workspace root, with `/`.
 */
export interface VersionControl {
  /** Absolute path of the folder in which a journal and a lock may lie; one per work tree. */
  readonly stateDir: string;
  /** The workspace root as git's top sees it: empty, or ending in `/`. */
  readonly prefix: string;
  /** What git tracks, plus untracked files that are not ignored, below the workspace root; sorted. */
  listFiles(): Promise<string[]>;
  /** Ignored files below the root; sorted. Folders of dependencies are not entered. */
  listIgnored(): Promise<string[]>;
  /** The subset that git tracks (in the index). */
  tracked(paths: readonly string[]): Promise<Set<string>>;
  /** The ignore rule that hits each path; a path that is tracked already is never ignored. */
  ignored(paths: readonly string[]): Promise<Map<string, IgnoreRule>>;
  /** Those of the paths whose work tree content differs from the index (untracked files do not count). */
  withUnstagedEdits(paths: readonly string[]): Promise<Set<string>>;
  /** Files in any commit of which a version holds one of these texts; sorted. */
  filesThatHeld(texts: readonly string[]): Promise<string[]>;
  /** Every line that a commit put into a file or took out of it. */
  formerLines(path: string): Promise<string[]>;
  /** Files that came and went together, for each commit, and for what is not committed yet. */
  fileMoves(): Promise<FileMoves[]>;
  /** Puts the work tree state of these paths, deletions too, into the index. */
  stage(paths: readonly string[]): Promise<void>;
}

/** What one commit took away and brought. */
export interface FileMoves {
  readonly gone: readonly string[];
  readonly come: readonly string[];
  /** By the old path: files that are alike enough to be the same. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** One line of a `.gitignore`, as `git check-ignore -v` names it. */
export interface IgnoreRule {
  readonly source: string;
  /** Counts from 1; 0 where git does not say. */
  readonly line: number;
  readonly pattern: string;
}

/** One secret of one host, as the emitted module declares it. */
export interface ModuleEntry {
  readonly name: string;
  /** How commands name it; absent: by its name. */
  readonly address?: string | undefined;
  /** Relative to the workspace root. */
  readonly file: string;
  readonly format: FormatName;
  /** The key inside the file where it is not the name; `null` otherwise. `''` is the whole document. */
  readonly key: string | null;
  readonly options: SecretOptions;
  /** True: the file does not exist yet. */
  readonly pending?: boolean | undefined;
}

/** What the use cases need of the Nix text; `src/nix` implements it. Pure. */
interface ModuleWriter {
  /** @throws SecretsError `BAD_OPTION` where the platform lacks an option */
  emit(module: {
    readonly host: string;
    readonly platform: Platform;
    /** Folder of the emitted file, relative to the workspace root. */
    readonly directory: string;
    readonly declarations: readonly ModuleEntry[];
  }): string;
  /** True for text that a former run emitted, so that a hand-written file is never overwritten. */
  isEmitted(text: string): boolean;
  /** Names that hand-written Nix declares for this host already. */
  declaredByHand(
    files: readonly { readonly path: string; readonly text: string }[],
    host: string,
    /** With these, what clearly belongs to another namespace or host is left out. */
    platform?: Platform,
    otherHosts?: readonly string[],
  ): ReadonlySet<string>;
}

/**
 * Runs a program without a shell; `null` output where the program is not installed.
 *
 * @param input what it reads on stdin; absent: nothing
 */
export type RunProgram = (
  argv: readonly string[],
  input?: Redacted<string>,
) => Promise<{ status: number; stdout: string } | null>;

/** Everything that the use cases take from outside, so that tests can give their own. */
export interface Surroundings {
  readonly now: () => Date;
  /** Bytes from a cryptographic source. */
  readonly random: (bytes: number) => Uint8Array;
  readonly modules: ModuleWriter;
  /** `null`: the workspace is not in a git work tree. */
  readonly versionControl: VersionControl | null;
  readonly identities: () => Promise<IdentitySet>;
  /** What runs age plugins; left out: nothing does. */
  readonly plugins?: AgePlugins | undefined;
}
