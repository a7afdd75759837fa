import type { Platform } from '../workspace/model.ts';
import { printString } from './print.ts';

/** The flake outputs that hold configurations, and what their entries run on. */
export const CONFIGURATIONS: Readonly<Record<Platform, string>> = {
  nixos: 'nixosConfigurations',
  darwin: 'darwinConfigurations',
  home: 'homeConfigurations',
};

/** Which configuration is meant. */
export interface HostPlace {
  readonly name: string;
  /** A profile of home-manager inside the machine; `null`: the configuration itself. */
  readonly user: string | null;
}

/**
 * What every expression begins with. An option that throws is named and left out, so that one bad option does not hide
 * the other secrets; `sopsFileHash` and the text of templates are never touched, because the one reads files that may
 * be missing and the other may hold values.
 */
const PRELUDE = `
let
  inherit (builtins) attrNames attrValues deepSeq filter mapAttrs toString tryEval unsafeDiscardStringContext;
  attempt = value: tryEval (deepSeq value value);
  orNull = value: let tried = attempt value; in if tried.success then tried.value else null;
  entry = values: let tried = mapAttrs (_: attempt) values; in {
    values = mapAttrs (_: each: if each.success then each.value else null) tried;
    failed = filter (name: !tried.\${name}.success) (attrNames tried);
  };
  plain = value: unsafeDiscardStringContext (toString value);
  optional = value: if value == null then null else plain value;
  secret = users: attribute: given: entry {
    name = given.name;
    key = given.key;
    sopsFile = plain given.sopsFile;
    format = given.format;
    mode = given.mode;
    path = optional given.path;
    owner = given.owner or null;
    uid = given.uid or null;
    gid = given.gid or null;
    group =
      if users != null && (given.owner or null) != null && !(users ? \${given.owner})
      then null
      else given.group or null;
    neededForUsers = given.neededForUsers or false;
    restartUnits = given.restartUnits or [ ];
    reloadUnits = given.reloadUnits or [ ];
  } // { inherit attribute; };
  template = _: given: entry {
    inherit (given) name path mode;
  };
  profile = system: config:
    if !(config ? sops && config.sops ? secrets) then { sopsNix = false; } else
    let
      inherit (config) sops;
      users = if system then config.users.users or null else null;
      groups = if system then config.users.groups or null else null;
      age = sops.age or { };
      gnupg = sops.gnupg or { };
    in {
      sopsNix = true;
      validated = orNull (sops.validateSopsFiles or true);
      keys = entry {
        sshKeyPaths = map plain (age.sshKeyPaths or [ ]);
        keyFile = optional (age.keyFile or null);
        generateKey = age.generateKey or false;
        gnupgHome = optional (gnupg.home or null);
        gnupgSshKeyPaths = map plain (gnupg.sshKeyPaths or [ ]);
        qubes = gnupg.qubes-split-gpg.enable or false;
      };
      secrets = attrValues (mapAttrs (secret users) sops.secrets);
      templates = attrValues (mapAttrs template (sops.templates or { }));
      users = orNull (if users == null then null else attrNames users);
      groups = orNull (if groups == null then null else attrNames groups);
    };
  homesOf = config: config.home-manager.users or { };
in`;

/** A function over a set of configurations: their names. */
export const NAMES = 'builtins.attrNames';

/** A function over a set of configurations: what one of them declares, with the profiles inside. */
export function readingOf(platform: Platform, { name, user }: HostPlace): string {
  const system = platform === 'nixos' && user === null ? 'true' : 'false';
  return `${PRELUDE} all: profile ${system} ${configOf({ name, user })}`;
}

/** A function over a set of configurations: the users with a profile inside one of them. */
export function usersOf(name: string): string {
  return `${PRELUDE} all: attrNames (homesOf ${configOf({ name, user: null })})`;
}

/** The same as {@link readingOf} for a machine and every profile inside it, in one evaluation. */
export function readingOfAll(platform: Platform, name: string): string {
  const config = configOf({ name, user: null });
  const system = platform === 'nixos' ? 'true' : 'false';
  return `${PRELUDE} all: profile ${system} ${config} // { homes = mapAttrs (_: profile false) (homesOf ${config}); }`;
}

/** A function that evaluates one option of a secret, for the sake of what Nix says of it. */
export function optionOf(place: HostPlace, attribute: string, option: string): string {
  const secret = `${configOf(place)}.sops.secrets.${printString(attribute)}`;
  return `all: let value = ${secret}.${option}; in builtins.deepSeq value null`;
}

function configOf({ name, user }: HostPlace): string {
  const config = `all.${printString(name)}.config`;
  return user === null ? `(${config})` : `(${config}.home-manager.users.${printString(user)})`;
}
