import type { Environment } from '../run.ts';

/** The hooks that together see every way into history but a deliberate `--no-verify`. */
export const HOOK_NAMES = ['pre-commit', 'pre-merge-commit', 'pre-push', 'pre-applypatch'] as const;

export type HookName = (typeof HOOK_NAMES)[number];

/** How this program is started: absolute paths, which a thin `PATH` does not hinder. */
export interface Launch {
  readonly node: string;
  /** `null` where the executable is the program itself. */
  readonly script: string | null;
}

/** Programs that write hook files of their own, and take their commands from a configuration. */
export type Manager = 'lefthook' | 'pre-commit' | 'git-hooks.nix' | 'overcommit' | 'simple-git-hooks';

/** Where the hooks of a repository lie. All paths are absolute. */
export interface HooksFolder {
  /** In which git finds this repository from its top, `GIT_DIR` included where it was set. */
  readonly env: Environment;
  /** The work tree's top. */
  readonly top: string;
  /** What git looks into. */
  readonly path: string;
  /** Where the files are that a person edits: another folder under husky. */
  readonly edited: string;
  /** The value of `core.hooksPath`; `null` where it is not set. */
  readonly hooksPath: string | null;
  readonly husky: boolean;
  /** True where the folder serves other repositories too. */
  readonly outside: boolean;
  /** True for a folder of the work tree, whose files people share: they must not name paths of one machine. */
  readonly shared: boolean;
}

/** What a hook does for us now. */
export type HookState =
  /** Our lines are in it and current. */
  | 'installed'
  /** Somebody wrote the call by hand, or into the configuration of a manager. */
  | 'by-hand'
  | 'outdated'
  | 'missing'
  /** Something that we do not write into. */
  | 'in-the-way';

export interface HookFile {
  readonly hook: HookName;
  /** Absolute. */
  readonly file: string;
  readonly state: HookState;
  /** Why it is in that state, for people; `null` where the state says all. */
  readonly reason: string | null;
  readonly manager: Manager | null;
  /** False where git would pass it over. */
  readonly active: boolean;
  /** Its bytes; `null` where no regular file is there. */
  readonly bytes: Buffer | null;
}

/** One file to be written, or to be removed. */
export interface HookChange {
  readonly hook: HookName;
  readonly file: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly detail: string;
  /** True where git passes the file over until its mode says otherwise. */
  readonly activate: boolean;
  /** `null`: the file is removed. */
  readonly after: Buffer | null;
}
