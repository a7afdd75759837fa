import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findWiring, missingWiring, type WiringNeeds } from '../../src/nix/declared.ts';
import { emitModule, type HostModule } from '../../src/nix/module.ts';
import type { Platform } from '../../src/workspace/model.ts';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { FLEET, HOSTS } from '../nix/fleet.ts';
import { expectGolden, readGolden } from '../nix/golden.ts';
import { type Manifest, type ManifestSecret, modelManifest } from '../nix/manifest.ts';
import { ACCOUNTS, randomModule } from '../nix/random-module.ts';

/** Random inventories per platform. */
const CASES = caseCount(10, 10);
const PROGRAM = process.env.SOPS_NIX_EVAL ?? '';
const ENVIRONMENT_FILE = 'systemd.services.fukurou.serviceConfig.EnvironmentFile';

interface Evaluated {
  readonly manifest: { readonly secrets: readonly ManifestSecret[] } | null;
  readonly manifestForUsers?: { readonly secrets: readonly ManifestSecret[] } | null;
  readonly assertions: readonly string[];
  readonly warnings: readonly string[];
  readonly probe: Readonly<Record<string, unknown>>;
}

const KEY = 'sops.age.keyFile = "/var/lib/sops-nix/key.txt";';
/** Flakes without sops-nix. */
const FLAKES: Readonly<Record<Platform, string>> = {
  nixos: `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.megumu = nixpkgs.lib.nixosSystem { modules = [ { ${KEY} } ]; };
  };
}`,
  darwin: `{
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  outputs = { nix-darwin, ... }: {
    darwinConfigurations.aya = nix-darwin.lib.darwinSystem { modules = [ { ${KEY} } ]; };
  };
}`,
  home: `{
  inputs = { home-manager.url = "github:nix-community/home-manager"; nixpkgs.url = "github:NixOS/nixpkgs"; };
  outputs = { home-manager, nixpkgs, ... }: {
    homeConfigurations.momiji = home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [ { ${KEY} } ];
    };
  };
}`,
};

/** Everything that the hosts of these tests have besides their secrets. */
const SYSTEM: Readonly<Record<Platform, string>> = {
  nixos: `users.users = builtins.listToAttrs (map (name: { inherit name; value = { isSystemUser = true; group = name; }; }) [ ${ACCOUNTS.map(name => `"${name}"`).join(' ')} ]);`,
  darwin: '',
  home: '',
};

if (PROGRAM === '') {
  process.stderr.write(
    'left out: evaluation with the real sops-nix modules (SOPS_NIX_EVAL is not set); golden manifests stand in\n',
  );
}

describe.skipIf(PROGRAM === '')('the real sops-nix modules', () => {
  let root = '';
  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'secrets-sops-nix-')));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function write(path: string, text: string): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Evaluates the module of a host among the files that it names. */
  async function evaluate(
    module: HostModule,
    configuration = '',
    args: readonly string[] = [],
  ): Promise<Evaluated> {
    const { platform, host, directory, declarations } = module;
    for (const { file } of declarations) write(file, file);
    write(`${directory}/${host}.nix`, emitModule(module));
    const system = `{ config, ... }:\n{\n  imports = [ ./${directory}/${host}.nix ];\n  sops.age.keyFile = "/var/lib/sops-nix/key.txt";\n  ${SYSTEM[platform]}\n  ${configuration}\n}\n`;
    return run(['--flavour', platform, ...args, write('system.nix', system)]);
  }

  async function run(args: readonly string[]): Promise<Evaluated> {
    const env = { ...process.env, SOPS_NIX_EVAL_STORE: join(root, 'store') };
    const { stdout } = await promisify(execFile)(PROGRAM, [...args], { maxBuffer: 1 << 28, env });
    return JSON.parse(stdout);
  }

  /** The manifests without what depends on the machine; a file is known by its text, which is its own name. */
  function normalised({ manifest, manifestForUsers }: Evaluated): Manifest {
    const plain = (secrets: readonly ManifestSecret[] = []) =>
      secrets.map(({ sopsFileHash: _, ...secret }) => ({
        ...secret,
        sopsFile: readFileSync(String(secret.sopsFile), 'utf8'),
      }));
    return { secrets: plain(manifest?.secrets), secretsForUsers: plain(manifestForUsers?.secrets) };
  }

  it.each(HOSTS)('make the golden manifest of $host on $platform', async module => {
    const evaluated = await evaluate(module);
    expect([evaluated.assertions, evaluated.warnings]).toEqual([[], []]);
    expectGolden(`${module.host}.manifest.json`, `${JSON.stringify(normalised(evaluated), null, 2)}\n`);
  });

  it.each(['nixos', 'darwin', 'home'] as const)('take a module without secrets on %s', async platform => {
    const evaluated = await evaluate({ ...FLEET[platform], declarations: [] });
    expect(normalised(evaluated)).toEqual({ secrets: [], secretsForUsers: [] });
  });

  it('hand the path of the secret to the service', async () => {
    const use = 'services.fukurou = { enable = true; envFile = config.sops.secrets.kotori.path; };';
    const evaluated = await evaluate(FLEET.nixos, use, ['--fukurou', '--attr', ENVIRONMENT_FILE]);
    expect(evaluated.probe[ENVIRONMENT_FILE]).toBe('/run/secrets/kotori');
    expect([evaluated.assertions, evaluated.warnings]).toEqual([[], []]);
    const kotori = evaluated.manifest?.secrets.find(secret => secret.name === 'kotori');
    expect(kotori).toMatchObject({ format: 'dotenv', mode: '0400', restartUnits: ['fukurou.service'] });
  });

  it('take an option that hand-written Nix adds to an emitted secret', async () => {
    const evaluated = await evaluate(
      FLEET.nixos,
      'sops.secrets.kotori.owner = "alice"; sops.secrets.wifi = { group = "alice"; };',
    );
    const kotori = evaluated.manifest?.secrets.find(secret => secret.name === 'kotori');
    expect(kotori).toMatchObject({ format: 'dotenv', owner: 'alice', group: 'alice' });
  });

  it.each(['nixos', 'darwin', 'home'] as const)(
    'take the lines that are asked for, pasted into a flake on %s',
    async platform => {
      const module = FLEET[platform];
      const needs: WiringNeeds = {
        ...module,
        emittedPath: `${module.directory}/${module.host}.nix`,
        secrets: [],
      };
      const lines = missingWiring(
        findWiring([{ path: 'flake.nix', text: FLAKES[platform] }], needs),
        needs,
      ).map(step => step.lines.join('\n'));
      const [input, argument, sopsNix, emitted] = lines;
      expect(lines).toHaveLength(4);
      const text = FLAKES[platform]
        .replace('outputs = { ', `${input}\n  outputs = { ${argument} `)
        .replace('[ ', `[ ${sopsNix} ${emitted} `);
      for (const { file } of module.declarations) write(`flake/${file}`, file);
      write(`flake/${needs.emittedPath}`, emitModule(module));
      write('flake/flake.nix', text);
      expect(missingWiring(findWiring([{ path: 'flake.nix', text }], needs), needs)).toEqual([]);
      const evaluated = await run([
        '--flake',
        `${join(root, 'flake')}#${platform}Configurations.${module.host}`,
        '--all-files',
      ]);
      expect(normalised(evaluated)).toEqual(readGolden(`${module.host}.manifest.json`));
    },
  );

  it.each(['nixos', 'darwin', 'home'] as const)(
    `take ${CASES} random inventories on %s`,
    async platform => {
      const seed = seedOf(`inventories on ${platform}`);
      for (let i = 0; i < CASES; i++) {
        const module = randomModule(new Dice(seed + i), platform);
        const evaluated = await evaluate(module);
        expect([evaluated.assertions, evaluated.warnings], `case ${i}`).toEqual([[], []]);
        const { secrets, secretsForUsers } = normalised(evaluated);
        const names = [...secrets, ...secretsForUsers].map(secret => secret.name);
        expect(names.sort(), `case ${i}`).toEqual(module.declarations.map(({ name }) => name).sort());
        expect({ secrets, secretsForUsers }, `case ${i}`).toEqual(expected(module));
      }
    },
    600_000,
  );
});

/** What the installer is to be told, straight from the declarations. */
function expected(module: HostModule): Manifest {
  const { platform, declarations } = module;
  const entries = declarations.map(({ name, file, format, key, options }) => {
    const whole = format !== 'yaml' && format !== 'json';
    const mode = (options.mode ?? '0400').padStart(4, '0');
    const units =
      platform === 'nixos'
        ? { restartUnits: full(options.restartUnits), reloadUnits: full(options.reloadUnits) }
        : {};
    const secret = {
      ...options,
      ...units,
      sopsFile: file,
      format,
      mode,
      key: whole ? name : (key ?? name),
    };
    return [name, secret] as const;
  });
  return modelManifest(platform, Object.fromEntries(entries));
}

function full(units: readonly string[] = []): string[] {
  return [...new Set(units.map(unit => (/\.(service|timer|mount)$/.test(unit) ? unit : `${unit}.service`)))];
}
