import type { Platform } from './model.ts';

/** A line of a Nix file, relative to the workspace root. */
export interface NixPlace {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
}

/** The value of an option as the text of a module shows it, without any evaluation. */
export type NixValue =
  | { readonly kind: 'text'; readonly text: string }
  /** `file`: relative to the workspace root, `null` where it leaves it. */
  | { readonly kind: 'path'; readonly file: string | null; readonly text: string }
  /** `bare`: `sops.yaml`, which Nix takes for a selection and people for a file. */
  | { readonly kind: 'number' | 'bool' | 'null' | 'set' | 'bare'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly NixValue[] }
  | { readonly kind: 'unknown' };

/** An option, and where it is set. */
export interface HandOption extends NixPlace {
  readonly value: NixValue;
  /** True where a name leads to it, so that it stands elsewhere than under its own path. */
  readonly derived: boolean;
  /** That of the module system: of several definitions those with the lowest number count; 100 without any `mk…`. */
  readonly priority: number;
}

/** `sops.secrets.NAME` or `sops.templates.NAME` as one module has it, plain and without a condition. */
export interface HandEntry extends NixPlace {
  readonly attribute: string;
  /** By the name of the option. */
  readonly options: ReadonlyMap<string, HandOption>;
  /** True where it is bound as a set, and not only an option of it. */
  readonly asSet: boolean;
  /** Something else than a set stands there. */
  readonly whole: NixValue | null;
  /** True where a name or a function stands there, which leads to a set. */
  readonly named: boolean;
}

/** What sops-nix is told beside secrets and templates, by the path below `sops`. */
export const SETTINGS = [
  'defaultSopsFile',
  'defaultSopsFormat',
  'defaultSopsKey',
  'validateSopsFiles',
  'age.keyFile',
  'age.sshKeyPaths',
  'gnupg.home',
  'gnupg.sshKeyPaths',
] as const;

export type Setting = (typeof SETTINGS)[number];

/** What a module says of sops-nix in plain sight. What stands behind a condition or a function is left out. */
export interface HandModule {
  readonly path: string;
  readonly secrets: readonly HandEntry[];
  readonly templates: readonly HandEntry[];
  readonly settings: ReadonlyMap<Setting, HandOption>;
  /** True where it imports what cannot be read here and may say something of sops: a module of another flake. */
  readonly opaque: boolean;
  /** Options of sops-nix itself by their names below `sops` that are none of {@link SETTINGS}. */
  readonly otherSettings: readonly ({ readonly name: string } & NixPlace)[];
  /** What no Nix reads as a name: `sops.secrets.a/b`. */
  readonly badNames: readonly ({ readonly text: string } & NixPlace)[];
}

/** A configuration, and the modules that it certainly imports. */
export interface HandHost {
  readonly name: string;
  readonly platform: Platform;
  /** The machine whose home-manager has this profile. */
  readonly inside: string | null;
  readonly modules: readonly HandModule[];
  /** Those of them that it is seen to import; the others only lie in its folder. */
  readonly certain: ReadonlySet<HandModule>;
  /** True where a module that cannot be read here may say something of sops: one of another flake, or a computed one. */
  readonly opaque: boolean;
  /** Files and folders that those import, whether they are hand-written or there at all. */
  readonly imports: ReadonlyMap<string, NixPlace>;
  /** Those of them that are no hand-written Nix: what is emitted, in a submodule, or not there. */
  readonly unread: readonly string[];
}

/** Hand-written Nix, read without evaluating it. */
export interface HandWritten {
  readonly hosts: readonly HandHost[];
  /** Files whose path says that they are no modules: they may well be unused. */
  readonly leftOut: ReadonlySet<string>;
  /** Modules that no configuration is seen to import. */
  readonly others: readonly HandModule[];
  /** Settings that are bound somewhere behind a condition or a function. */
  readonly unclearSettings: ReadonlySet<Setting>;
  /** Names of secrets of which the same is true, and which therefore nobody can judge. */
  readonly unclearSecrets: ReadonlySet<string>;
  /** Words of the whole text: whether sops-nix, and whether any source of a key, is named at all. */
  readonly names: { readonly sopsNix: boolean; readonly keySource: boolean };
  /** Every name that is declared anywhere; `null` where names are computed, so that it may be any. */
  readonly declared: ReadonlySet<string> | null;
  /** True where the repository adds options of its own to those of sops-nix. */
  readonly extended: boolean;
  /** Uses of `config.sops.secrets.NAME` and of placeholders, by name. */
  readonly uses: ReadonlyMap<string, readonly NixPlace[]>;
  /** Those that are placeholders. */
  readonly placeholders: ReadonlyMap<string, readonly NixPlace[]>;
  /** Templates to which something gives a content; `null` where names are computed, so that it may be any. */
  readonly filled: ReadonlySet<string> | null;
}
