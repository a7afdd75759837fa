import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVALUATOR } from '../helpers/chain-flake.ts';
import { Sandbox } from '../helpers/sandbox.ts';

const ANCHORS = process.env.ANCHORS ?? `${process.env.HOME}/.cache/anchors`;
const SOPS_NIX = process.env.SOPS_NIX_SRC ?? `${ANCHORS}/Mic92+sops-nix`;
const NIXPKGS_LIB = process.env.NIXPKGS_LIB_SRC ?? `${ANCHORS}/nix-community+nixpkgs.lib`;

const url = (folder: string) => `path:${folder}`;

/** A flake of three machines and two profiles, evaluated with the modules of sops-nix and the stand-ins of the evaluator. */
const FLAKE = `{
  inputs.stubs = { url = "${url(dirname(EVALUATOR))}"; flake = false; };
  inputs.sops-nix = { url = "${url(SOPS_NIX)}"; flake = false; };
  inputs.nixpkgs-lib = { url = "${url(NIXPKGS_LIB)}"; flake = false; };
  outputs = { self, stubs, sops-nix, nixpkgs-lib }:
    let
      plain = import (nixpkgs-lib + "/lib");
      homeLib = plain.extend (_: _: { hm.dag.entryAfter = after: data: { inherit after data; }; });
      stubTypes = import (stubs + "/stubs/types.nix") { lib = plain; stubDir = toString (stubs + "/stubs"); looseGroups = [ ]; };
      homeStub = import (stubs + "/stubs/home.nix") { inherit stubTypes; };
      system = lib: stub: modules: lib.evalModules {
        modules = [ (import (stubs + stub) { inherit stubTypes; }) ] ++ modules;
        specialArgs = {
          inherit lib self sops-nix;
          pkgs = import (stubs + "/stubs/pkgs.nix") { inherit lib; system = "x86_64-linux"; extraPackages = [ ]; };
          harness = { inherit homeLib homeStub; };
        };
      };
      nixos = modules: system plain "/stubs/nixos.nix" ([ (sops-nix + "/modules/sops") ] ++ modules);
    in
    {
      nixosConfigurations.megumu = nixos [
        (stubs + "/stubs/hm-in-system.nix")
        ./secrets/megumu.nix
        ./megumu.nix
      ];
      nixosConfigurations.broken = nixos [ { sops.secrets.kotori.formatt = "dotenv"; } ];
      nixosConfigurations.bare = system plain "/stubs/nixos.nix" [ ];
      darwinConfigurations.aya = system plain "/stubs/darwin.nix" [ (sops-nix + "/modules/nix-darwin") ./secrets/aya.nix ];
      homeConfigurations."kamov@momiji" = system homeLib "/stubs/home.nix" [
        (sops-nix + "/modules/home-manager/sops.nix")
        ./profile.nix
      ];
    };
}
`;
const MEGUMU = `{ lib, config, sops-nix, ... }:
{
  services.openssh.enable = true;
  users.users.alice = { isSystemUser = true; group = "wheel"; };
  users.groups.wheel = { };
  sops.defaultSopsFile = ./hosts.yaml;
  sops.secrets = lib.mkMerge [
    (lib.mkIf config.services.openssh.enable { "tls/key" = { owner = "alice"; mode = "0440"; }; })
    (lib.mkIf (!config.services.openssh.enable) { never = { }; })
    { gone.sopsFile = ./gone.yaml; }
    { copied.sopsFile = "\${./hosts.yaml}"; copied.key = "tls/key"; }
    { stranger.owner = "nobody-declared"; }
    { string.mode = 400; }
  ];
  sops.templates."a.conf".content = config.sops.placeholder."tls/key";
  home-manager.sharedModules = [ "\${sops-nix}/modules/home-manager/sops.nix" ];
  home-manager.users.alice = {
    sops.age.keyFile = "/home/kamov/keys.txt";
    sops.secrets.mail = { sopsFile = ./hosts.yaml; key = "mail"; };
  };
}
`;
const PROFILE = `{
  sops.age.keyFile = "/home/kamov/keys.txt";
  sops.secrets.mail = { sopsFile = ./hosts.yaml; };
}
`;
interface Finding {
  readonly code: string;
  readonly file: string | null;
  readonly host: string | null;
  readonly secret: string | null;
  readonly message: string;
}

if (EVALUATOR === '') {
  process.stderr.write('left out: check --flake with the real sops-nix modules (SOPS_NIX_EVAL is not set)\n');
}

const suite = EVALUATOR === '' ? describe.skip : describe;

suite('check --flake, with the real modules of sops-nix', () => {
  const sandbox = new Sandbox();
  const store = join(sandbox.root, 'nix');
  const env = {
    ...sandbox.env,
    NIX_STORE_DIR: join(store, 'store'),
    NIX_STATE_DIR: join(store, 'var'),
    NIX_LOG_DIR: join(store, 'log'),
    NIX_CONF_DIR: join(store, 'etc'),
  };

  beforeAll(async () => {
    await run(['git', 'init', '-q']);
    await run(['secrets', 'init', '--admin', 'kamov']);
    await run(['secrets', 'hook', 'install']);
    for (const [name, platform] of [
      ['megumu', 'nixos'],
      ['aya', 'darwin'],
      ['momiji', 'home'],
    ] as const) {
      const key = join(sandbox.home, name);
      await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
      await run(['secrets', 'host', 'add', name, '--platform', platform, '--ssh-key', `${key}.pub`]);
    }
    await run(['secrets', 'add', 'kotori', '--host', 'megumu'], 'hunter2-of-the-real-modules\n');
    await run(['secrets', 'add', 'wifi', '--host', 'aya', '--env'], 'TOKEN=hunter2-of-aya\n');
    await run(['secrets', 'add', 'tls/key', '--host', 'megumu'], 'hunter2-of-tls\n');
    await run(['cp', 'secrets/megumu/tls/key.yaml', 'hosts.yaml']);
    await run(['git', 'rm', '-rqf', 'secrets/megumu/tls']);
    writeFileSync(join(sandbox.work, '.sops.yaml'), await withHostsRule());
    await run(['secrets', 'nix']);
    for (const [path, text] of Object.entries({
      'flake.nix': FLAKE,
      'megumu.nix': MEGUMU,
      'profile.nix': PROFILE,
    }))
      writeFileSync(join(sandbox.work, path), text);
    await run(['git', 'add', '-A']);
  }, 120_000);
  afterAll(() => sandbox.dispose());

  async function run(
    argv: readonly string[],
    stdin = '',
    statuses: readonly number[] = [0],
  ): Promise<string> {
    const [program, ...args] = argv;
    const output =
      program === 'secrets'
        ? await sandbox.secrets(args, { env, stdin })
        : await sandbox.run(argv, { env, stdin });
    if (!statuses.includes(output.status ?? -1)) throw new Error(`${argv.join(' ')}: ${output.stderr}`);
    return `${output.stdout}`;
  }

  /** The file of the old layout gets the rule of the folder that it came from. */
  async function withHostsRule(): Promise<string> {
    const text = readFileSync(join(sandbox.work, '.sops.yaml'), 'utf8');
    const rule =
      /- path_regex: \^secrets\/megumu\/\n(?<body>(?: {4}.*\n)+)/.exec(text)?.groups?.['body'] ?? '';
    expect(rule).not.toBe('');
    return text.replace(/^creation_rules:\n/m, `creation_rules:\n  - path_regex: ^hosts\\.yaml$\n${rule}`);
  }

  it('names what each host declares wrongly, and nothing else', async () => {
    const { findings } = JSON.parse(await run(['secrets', 'check', '--flake', '.', '--json'], '', [1]));
    const found = (findings as Finding[]).map(
      ({ code, host, secret, file }) => `${code} ${host} ${secret} ${file}`,
    );
    expect(found.sort()).toEqual([
      'cannot-open momiji mail hosts.yaml',
      'evaluation broken kotori null',
      'evaluation megumu string megumu.nix',
      'file-missing megumu gone gone.yaml',
      'host-unknown alice null null',
      'key-missing alice mail hosts.yaml',
      'key-missing megumu stranger hosts.yaml',
      'key-missing momiji mail hosts.yaml',
      'unknown-owner megumu stranger null',
    ]);
    const messages = (findings as Finding[]).map(({ message }) => message).join('\n');
    expect(messages).toContain("The option `sops.secrets.kotori.formatt' does not exist.");
    expect(messages).not.toContain('/store/');
  }, 120_000);

  it('finds nothing once that is corrected, and leaves the repository alone', async () => {
    const good = MEGUMU.replace(/ +\{ (gone|stranger|string).*\n/g, '').replace(
      'key = "mail"',
      'key = "tls/key"',
    );
    writeFileSync(join(sandbox.work, 'megumu.nix'), good);
    writeFileSync(join(sandbox.work, 'profile.nix'), '{ }\n');
    const flake = FLAKE.replace(/ +nixosConfigurations\.broken.*\n/, '');
    writeFileSync(join(sandbox.work, 'flake.nix'), flake);
    await run(['git', 'add', '-A']);
    const before = await run(['git', 'status', '--porcelain']);
    const { findings } = JSON.parse(await run(['secrets', 'check', '--flake', '.', '--json']));
    expect((findings as Finding[]).map(({ code, host }) => `${code} ${host}`)).toEqual([
      'host-unknown alice',
    ]);
    expect(await run(['git', 'status', '--porcelain'])).toBe(before);
    expect(existsSync(join(sandbox.work, 'flake.lock'))).toBe(false);
  }, 120_000);

  it('sees a secret that only lib.mkIf switches on', async () => {
    const path = join(sandbox.work, 'megumu.nix');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('mkIf (!config', 'mkIf (config'));
    const { findings } = JSON.parse(
      await run(['secrets', 'check', '--flake', '.', '--host', 'megumu', '--json'], '', [1]),
    );
    expect((findings as Finding[]).map(({ code, secret }) => `${code} ${secret}`)).toEqual([
      'key-missing never',
    ]);
  }, 120_000);
});
