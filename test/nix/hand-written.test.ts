import { describe, expect, it } from 'vitest';
import { readHandWritten } from '../../src/nix/hand-written.ts';
import type { HandHost } from '../../src/workspace/hand-written.ts';

const INPUTS = 'inputs.sops-nix.url = "github:Mic92/sops-nix"; inputs.nixpkgs.url = "x";';

/** The one configuration of a flake whose outputs are these. */
function host(outputs: string, files: Readonly<Record<string, string>> = {}, inputs = INPUTS): HandHost {
  const flake = `{ ${inputs} outputs = { self, nixpkgs, sops-nix, ... }@inputs: { ${outputs} }; }`;
  const all = Object.entries({ 'flake.nix': flake, ...files }).map(([path, text]) => ({ path, text }));
  const { hosts } = readHandWritten(all, [{ name: 'megumu', platform: 'nixos' }]);
  const found = hosts.find(({ name }) => name === 'megumu');
  if (found === undefined) throw new Error('there is no such host');
  return found;
}

const system = (modules: string) =>
  `nixosConfigurations.megumu = nixpkgs.lib.nixosSystem { modules = ${modules}; };`;

describe('a configuration that imports what cannot be read', () => {
  it.each([
    system('[ sops-nix.nixosModules.sops private.nixosModules.x ]'),
    system('[ private.nixosModules.sops-nix ]'),
    system('[ ./a.nix ] ++ more'),
    system('common'),
    system('[ (import ./a.nix { }) { imports = [ (builtins.fetchTarball "x") ]; } ]'),
    system('[ (nixpkgs.lib.mkIf true { } // { }) ]'),
  ])('%s', outputs => {
    expect(host(outputs, { 'a.nix': '{ imports = [ ]; }' }).opaque).toBe(true);
  });

  it.each([
    system('[ sops-nix.nixosModules.sops inputs.disko.nixosModules.disko ./a.nix { } ]'),
    system('[ "${nixpkgs}/nixos/modules/x.nix" (nixpkgs.lib.mkAliasOptionModule [ "a" ] [ "b" ]) ]'),
    system('[ home-manager-stable.nixosModules.home-manager { home-manager.users.a = { }; } ]'),
  ])('not: %s', outputs => {
    expect(
      host(outputs, { 'a.nix': '{ lib, modulesPath, ... }: { imports = [ (modulesPath + "/x.nix") ]; }' })
        .opaque,
    ).toBe(false);
  });

  it('is one whose function may add modules, where there are inputs that may have some', () => {
    const files = { 'hosts/megumu/default.nix': '{ sops.secrets.a = { }; }' };
    const made = 'nixosConfigurations = nixpkgs.lib.genAttrs [ "megumu" ] mkHost;';
    const called = 'nixosConfigurations.megumu = mkHost { modules = [ ./hosts/megumu ]; };';
    const more = `${INPUTS} inputs.private.url = "y";`;
    expect([made, called].map(outputs => host(outputs, files).opaque)).toEqual([false, false]);
    expect([made, called].map(outputs => host(outputs, files, more).opaque)).toEqual([true, true]);
  });

  it('names sops-nix as it likes', () => {
    const inputs = 'inputs = { nixpkgs.url = "x"; secrets-of-mine = { url = "github:Mic92/sops-nix"; }; };';
    expect(host(system('[ inputs.secrets-of-mine.nixosModules.sops ]'), {}, inputs).opaque).toBe(false);
  });

  it('tells imports without a file apart', () => {
    const { unread, opaque } = host(system('[ ./a.nix ./private ]'), { 'a.nix': '{ }' });
    expect({ unread, opaque }).toEqual({ unread: ['private'], opaque: false });
  });

  it('knows the modules that all profiles share', () => {
    const flake = system(
      '[ { home-manager.sharedModules = [ private.x ]; home-manager.users.kamov = { }; } ]',
    );
    const files = [{ path: 'flake.nix', text: `{ outputs = { nixpkgs, ... }: { ${flake} }; }` }];
    const { hosts } = readHandWritten(files, []);
    expect(hosts.map(({ name, opaque }) => [name, opaque])).toEqual([
      ['megumu', false],
      ['kamov', true],
    ]);
  });
});

describe('what lies in the folder of a machine', () => {
  it('is certain where it is imported', () => {
    const found = host(system('[ ]'), {
      'hosts/megumu/default.nix': '{ imports = [ ./a.nix ]; }',
      'hosts/megumu/a.nix': '{ sops.secrets.a = { }; }',
      'hosts/megumu/old.nix': '{ sops.secrets.b = { }; }',
    });
    const paths = found.modules.map(module => [module.path, found.certain.has(module)]);
    expect(paths.filter(([path]) => path !== 'flake.nix').sort()).toEqual([
      ['hosts/megumu/a.nix', true],
      ['hosts/megumu/default.nix', true],
      ['hosts/megumu/old.nix', false],
    ]);
  });
});

describe('styles', () => {
  const read = (text: string) => {
    const hand = readHandWritten(
      [{ path: 'hosts/megumu/default.nix', text }],
      [{ name: 'megumu', platform: 'nixos' }],
    );
    const secrets = hand.hosts.flatMap(({ modules }) => modules.flatMap(module => module.secrets));
    return secrets.map(({ attribute, options }) => {
      const given = [...options].map(
        ([name, { value }]) => `${name}=${'text' in value ? value.text : value.kind}`,
      );
      return [attribute, ...given, ...(hand.unclearSecrets.has(attribute) ? ['unclear'] : [])].join(' ');
    });
  };

  it.each([
    ['let sopsFile = ./x; in { sops.secrets.a = { inherit sopsFile; }; }', ['a sopsFile=./x']],
    ['let secrets = { a.sopsFile = ./x; }; in { sops = { inherit secrets; }; }', ['a sopsFile=./x']],
    ['let secrets.a = { }; in { sops = { inherit secrets; }; }', []],
    ['let one = { key = "k"; }; in { sops.secrets.a = one; sops.secrets.b = one; }', ['a key=k', 'b key=k']],
    [
      '{ lib, ... }: { sops.secrets = lib.genAttrs [ "a" "b" ] (_: { mode = "0400"; }); }',
      ['a mode=0400', 'b mode=0400'],
    ],
    ['{ lib, ... }: { sops.secrets = lib.genAttrs [ "a" ] (name: { key = name; }); }', ['a key=unknown']],
    ['{ lib, ... }: { sops.secrets = lib.genAttrs names (_: { }); }', []],
    [
      '{ lib, ... }: let names = [ "a" ]; in { sops.secrets = lib.genAttrs names (_: { mode = "0400"; }); }',
      ['a mode=0400'],
    ],
    [
      '{ lib, ... }: { sops.secrets = lib.mkMerge [ { a.key = "k"; } (lib.mkIf x { a.mode = "0400"; }) ]; }',
      ['a key=k'],
    ],
    ['assert 1 == 1; { sops.secrets.a = { }; }', ['a']],
    ['{ config, ... }: { sops.secrets.a = { config, ... }: { key = "k"; }; }', ['a key=k']],
    ['{ lib, ... }: { sops.secrets = lib.mkForce { a.key = "k"; }; }', []],
    [
      '{ lib, ... }: lib.mkMerge [ { sops.secrets.a.key = "k"; } (lib.mkIf x { sops.secrets.a.key = "l"; }) ]',
      ['a key=k unclear'],
    ],
    [
      'let s = { a.key = "k"; }; in { sops.secrets = s; b = lib.mkIf x { sops.secrets.a.key = "l"; }; }',
      ['a key=k unclear'],
    ],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

describe('files that are left out', () => {
  const files = (flake: string) =>
    [
      ['flake.nix', flake],
      ['modules/_old.nix', '{ sops.secrets.a.sopsFile = ./gone.yaml; }'],
      ['modules/_lib/b.nix', '{ }'],
      ['modules/c.nix', '{ }'],
    ].map(([path = '', text = '']) => ({ path, text }));

  it('are those with an underscore, where files are imported by the folder', () => {
    const { leftOut } = readHandWritten(files('{ outputs = i: i.import-tree ./modules; }'), []);
    expect([...leftOut]).toEqual(['modules/_old.nix', 'modules/_lib/b.nix']);
  });

  it('are none where files are imported by name', () => {
    expect(readHandWritten(files('{ outputs = _: { }; }'), []).leftOut.size).toBe(0);
  });
});

describe('a use of a secret', () => {
  /** The names that a module uses. */
  function used(text: string): string[] {
    return [...readHandWritten([{ path: 'a.nix', text }], []).uses.keys()];
  }

  it.each([
    ['plainly', '{ config, ... }: { a = config.sops.secrets.kotori.path; }'],
    ['by a name of let', '{ config, ... }: let s = config.sops.secrets; in { a = s.kotori.path; }'],
    [
      'inherited',
      '{ config, ... }: let inherit (config.sops) templates secrets; in { a = secrets.kotori.path; }',
    ],
    ['in a text', `{ config, ... }: let p = config.sops.placeholder; in { a = "x=\${p.kotori}"; }`],
  ])('%s', (_, text) => {
    expect(used(text)).toEqual(['kotori']);
  });

  it.each([
    ['a name that is bound twice', 'let s = config.sops.secrets; in { b = let s = { }; in s.kotori; }'],
    ['an argument of that name', '{ s, ... }: let s = config.sops.secrets; in (s: s.kotori)'],
    ['an attribute of that name', 'let inherit (config.sops) secrets; in { a = x.secrets.kotori; }'],
    ['something else', 'let s = config.sops.secrets // { }; in s.kotori'],
  ])('is not told by %s', (_, text) => {
    expect(used(text)).toEqual([]);
  });
});
