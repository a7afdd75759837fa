import type { FormatName } from '../sops/formats/format.ts';

/** What sops-nix runs on: a NixOS machine, a Mac with nix-darwin, or a home-manager profile. */
export type Platform = 'nixos' | 'darwin' | 'home';

/** How a value that is still to come will be stored: a YAML string, a dotenv file, bytes. */
export type PendingKind = 'value' | 'env' | 'binary';

/** The options of one secret, as they stand in `secrets:` of `.sops.yaml`; the names are sops-nix's own. */
export interface SecretOptions {
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /** Octal text, `"0440"`. */
  readonly mode?: string | undefined;
  readonly path?: string | undefined;
  readonly restartUnits?: readonly string[] | undefined;
  readonly reloadUnits?: readonly string[] | undefined;
  readonly neededForUsers?: boolean | undefined;
  /** Declares a secret that lies outside `secrets/`: the file, relative to the workspace root. */
  readonly sopsFile?: string | undefined;
  /** The key inside that file, `/` descends into maps. */
  readonly key?: string | undefined;
  /** How the value was generated, `password:32`; read by `secrets rotate`. */
  readonly generate?: string | undefined;
  /** The value is not known yet, and what kind it will be; there is no file until it is. */
  readonly pending?: PendingKind | undefined;
  /** In `hosts.H.secrets.<address>` only: `false` holds the secret back from that host. */
  readonly deliver?: boolean | undefined;
}

/** A public key under `keys:`, with the anchor that names it. */
export interface NamedKey {
  readonly name: string;
  /** `age1…`, `age1pq1…`, `ssh-ed25519 …` or a PGP fingerprint, exactly as written. */
  readonly recipient: string;
  /** Counts from 1. */
  readonly line: number;
}

/** What sops-nix decrypts for. */
export interface Host {
  readonly name: string;
  readonly platform: Platform;
  /** `null` where neither an anchor of that name nor `recipient:` says it. */
  readonly recipient: string | null;
  /** Option overrides by address. */
  readonly secrets: ReadonlyMap<string, SecretOptions>;
  /** False where the host was only inferred from a named key, because the file has no `hosts:`. */
  readonly declared: boolean;
}

/** One key group of a creation rule; entries other than age and PGP are kept as their sops text forms. */
export interface RuleGroup {
  readonly age: readonly string[];
  readonly pgp: readonly string[];
  readonly other: readonly string[];
  /** Keys that are written more than once; sops takes each once. Absent: there are none. */
  readonly twice?: readonly string[] | undefined;
}

/** Which values of a file are encrypted; at most one of the six is set (`sops.go`, shouldBeEncrypted). */
export interface RuleSelection {
  readonly unencryptedSuffix?: string | undefined;
  readonly encryptedSuffix?: string | undefined;
  readonly unencryptedRegex?: string | undefined;
  readonly encryptedRegex?: string | undefined;
  readonly unencryptedCommentRegex?: string | undefined;
  readonly encryptedCommentRegex?: string | undefined;
}

/** One entry of `creation_rules`. */
export interface Rule {
  /** Counts from 0 within its config. */
  readonly index: number;
  /** Counts from 1. */
  readonly line: number;
  /** `null`: absent or empty, which matches everything. */
  readonly pathRegex: string | null;
  readonly groups: readonly RuleGroup[];
  readonly threshold: number | null;
  readonly selection: RuleSelection;
  readonly macOnlyEncrypted: boolean;
  /** True where Go's RE2 finds the pattern in `path` (relative to the folder of the config, with `/`). */
  matches(path: string): boolean;
}

/** Something that stock sops ignores and that its author may have meant otherwise. */
export interface InventoryWarning {
  readonly message: string;
  /** Counts from 1. */
  readonly line: number;
}

/** `.sops.yaml` as a model. Immutable; an edit gives new text, which is parsed again. */
export interface Inventory {
  /** As it is shown to people, usually `.sops.yaml`. */
  readonly file: string;
  readonly text: string;
  readonly keys: readonly NamedKey[];
  readonly admins: readonly string[];
  /** By name. Where the file has no `hosts:`, every named key that is not an admin stands here, undeclared. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Options by address. */
  readonly secrets: ReadonlyMap<string, SecretOptions>;
  readonly rules: readonly Rule[];
  /** True where the header says that a program writes the file, so that it must not be edited. */
  readonly generated: boolean;
  /** What was ignored while reading: unknown keys, sections in another tool's form. In order of the lines. */
  readonly warnings: readonly InventoryWarning[];
  /** The name of a recipient, `null` where it has none. */
  nameOf(recipient: string): string | null;
  /** The recipient that bears this name, `null` where there is none. */
  recipientOf(name: string): string | null;
}

/** A secret as the repository holds it: found without any key. */
export interface Secret {
  /** Unique per host: `kotori`, `kanidm/miniflux`. */
  readonly name: string;
  /** `megumu/kotori`; in a foreign layout `hosts/megumu/sops.yaml#kotori`. */
  readonly address: string;
  /** Relative to the workspace root, with `/`. */
  readonly file: string;
  /** The key inside the file, `null` where the whole file is the secret. */
  readonly key: string | null;
  readonly format: FormatName;
  /** Names of the hosts that receive it, sorted. */
  readonly hosts: readonly string[];
  readonly options: SecretOptions;
  /** False in a foreign layout: the emitted module does not declare it. */
  readonly emitted: boolean;
  /** True where the value is still to come, so that there is no file. */
  readonly pending?: boolean | undefined;
}
