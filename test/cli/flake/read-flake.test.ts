import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FlakeOptions, readFlake } from '../../../src/cli/flake/read-flake.ts';
import type { FlakeHost } from '../../../src/nix/evaluated.ts';
import { describeWith, programPath } from '../../helpers/programs.ts';
import { Sandbox } from '../../helpers/sandbox.ts';

let sandbox: Sandbox;
let env: Record<string, string>;

beforeEach(() => {
  sandbox = new Sandbox();
  const nix = join(sandbox.root, 'nix');
  env = {
    ...sandbox.env,
    NIX_STORE_DIR: join(nix, 'store'),
    NIX_STATE_DIR: join(nix, 'var'),
    NIX_LOG_DIR: join(nix, 'log'),
    NIX_CONF_DIR: join(nix, 'etc'),
  };
});
afterEach(() => sandbox.dispose());

function write(path: string, text: string): string {
  const file = join(sandbox.work, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function git(...args: string[]): void {
  execFileSync(programPath('git') ?? 'git', args, { cwd: sandbox.work, env, stdio: 'pipe' });
}

/** A flake whose `nixosConfigurations` is this expression, in git. */
function flake(configurations: string, path = 'flake.nix'): void {
  write(path, `{ outputs = { self }: ${configurations}; }\n`);
  git('init', '-q');
  git('add', '-A');
}

function read(ref = '.', options: Partial<FlakeOptions> = {}, cwd = sandbox.work): Promise<FlakeHost[]> {
  return readFlake({ env, cwd }, ref, { root: sandbox.work, ...options });
}

/** A configuration with one secret. */
function host(options: string): string {
  const secret = `{ name = "kotori"; key = "kotori"; format = "yaml"; mode = "0400"; path = "/run/secrets/kotori"; sopsFile = ./kotori.yaml; } // ${options}`;
  return `{ config.sops.secrets.kotori = ${secret}; }`;
}

describeWith(['nix', 'git'], 'a flake read with the nix of this machine', () => {
  it('has machines, Macs, profiles, and profiles inside machines', async () => {
    const inside = `${host('{ }')} // { config = (${host('{ }')}).config // { home-manager.users.kamov = (${host('{ mode = "0440"; }')}).config; }; }`;
    flake(`{
      nixosConfigurations = { megumu = ${inside}; plain.config = { }; };
      darwinConfigurations.aya = ${host('{ owner = "root"; }')};
      homeConfigurations."kamov@momiji" = ${host('{ }')};
    }`);
    const hosts = await read();
    expect(hosts.map(({ platform, name, inside: machine }) => [platform, name, machine])).toEqual([
      ['nixos', 'megumu', null],
      ['home', 'kamov', 'megumu'],
      ['nixos', 'plain', null],
      ['darwin', 'aya', null],
      ['home', 'kamov@momiji', null],
    ]);
    expect(hosts.map(({ problem }) => problem)).toEqual([null, null, null, null, null]);
    expect(hosts.map(({ sopsNix }) => sopsNix)).toEqual([true, true, false, true, true]);
    expect(hosts.flatMap(each => each.secrets.map(({ sopsFile }) => sopsFile.path))).toEqual([
      'kotori.yaml',
      'kotori.yaml',
      'kotori.yaml',
      'kotori.yaml',
    ]);
    expect(hosts[1]?.secrets[0]?.mode).toBe('0440');
    expect(existsSync(join(sandbox.work, 'flake.lock'))).toBe(false);
  });

  it('may lie below the top of git, with the workspace anywhere', async () => {
    flake(
      `{ nixosConfigurations.megumu = ${host('{ sopsFile = ./. + "/../secrets/a.yaml"; }')}; }`,
      'nix/flake.nix',
    );
    const [fromTop] = await read('./nix');
    expect(fromTop?.secrets[0]?.sopsFile.path).toBe('secrets/a.yaml');
    const [fromBelow] = await read('.', { root: join(sandbox.work, 'secrets') }, join(sandbox.work, 'nix'));
    expect(fromBelow?.secrets[0]?.sopsFile.path).toBe('a.yaml');
    const [apart] = await read('.', { root: join(sandbox.work, 'nix') }, join(sandbox.work, 'nix'));
    expect(apart?.secrets[0]?.sopsFile.path).toBeNull();
  });

  it('needs no git', async () => {
    write('flake.nix', `{ outputs = _: { nixosConfigurations.megumu = ${host('{ }')}; }; }`);
    const [megumu] = await read();
    expect(megumu?.secrets[0]?.sopsFile.path).toBe('kotori.yaml');
  });

  it('is read as far as it is asked for', async () => {
    flake(`{ nixosConfigurations = { megumu = ${host('{ }')}; aya = throw "not this one"; }; }`);
    const hosts = await read('.', { only: name => name === 'megumu' });
    expect(hosts.map(({ name, problem }) => [name, problem])).toEqual([['megumu', null]]);
  });

  it('shows every other host where one fails, and every profile where the machine fails', async () => {
    const good = `(${host('{ }')}).config`;
    flake(`{
      nixosConfigurations = {
        a.config = throw "broken for good";
        b.config = { sops = { }.gone; home-manager.users = { kamov = ${good}; alice = { sops.secrets = 7 + { }; }; }; };
        c = ${host('{ key = throw "no key"; mode = "0440"; }')};
        d = ${host('{ }')};
      };
    }`);
    const hosts = await read();
    expect(hosts.map(({ name, problem, secrets }) => [name, problem, secrets.length])).toEqual([
      ['a', 'broken for good', 0],
      ['b', "attribute 'gone' missing", 0],
      ['alice', expect.stringMatching(/cannot add|cannot coerce|while a/), 0],
      ['kamov', null, 1],
      ['c', null, 0],
      ['d', null, 1],
    ]);
    expect(hosts[4]?.failed).toEqual([
      expect.objectContaining({ attribute: 'kotori', options: ['key'], problem: 'no key' }),
    ]);
  });

  it('is told from a folder without one, and from one that is no Nix', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'FLAKE_FAILED' });
    flake('{ nixosConfigurations = throw "nothing to list"; }');
    await expect(read()).rejects.toMatchObject({
      code: 'FLAKE_FAILED',
      message: expect.stringContaining('nothing to list'),
    });
    flake('{ }');
    expect(await read()).toEqual([]);
  });

  it('cannot hold the reader up', async () => {
    const endless =
      "(builtins.foldl' (a: b: a + builtins.foldl' (c: d: c + d) 0 (builtins.genList (x: x) 30000)) 0 (builtins.genList (x: x) 1000000))";
    flake(
      `{ nixosConfigurations = { a = ${host(`{ key = toString ${endless}; }`)}; b = ${host('{ }')}; }; }`,
    );
    const before = performance.now();
    const hosts = await read('.', { limit: 2000 });
    expect(performance.now() - before).toBeLessThan(30_000);
    expect(hosts.map(({ problem }) => problem)).toEqual(['it did not end within 2 seconds', null]);
  });

  it('cannot flood the reader', async () => {
    const long =
      'builtins.concatStringsSep "" (builtins.genList (x: "0123456789abcdef0123456789abcdef") 2200000)';
    flake(`{ nixosConfigurations = { a = ${host(`{ key = ${long}; }`)}; b = ${host('{ }')}; }; }`);
    const hosts = await read();
    expect(hosts.map(({ problem }) => problem)).toEqual(['it prints more than can be read', null]);
  });

  it('sees nothing of the machine', async () => {
    const told = write('told.txt', 'of the machine');
    const outside = join(sandbox.home, 'outside.txt');
    writeFileSync(outside, 'of the home');
    flake(`{ nixosConfigurations = {
      env = ${host('{ key = builtins.getEnv "HOME"; }')};
      file = ${host(`{ key = builtins.readFile ${outside}; }`)};
    }; }`);
    const [byEnv, byFile] = await read();
    expect(byEnv?.secrets[0]?.key).toBe('');
    expect(byFile?.problem).toMatch(/forbidden in pure/);
    expect(existsSync(told)).toBe(true);
  });

  it('builds nothing unless that is asked for', async () => {
    const ran = join(sandbox.root, 'ran');
    const made = `derivation { name = "made"; builder = "/bin/sh"; args = [ "-c" "echo made > $out; echo made > ${ran}" ]; system = builtins.currentSystem or "x86_64-linux"; }`;
    flake(`{ nixosConfigurations.a = ${host(`{ key = builtins.readFile (${made}); }`)}; }`);
    const [a] = await read();
    expect(`${a?.problem} ${a?.failed[0]?.problem}`).toMatch(/import-from-derivation|IFD/);
    expect(existsSync(ran)).toBe(false);
  });
});

describe('the nix that is run', () => {
  /** A nix that says what it was given, and has nothing. */
  function fakeNix(folder: string): string {
    mkdirSync(folder, { recursive: true });
    const program = join(folder, 'nix');
    const log = join(sandbox.root, 'log');
    writeFileSync(
      program,
      `#!/bin/sh\necho "$0 $*" >> ${log}\nenv >> ${log}\ncase "$*" in *metadata*) echo '{"path":"/nix/store/x","resolved":{"type":"path","path":"/"}}';; *) echo '[]';; esac\n`,
    );
    chmodSync(program, 0o755);
    return folder;
  }
  const logged = () => readFileSync(join(sandbox.root, 'log'), 'utf8');
  const withPath = (...folders: string[]) => {
    env = { ...env, PATH: [...folders, '/usr/bin', '/bin'].join(delimiter) };
  };

  it('has no private key, no other repository, and a PATH outside of the work tree', async () => {
    git('init', '-q');
    withPath(fakeNix(join(sandbox.root, 'trusted')), join(sandbox.work, 'bin'), 'bin', '');
    mkdirSync(join(sandbox.work, 'bin'));
    env = {
      ...env,
      SOPS_AGE_KEY: 'not-to-be-seen',
      SOPS_AGE_KEY_FILE: '/not-to-be-seen',
      GIT_DIR: '/not-to-be-seen',
      GIT_INDEX_FILE: '/not-to-be-seen',
    };
    expect(await read()).toEqual([]);
    expect(logged()).not.toContain('not-to-be-seen');
    expect(logged()).toContain('pure-eval true');
    expect(logged()).toContain('accept-flake-config false');
    expect(logged()).toContain('allow-import-from-derivation false');
    expect(logged()).toMatch(/^PATH=[^:]*\/trusted:\/usr\/bin:\/bin$/m);
    expect(logged()).toMatch(/^GIT_CONFIG_VALUE_1=false$/m);
    expect(logged()).toMatch(/^GIT_CONFIG_KEY_0=init.defaultBranch$/m);
  });

  it('is never one of the work tree, not even by a link or a relative entry', async () => {
    git('init', '-q');
    fakeNix(join(sandbox.work, 'bin'));
    const linked = join(sandbox.root, 'linked');
    symlinkSync(join(sandbox.work, 'bin'), linked);
    env = { ...env, PATH: [join(sandbox.work, 'bin'), linked, 'bin', ''].join(delimiter) };
    await expect(read()).rejects.toMatchObject({ code: 'NIX_UNAVAILABLE' });
    expect(existsSync(join(sandbox.root, 'log'))).toBe(false);
  });

  it.each(['', '.#megumu', '--help', '-I', 'a\nb', '.\u0000'])('is not given %j', async ref => {
    withPath(fakeNix(join(sandbox.root, 'trusted')));
    await expect(read(ref)).rejects.toMatchObject({ code: 'USAGE' });
    expect(existsSync(join(sandbox.root, 'log'))).toBe(false);
  });
});
