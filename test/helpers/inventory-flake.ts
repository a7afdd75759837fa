import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Platform } from '../../src/workspace/model.ts';
import type { EvaluatedHost, ManifestSecret } from './expected-manifest.ts';
import { ACCOUNTS } from './random-inventory.ts';

/** A configuration to evaluate, beside others in the same folder. */
export interface Machine {
  /** Unique in its flake. */
  readonly id: string;
  readonly platform: Platform;
  /** Files that it imports, relative to the folder of the flake. */
  readonly modules: readonly string[];
}

const FLAKE = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { nixpkgs, nix-darwin, home-manager, sops-nix, ... }:
    let
      key = { sops.age.keyFile = "/var/lib/sops-nix/key.txt"; };
      users.users.users = {
ACCOUNTS      };
      nixos = modules: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ sops-nix.nixosModules.sops key users ] ++ modules;
      };
      darwin = modules: nix-darwin.lib.darwinSystem { modules = [ sops-nix.darwinModules.sops key ] ++ modules; };
      home = modules: home-manager.lib.homeManagerConfiguration {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        modules = [ sops-nix.homeManagerModules.sops key ] ++ modules;
      };

      parsed = text: (builtins.fromJSON (builtins.unsafeDiscardStringContext text)).secrets;
      listed = drv: if drv == null then [ ] else parsed drv.text;
      ofSystem = config: {
        regular = listed (config.system.build.sops-nix-manifest or null);
        forUsers = listed (config.system.build.sops-nix-users-manifest or null);
      };
      # home-manager names its manifest in the script that starts the installer, and nowhere else
      ofHome = config:
        let
          script = builtins.readFile config.launchd.agents.sops-nix.config.Program;
          found = builtins.match ".*-ignore-passwd ([^ \\n]*manifest[.]json).*" (builtins.unsafeDiscardStringContext script);
        in
        {
          regular = if config.sops.secrets == { } then [ ] else parsed (builtins.readFile (builtins.head found));
          forUsers = [ ];
        };
      said = config: {
        assertions = map (each: each.message) (builtins.filter (each: !each.assertion) config.assertions);
        inherit (config) warnings;
        refused = builtins.length (config._refused or [ ]);
      };
      reported = platform: { config, ... }: said config // MANIFESTS;
      machines = {
MACHINES      };
    in
    {
      nixosConfigurations.report = nixos [ { services.report.json = builtins.toJSON machines; } ];
    };
}
`;
const MANIFESTS = '(if platform == "home" then ofHome config else ofSystem config)';
const PROBE = 'services.report.json';

/**
 * Evaluates modules with the real modules of sops-nix, all in one process: a configuration reports of the others.
 *
 * @param program `sops-nix-eval`
 * @param folder has the modules and what they name; a flake is written there
 * @param store where Nix puts what it reads
 * @param withManifests false where files are missing, so that there can be no manifest
 */
export async function evaluateMachines(
  program: string,
  folder: string,
  store: string,
  machines: readonly Machine[],
  withManifests = true,
): Promise<ReadonlyMap<string, EvaluatedHost>> {
  const accounts = [...ACCOUNTS].map(
    ([name, group]) => `        "${name}" = { isSystemUser = true; group = "${group}"; };\n`,
  );
  const entries = machines.map(
    ({ id, platform, modules }) =>
      `        "${id}" = reported "${platform}" (${platform} [ ${modules.map(path => `./${path}`).join(' ')} ]);\n`,
  );
  const text = FLAKE.replace('ACCOUNTS', () => accounts.join(''))
    .replace('MANIFESTS', withManifests ? MANIFESTS : '{ regular = [ ]; forUsers = [ ]; }')
    .replace('MACHINES', () => entries.join(''));
  writeFileSync(join(folder, 'flake.nix'), text);
  const args = ['--flake', `${folder}#nixosConfigurations.report`, '--all-files', '--attr', PROBE];
  const env = { ...process.env, SOPS_NIX_EVAL_STORE: store };
  const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 1 << 28 });
  const report = JSON.parse(JSON.parse(stdout).probe[PROBE]) as Record<
    string,
    Omit<EvaluatedHost, 'regular' | 'forUsers'> & { regular: ManifestSecret[]; forUsers: ManifestSecret[] }
  >;
  return new Map(Object.entries(report));
}
