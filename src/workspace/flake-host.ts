import type { FormatName } from '../sops/formats/format.ts';
import type { Platform } from './model.ts';

/** Where a file lies that the evaluated configuration names. */
export interface EvaluatedFile {
  /**
   * Relative to the workspace root, with `/`: a path of the flake's copy in the store is mapped back. `null`: it lies
   * outside (another input of the flake, a file copied by itself, a path of the machine).
   */
  readonly path: string | null;
  /** As Nix says it: a path in the store, or of the machine. */
  readonly shown: string;
  /** True where it is in the Nix store, and so part of what is built. */
  readonly inStore: boolean;
}

/** One entry of `sops.secrets` after evaluation, as the manifest of sops-nix has it. */
export interface EvaluatedSecret {
  /** The attribute name. */
  readonly attribute: string;
  /** The name of the file on the host: the attribute name, unless somebody set it. */
  readonly name: string;
  /** `''`: the whole document. */
  readonly key: string;
  readonly sopsFile: EvaluatedFile;
  readonly format: FormatName;
  /** As declared: octal text, mostly; anything that somebody typed otherwise. */
  readonly mode: string;
  /** `null` where the platform has no such option, or nothing was set. */
  readonly owner: string | null;
  readonly group: string | null;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly path: string;
  readonly neededForUsers: boolean;
  readonly restartUnits: readonly string[];
  readonly reloadUnits: readonly string[];
}

/** One entry of `sops.templates`. Its text is not read: it may hold what nobody should see. */
export interface EvaluatedTemplate {
  readonly name: string;
  readonly path: string;
  readonly mode: string;
}

/** A secret of which an option does not evaluate. */
export interface FailedSecret {
  readonly attribute: string;
  /** The options that fail, sorted. */
  readonly options: readonly string[];
  /** What Nix says of the first of them, one line without values; absent where nobody asked. */
  readonly problem?: string | undefined;
  /** Relative to the workspace root: the file in which that is. */
  readonly problemFile?: string | null | undefined;
}

/** What opens files on the host. */
export interface EvaluatedKeys {
  /** `sops.age.sshKeyPaths` */
  readonly sshKeyPaths: readonly string[];
  /** `sops.age.keyFile` */
  readonly keyFile: string | null;
  readonly generateKey: boolean;
  /** `sops.gnupg.home` */
  readonly gnupgHome: string | null;
  /** `sops.gnupg.sshKeyPaths`: keys taken for PGP ones. */
  readonly gnupgSshKeyPaths: readonly string[];
  /** `sops.gnupg.qubes-split-gpg.enable` */
  readonly qubes: boolean;
}

/** A configuration of a flake: a machine, a home-manager profile, or one inside a machine. */
export interface FlakeHost {
  /** The attribute name in `nixosConfigurations` and its like; inside a machine the user's name. */
  readonly name: string;
  readonly platform: Platform;
  /** The machine whose `home-manager.users` has this profile; `null` for a configuration of its own. */
  readonly inside: string | null;
  /** False: the sops-nix module is not imported, so there is nothing to declare secrets with. */
  readonly sopsNix: boolean;
  readonly keys: EvaluatedKeys;
  /** False: `sops.validateSopsFiles` was turned off. */
  readonly validated: boolean;
  readonly secrets: readonly EvaluatedSecret[];
  readonly failed: readonly FailedSecret[];
  readonly templates: readonly EvaluatedTemplate[];
  /** Names in `users.users`; `null` where they are not known: all that is no NixOS. */
  readonly users: ReadonlySet<string> | null;
  readonly groups: ReadonlySet<string> | null;
  /** Why it does not evaluate, one line without values; the rest is empty then. */
  readonly problem: string | null;
  /** The file, as {@link EvaluatedFile.path}, that the message of Nix names. */
  readonly problemFile: string | null;
}
