import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Platform } from '../../src/workspace/model.ts';
import type { Chain } from './chain.ts';

/** Evaluates flakes with the real modules of sops-nix; empty: not there. */
export const EVALUATOR = process.env.SOPS_NIX_EVAL ?? '';
/** The flake of the service that reads the secret. */
const FUKUROU =
  process.env.FUKUROU_SRC ?? `${process.env.ANCHORS ?? `${process.env.HOME}/.cache/anchors`}/kamoshi+server`;

const ENVIRONMENT_FILE = 'systemd.services.fukurou.serviceConfig.EnvironmentFile';

/** A flake that has all that a host needs besides its secrets; `wired` has what the commands ask for as well. */
export function flakeText(platform: Platform, wired: boolean): string {
  const sopsNix = wired ? '\n  inputs.sops-nix.url = "github:Mic92/sops-nix";' : '';
  const argument = wired ? ' sops-nix,' : '';
  return `{${sopsNix}
${INPUTS[platform]}
  outputs = {${argument} ${ARGUMENTS[platform]} ... }: {
    ${CONFIGURATIONS[platform](wired ? `sops-nix.${MODULES[platform]}.sops ${IMPORTS[platform]} ` : '')}
  };
}
`;
}

/** The service of a platform that reads the secret, as a module that the flake imports. */
export function serviceText(platform: Platform): string {
  return SERVICES[platform];
}

const MODULES: Readonly<Record<Platform, string>> = {
  nixos: 'nixosModules',
  darwin: 'darwinModules',
  home: 'homeManagerModules',
};
const IMPORTS: Readonly<Record<Platform, string>> = {
  nixos: './secrets/megumu.nix',
  darwin: './secrets/aya.nix',
  home: './secrets/momiji.nix',
};
const INPUTS: Readonly<Record<Platform, string>> = {
  nixos: `  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.fukurou.url = "github:kamoshi/server";`,
  darwin: '  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";',
  home: `  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";`,
};
const ARGUMENTS: Readonly<Record<Platform, string>> = {
  nixos: 'nixpkgs, fukurou,',
  darwin: 'nix-darwin,',
  home: 'nixpkgs, home-manager,',
};
const CONFIGURATIONS: Readonly<Record<Platform, (modules: string) => string>> = {
  nixos: modules => `nixosConfigurations.megumu = nixpkgs.lib.nixosSystem {
      modules = [ ${modules}fukurou.nixosModules.default ./service.nix ];
    };`,
  darwin: modules => `darwinConfigurations.aya = nix-darwin.lib.darwinSystem {
      modules = [ ${modules}./service.nix ];
    };`,
  home: modules => `homeConfigurations.momiji = home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [ ${modules}./service.nix ];
    };`,
};
const SERVICES: Readonly<Record<Platform, string>> = {
  nixos: `{ config, ... }:
{
  services.openssh.enable = true;
  sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  services.fukurou = {
    enable = true;
    envFile = config.sops.secrets.kotori.path;
  };
}
`,
  darwin: `{ config, ... }:
{
  sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
  launchd.daemons.fukurou.environment.ENV_FILE = config.sops.secrets.kotori.path;
}
`,
  home: `{ config, ... }:
{
  sops.age.keyFile = "/home/kamov/.config/sops/age/keys.txt";
  systemd.user.services.fukurou.Service.EnvironmentFile = config.sops.secrets.kotori.path;
}
`,
};

/** Where the path of the secret ends up on each platform. */
export const PROBES: Readonly<Record<Platform, string>> = {
  nixos: ENVIRONMENT_FILE,
  darwin: 'launchd.daemons.fukurou.environment.ENV_FILE',
  home: 'systemd.user.services.fukurou.Service.EnvironmentFile',
};

/** What the evaluator says of a configuration. */
export interface Evaluated {
  readonly manifest: { readonly secrets: readonly Readonly<Record<string, unknown>>[] } | null;
  readonly assertions: readonly string[];
  readonly warnings: readonly string[];
  readonly probe: Readonly<Record<string, unknown>>;
}

/** Evaluates the configuration of the host from the flake, of which only the files exist that git tracks. */
export async function evaluateFlake(chain: Chain): Promise<Evaluated> {
  const { sandbox, host } = chain;
  const inputs = host.platform === 'nixos' ? ['--input', `fukurou=${FUKUROU}`] : [];
  const env = { ...process.env, SOPS_NIX_EVAL_STORE: join(sandbox.root, 'store') };
  const flake = `${sandbox.work}#${host.platform}Configurations.${host.name}`;
  const args = ['--flake', flake, ...inputs, '--attr', PROBES[host.platform]];
  const { stdout } = await promisify(execFile)(EVALUATOR, args, { env, maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}
