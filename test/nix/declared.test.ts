// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nix interpolates with the same signs
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  declaredByHand,
  findWiring,
  otherKeySources,
  type Wiring,
  type WiringQuery,
} from '../../src/nix/declared.ts';
import { emitModule } from '../../src/nix/module.ts';
import { expectLinear } from '../helpers/linear.ts';

const QUERY: WiringQuery = {
  host: 'megumu',
  platform: 'nixos',
  emittedPath: 'secrets/megumu.nix',
  secrets: ['kotori', 'kanidm/miniflux'],
};

function look(files: Readonly<Record<string, string>>, query: Partial<WiringQuery> = {}): Wiring {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }));
  return findWiring(list, { ...QUERY, ...query });
}

function inFile(text: string, query: Partial<WiringQuery> = {}, path = 'configuration.nix'): Wiring {
  return look({ [path]: text }, query);
}

const byHand = (text: string) => [...inFile(text).declared.keys()];

describe('the sops-nix input', () => {
  it.each([
    'inputs.sops-nix.url = "github:Mic92/sops-nix";',
    'inputs = { sops-nix.url = "github:Mic92/sops-nix"; };',
    'inputs = { sops-nix = { url = "github:Mic92/sops-nix"; inputs.nixpkgs.follows = "nixpkgs"; }; };',
    'inputs = { secrets = { url = "git+https://github.com/Mic92/sops-nix?ref=master"; }; };',
    'inputs.sops.url = github:Mic92/sops-nix;',
    'inputs.sops-nix.follows = "common/sops-nix";',
    'inputs."sops-nix".url = "path:/x";',
  ])('is there: %s', text => {
    expect(look({ 'flake.nix': `{ ${text} outputs = { ... }: { }; }` }).input).toBe(true);
  });

  it.each([
    '# inputs.sops-nix.url = "github:Mic92/sops-nix";',
    '/* inputs.sops-nix.url = "x"; */',
    'description = "inputs.sops-nix.url = x; sops-nix";',
    'inputs.other.inputs.sops-nix.follows = "";',
    'inputs.nixpkgs.url = "github:NixOS/nixpkgs";',
    'outputs = inputs: { inputs.sops-nix.url = "x"; };',
  ])('is not there: %s', text => {
    expect(look({ 'flake.nix': `{ ${text} }` }).input).toBe(false);
  });

  it('is looked for in the flake nearest to the root', () => {
    const wiring = look({
      'templates/a/flake.nix': '{ inputs.sops-nix.url = "x"; }',
      'flake.nix': '{ inputs.nixpkgs.url = "x"; }',
    });
    expect([wiring.flakeFile, wiring.input]).toEqual(['flake.nix', false]);
  });
});

describe('the module of sops-nix', () => {
  it.each([
    '{ modules = [ sops-nix.nixosModules.sops ]; }',
    '{ modules = [ inputs.sops-nix.nixosModules.default ]; }',
    '{ modules = with inputs; [ sops-nix.nixosModules.sops ]; }',
    '{ imports = [ inputs.sops-nix."${kind}Modules".sops ]; }',
    '{ imports = [ (inputs.sops-nix.${kind + "Modules"}.sops) ]; }',
    '{ imports = [ "${inputs.sops-nix}/modules/sops" ]; }',
    '{ imports = [ <sops-nix/modules/sops> ]; }',
    '{ imports = [ "${builtins.fetchTarball "https://github.com/Mic92/sops-nix/archive/master.tar.gz"}/modules/sops" ]; }',
  ])('is there: %s', text => {
    expect(inFile(text).moduleImports).toEqual([{ path: 'configuration.nix', line: 1 }]);
  });

  it.each([
    '{ modules = [ sops-nix.darwinModules.sops ]; }',
    '{ home-manager.sharedModules = [ sops-nix.homeManagerModules.sops ]; }',
    '{ modules = [ /* sops-nix.nixosModules.sops */ ]; }',
    '{ description = "sops-nix.nixosModules.sops"; }',
    '{ modules = [ agenix.nixosModules.sops ]; }',
    '{ nixosConfigurations.other = nixosSystem { modules = [ sops-nix.nixosModules.sops ]; }; }',
  ])('is not there: %s', text => {
    expect(inFile(text).moduleImports).toEqual([]);
  });

  it.each([
    ['darwin', 'sops-nix.darwinModules.sops'],
    ['home', 'sops-nix.homeManagerModules.sops'],
    ['home', 'sops-nix.homeModules.default'],
    ['home', 'inputs.sops-nix.homeManagerModule'],
  ] as const)('on %s: %s', (platform, module) => {
    expect(inFile(`{ modules = [ ${module} ]; }`, { platform }).moduleImports).toHaveLength(1);
  });

  it('is known by the name that the flake gives the input', () => {
    const wiring = look({
      'flake.nix':
        '{ inputs.vault.url = "github:Mic92/sops-nix"; outputs = { vault, ... }: { m = [ vault.nixosModules.sops ]; }; }',
    });
    expect(wiring.moduleImports).toHaveLength(1);
  });
});

describe('the import of the emitted file', () => {
  it.each([
    ['flake.nix', './secrets/megumu.nix'],
    ['hosts/megumu/default.nix', '../../secrets/megumu.nix'],
    ['hosts/x/default.nix', '../.././secrets/megumu.nix'],
    ['secrets/all.nix', './megumu.nix'],
    ['flake.nix', 'secrets/megumu.nix'],
    ['flake.nix', '(self + "/secrets/megumu.nix")'],
    ['flake.nix', '"${self}/secrets/megumu.nix"'],
    ['modules/a.nix', '"${inputs.self}/secrets/${config.networking.hostName}.nix"'],
    ['modules/a.nix', '../secrets/${host}.nix'],
    ['modules/a.nix', '(../secrets + "/${host}.nix")'],
    ['modules/a.nix', '"${../secrets}/megumu.nix"'],
    ['flake.nix', '(./secrets + "/${host}" + ".nix")'],
    ['flake.nix', '(import-tree ./secrets)'],
  ])('is there in %s: %s', (path, expression) => {
    expect(inFile(`{ imports = [ ${expression} ]; }`, {}, path).emittedImports).not.toEqual([]);
  });

  it.each([
    ['flake.nix', '"./secrets/megumu.nix"'],
    ['flake.nix', '"/secrets/megumu.nix"'],
    ['flake.nix', './secrets/aya.nix'],
    ['modules/a.nix', './secrets/megumu.nix'],
    ['modules/a.nix', '../hosts/${host}.nix'],
    ['flake.nix', '/* ./secrets/megumu.nix */'],
    ['flake.nix', '/secrets/megumu.nix'],
    ['flake.nix', './secrets/${host}/default.nix'],
    ['flake.nix', './secrets/aya-${x}.nix'],
    ['flake.nix', '../secrets/megumu.nix'],
    ['flake.nix', '(./hosts + "/secrets/megumu.nix")'],
    ['flake.nix', './secrets'],
    ['flake.nix', '"${f ./secrets}/megumu.nix"'],
    ['flake.nix', '(self + "xsecrets/megumu.nix")'],
  ])('is not there in %s: %s', (path, expression) => {
    expect(inFile(`{ imports = [ ${expression} ]; }`, {}, path).emittedImports).toEqual([]);
  });

  it('may stand in a file that does not speak of secrets', () => {
    expect(inFile('{ imports = [ ./megumu.nix ]; }', {}, 'x/all.nix').emittedImports).toEqual([]);
    expect(
      inFile('{ imports = [ ./megumu.nix ]; }', { emittedPath: 'x/megumu.nix' }, 'x/all.nix').emittedImports,
    ).toHaveLength(1);
  });
});

describe('the use of a secret', () => {
  it.each([
    'x = config.sops.secrets.kotori.path;',
    'x = config.sops.secrets."kotori".path;',
    'x = "${config.sops.secrets.kotori.path}";',
    "x = ''cat ${config.sops.secrets.kotori.path}'';",
    'x = "TOKEN=${config.sops.placeholder.kotori}";',
    'inherit (config.sops.secrets.kotori) path;',
    'x = osConfig.sops.secrets.kotori.path;',
    'x = (f config).sops.secrets.kotori.path;',
    'x = with config.sops.secrets; kotori.path;',
    'x = let s = config.sops.secrets; in s.kotori.path;',
    'x = map (n: config.sops.secrets.${n}.path) [ "kotori" ];',
    'x = if a then b else config.sops.secrets.kotori.path;',
    'x = with lib; { y = config.sops.secrets.kotori.path; };',
  ])('is there: %s', text => {
    expect(inFile(`{ config, ... }:\n{\n  ${text}\n}`).uses.get('kotori')).toEqual([
      { path: 'configuration.nix', line: 3 },
    ]);
  });

  it.each([
    '# config.sops.secrets.kotori.path',
    'x = "config.sops.secrets.kotori.path";',
    'x = "\\${config.sops.secrets.kotori.path}";',
    "x = ''$''{config.sops.secrets.kotori.path}'';",
    'x = config.sops.secrets.kotori2.path;',
    'x = config.sops.secrets.${n}.path;',
    'sops.secrets.kotori = { };',
    'sops.secrets.kotori.owner = "x";',
    'x = config.age.secrets.kotori.path;',
  ])('is not there: %s', text => {
    expect(inFile(`{ config, ... }: { ${text} }`).uses.get('kotori')).toEqual([]);
  });

  it('knows quoted names', () => {
    const wiring = inFile('{ x = config.sops.secrets."kanidm/miniflux".path; }');
    expect(wiring.uses.get('kanidm/miniflux')).toHaveLength(1);
    expect([...wiring.uses.keys()]).toEqual(['kotori', 'kanidm/miniflux']);
  });
});

describe('what is declared by hand', () => {
  it.each([
    'sops.secrets.kotori = { sopsFile = ./x.env; };',
    'sops.secrets.kotori.sopsFile = ./x.env;',
    'sops = { secrets = { kotori.sopsFile = ./x; }; };',
    'sops = { secrets = { kotori = { sopsFile = ./x; }; }; };',
    'sops.secrets = { "kotori" = { sopsFile = ./x; }; };',
    'sops.secrets.kotori = lib.mkIf a { sopsFile = ./x; };',
    'config = lib.mkIf a { sops.secrets.kotori.sopsFile = ./x; };',
    'config = lib.mkMerge [ { sops.secrets.kotori.sopsFile = ./x; } ];',
    'sops.secrets = lib.mkMerge [ { kotori.sopsFile = ./x; } ];',
    'sops.secrets = lib.genAttrs [ "kotori" ] (name: { });',
    'sops.secrets = let f = ./x; in { kotori.sopsFile = f; };',
    'sops.secrets = with lib; { kotori.sopsFile = ./x; };',
    'sops.secrets = { inherit (mine) kotori; };',
    'sops.secrets.kotori = mine;',
    'sops.defaultSopsFile = ./s.yaml; sops.secrets.kotori = { };',
    'sops = { defaultSopsFile = ./s.yaml; secrets.kotori = { owner = "x"; }; };',
  ])('%s', text => {
    expect(byHand(`{ lib, ... }: { ${text} }`)).toEqual(['kotori']);
  });

  it.each([
    ['a completion', 'sops.secrets.kotori.owner = "x";'],
    ['a completion as a set', 'sops.secrets.kotori = { owner = "x"; };'],
    [
      'a completion beside a default file',
      'sops.defaultSopsFile = ./s.yaml; sops.secrets.kotori.owner = "x";',
    ],
    ['an option', 'options.sops.secrets.kotori = mine;'],
    ['a comment', '# sops.secrets.kotori = mine;'],
    ['text', 'x = "sops.secrets.kotori.sopsFile = ./x;";'],
    ['a use', 'x = config.sops.secrets.kotori.sopsFile;'],
    ['home-manager inside the system', 'home-manager.users.kamov.sops.secrets.kotori.sopsFile = ./x;'],
    ['another namespace', 'age.secrets.kotori.sopsFile = ./x;'],
    ['another host', 'x.nixosConfigurations.aya = f { sops.secrets.kotori.sopsFile = ./x; };'],
  ])('is not %s: %s', (_, text) => {
    expect(byHand(`{ ${text} }`)).toEqual([]);
  });

  it('names the place', () => {
    const wiring = inFile('{\n  sops.secrets = {\n    "a/b" = {\n      sopsFile = ./x;\n    };\n  };\n}\n');
    expect([...wiring.declared]).toEqual([['a/b', { path: 'configuration.nix', line: 4 }]]);
  });

  it('takes odd names as they are', () => {
    const names = ['__proto__', 'constructor', 'a.b', 'a b'];
    const text = names.map(name => `sops.secrets."${name}".sopsFile = ./x;`).join('\n');
    expect(byHand(`{ ${text} }`)).toEqual(names);
  });

  it('passes over what was emitted', () => {
    const text = emitModule({
      host: 'megumu',
      platform: 'nixos',
      directory: 'secrets',
      declarations: [{ name: 'kotori', file: 'secrets/a.yaml', format: 'yaml', key: null, options: {} }],
    });
    expect(declaredByHand([{ path: 'secrets/megumu.nix', text }], 'megumu')).toEqual(new Set());
  });
});

describe('to whom a file belongs', () => {
  const text = '{ sops.secrets.kotori.sopsFile = ./x; }';
  const names = (files: readonly string[], query: Partial<WiringQuery> = {}) =>
    [...look(Object.fromEntries(files.map(path => [path, text])), query).declared.values()].map(
      ({ path }) => path,
    );

  it('leaves out the folders of other hosts where the host has one beside them', () => {
    expect(names(['hosts/aya/default.nix', 'hosts/megumu/default.nix'])).toEqual([
      'hosts/megumu/default.nix',
    ]);
    expect(names(['hosts/aya.nix', 'hosts/megumu.nix'])).toEqual(['hosts/megumu.nix']);
  });

  it('counts a folder that may be the host under another name', () => {
    expect(names(['hosts/server/default.nix'])).toEqual(['hosts/server/default.nix']);
    expect(names(['hosts/server/default.nix'], { otherHosts: ['server'] })).toEqual([]);
  });

  it.each(['hosts/common/default.nix', 'hosts/_shared/x.nix', 'modules/aya/x.nix', 'aya.nix'])(
    'counts %s',
    path => {
      const paths = look({ [path]: text, 'hosts/megumu/default.nix': '{ }' });
      expect([...paths.declared.values()]).toEqual([{ path, line: 1 }]);
    },
  );

  it('does not take the profile of a person for the system', () => {
    expect(names(['home/kamov.nix'])).toEqual([]);
    expect(names(['hosts/megumu/home.nix'])).toEqual([]);
    expect(names(['home/kamov.nix'], { platform: 'home' })).toEqual(['home/kamov.nix']);
    expect([...declaredByHand([{ path: 'home/kamov.nix', text }], 'megumu')]).toEqual(['kotori']);
    expect([...declaredByHand([{ path: 'home/kamov.nix', text }], 'megumu', 'darwin')]).toEqual([]);
  });

  it.each(['megumu', 'kamov@megumu'])('counts the configuration of %s as its own', name => {
    const flake = `{ outputs = x: { homeConfigurations."${name}" = f { modules = [ ${text} ]; }; }; }`;
    expect(inFile(flake, { platform: 'home' }, 'flake.nix').declared.has('kotori')).toBe(true);
  });
});

describe('the default file', () => {
  it('is that of the host before that of anybody', () => {
    const wiring = look({
      'common.nix': '{ sops.defaultSopsFile = ./all.yaml; }',
      'hosts/megumu/default.nix': '{ sops.defaultSopsFile = ./sops.yaml; }',
    });
    expect(wiring.defaultSopsFile).toBe('hosts/megumu/sops.yaml');
  });

  it.each(['"/x/sops.yaml"', '"${self}/sops.yaml"', 'mine'])('is unknown where it is %s', value => {
    expect(inFile(`{ sops.defaultSopsFile = ${value}; }`).defaultSopsFile).toBe(null);
  });
});

describe('key sources', () => {
  it('are found with file, line and value', () => {
    const wiring = inFile(
      '{\n  sops.age.keyFile = "/var/key.txt";\n  sops = {\n    age.sshKeyPaths = [ "/a" "/b" ];\n  };\n}',
    );
    expect(wiring.keySources).toEqual([
      { option: 'age.keyFile', paths: ['/var/key.txt'], path: 'configuration.nix', line: 2 },
      { option: 'age.sshKeyPaths', paths: ['/a', '/b'], path: 'configuration.nix', line: 4 },
    ]);
  });

  it.each([
    ['"${config.home.homeDirectory}/keys.txt"', null],
    ['if a then "/x" else "/y"', null],
    ['lib.mkForce "/x"', ['/x']],
    ['mine', null],
  ])('with the value %s', (value, paths) => {
    expect(inFile(`{ sops.age.keyFile = ${value}; }`).keySources).toEqual([
      { option: 'age.keyFile', paths, path: 'configuration.nix', line: 1 },
    ]);
  });

  it.each([
    ['{ sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ]; }', 0],
    ['{ sops.age.sshKeyPaths = [ "/persist/etc/ssh/ssh_host_ed25519_key" ]; }', 1],
    ['{ sops.age.sshKeyPaths = [ ]; }', 1],
    ['{ sops.age.sshKeyPaths = map f keys; }', 1],
    ['{ sops.age.keyFile = "/x"; }', 1],
    ['{ # sops.age.keyFile = "/x";\n }', 0],
    ['{ home-manager.users.a.sops.age.keyFile = "/x"; }', 0],
    ['{ services.sops.age.keyFiles = "/x"; }', 0],
  ])('that are another than the host key: %s', (text, count) => {
    expect(otherKeySources(inFile(text))).toHaveLength(count);
  });
});

describe('hostile text', () => {
  it('never throws', () => {
    const pieces = [
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '"',
      "''",
      '${',
      '=',
      ';',
      '.',
      'sops',
      'secrets',
      'kotori',
      'let',
      'in',
      'inherit',
      'with',
      ' ',
      './secrets/',
      '+',
      'nixosConfigurations',
      'age',
      'keyFile',
      '?',
      ',',
      ':',
      '@',
      '\n',
      '#',
      'inputs',
      'url',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), parts => {
        const text = `sops ${parts.join('')}`;
        const wiring = look({ 'flake.nix': text, 'a.nix': text });
        expect(wiring.uses.size).toBe(2);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['nested sets', 'a={'],
    ['nested strings', '"${'],
    ['nested paths', './a${'],
    ['interpolated paths', '"${./secrets/a}'],
    ['long chains', 'sops.secrets.'],
    ['uses on one line', 'config.sops.secrets.kotori.path '],
    ['joined text', '+ "/secrets" '],
    ['nested let', 'let a = '],
    ['computed names', 'a.${"b"}.'],
    ['closers', '(]})'],
    ['key paths', 'sops.age.sshKeyPaths = [ "a" "b" ]; '],
    ['declarations', 'sops.secrets.a.sopsFile = ./x; '],
    ['hosts', 'nixosConfigurations.hosts.'],
  ])('takes time in proportion to its length: %s', (_, piece) =>
    expectLinear(120_000, size => {
      const text = `sops { x = ${piece.repeat(Math.ceil(size / piece.length))}`;
      look({ 'flake.nix': text, [`${'hosts/'.repeat(200)}a.nix`]: text });
    }),
  );
});
