import { describe, expect, it } from 'vitest';
import { findWiring, missingWiring, type WiringNeeds, type WiringStep } from '../../src/nix/declared.ts';
import type { Platform } from '../../src/workspace/model.ts';

const NEEDS: WiringNeeds = {
  host: 'megumu',
  platform: 'nixos',
  emittedPath: 'secrets/megumu.nix',
  secrets: ['kotori'],
  unit: 'fukurou.service',
  env: true,
};

const FRESH = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs, ... }: {
    nixosConfigurations.megumu = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
  };
}`;

function missing(files: Readonly<Record<string, string>>, needs: Partial<WiringNeeds> = {}): WiringStep[] {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }));
  const all = { ...NEEDS, ...needs };
  return missingWiring(findWiring(list, all), all);
}

const lines = (steps: readonly WiringStep[]) => steps.map(step => [step.file, ...step.lines]);

describe('the lines that a fresh flake lacks', () => {
  it('on NixOS', () => {
    expect(lines(missing({ 'flake.nix': FRESH }))).toEqual([
      [
        'flake.nix',
        'inputs.sops-nix.url = "github:Mic92/sops-nix";',
        'inputs.sops-nix.inputs.nixpkgs.follows = "nixpkgs";',
      ],
      ['flake.nix', 'sops-nix,'],
      ['flake.nix', 'sops-nix.nixosModules.sops'],
      ['flake.nix', './secrets/megumu.nix'],
      [null, 'services.fukurou.envFile = config.sops.secrets.kotori.path;'],
    ]);
  });

  it.each<[Platform, string]>([
    ['darwin', 'sops-nix.darwinModules.sops'],
    ['home', 'sops-nix.homeManagerModules.sops'],
  ])('on %s, where no unit reads an environment file', (platform, module) => {
    const steps = lines(missing({ 'flake.nix': FRESH }, { platform }));
    expect(steps.slice(2)).toEqual([
      ['flake.nix', module],
      ['flake.nix', './secrets/megumu.nix'],
      [null, 'config.sops.secrets.kotori.path'],
    ]);
  });

  it('follow nothing that is not there', () => {
    const [input] = missing({ 'flake.nix': '{ outputs = { ... }: { }; }' });
    expect(input?.lines).toEqual(['inputs.sops-nix.url = "github:Mic92/sops-nix";']);
  });

  it.each([
    ['inputs: { }', 'inputs.sops-nix.nixosModules.sops'],
    ['inputs@{ nixpkgs, ... }: { }', 'inputs.sops-nix.nixosModules.sops'],
    ['{ nixpkgs, ... }@all: { }', 'all.sops-nix.nixosModules.sops'],
    ['inputs@{ sops-nix, ... }: { }', 'sops-nix.nixosModules.sops'],
  ])('use the arguments of outputs: %s', (outputs, module) => {
    const steps = missing({ 'flake.nix': `{ outputs = ${outputs}; }` });
    expect(lines(steps).slice(1, 3)).toEqual([
      ['flake.nix', module],
      ['flake.nix', './secrets/megumu.nix'],
    ]);
  });

  it('use the name that the input has', () => {
    const steps = missing({
      'flake.nix': '{ inputs.vault.url = "github:Mic92/sops-nix"; outputs = { vault, ... }: { }; }',
    });
    expect(steps[0]?.lines).toEqual(['vault.nixosModules.sops']);
  });

  it('are relative to the file of the host', () => {
    const steps = lines(missing({ 'flake.nix': FRESH, 'hosts/megumu/default.nix': '{ }' }));
    expect(steps[3]).toEqual(['hosts/megumu/default.nix', '../../secrets/megumu.nix']);
    expect(lines(missing({ 'flake.nix': FRESH, 'hosts/megumu.nix': '{ }' }))[3]).toEqual([
      'hosts/megumu.nix',
      '../secrets/megumu.nix',
    ]);
  });

  it('are the same without any file', () => {
    expect(lines(missing({}))[0]).toEqual(['flake.nix', 'inputs.sops-nix.url = "github:Mic92/sops-nix";']);
  });
});

describe('as the lines come in', () => {
  const wired = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  inputs.sops-nix.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, sops-nix, ... }: {
    nixosConfigurations.megumu = nixpkgs.lib.nixosSystem {
      modules = [ sops-nix.nixosModules.sops ./secrets/megumu.nix ./fukurou.nix ];
    };
  };
}`;
  const use = '{ config, ... }: { services.fukurou.envFile = config.sops.secrets.kotori.path; }';

  it('there is silence once all of them are there', () => {
    expect(missing({ 'flake.nix': wired, 'fukurou.nix': use })).toEqual([]);
  });

  it('each of them is asked for as long as it is not there', () => {
    const without = (text: string) => missing({ 'flake.nix': wired.replace(text, ''), 'fukurou.nix': use });
    expect(lines(without('./secrets/megumu.nix'))).toEqual([['flake.nix', './secrets/megumu.nix']]);
    expect(lines(without('sops-nix.nixosModules.sops'))).toEqual([
      ['flake.nix', 'sops-nix.nixosModules.sops'],
    ]);
    expect(lines(missing({ 'flake.nix': wired }))).toEqual([
      [null, 'services.fukurou.envFile = config.sops.secrets.kotori.path;'],
    ]);
  });

  it('a module that comes from elsewhere needs no input here', () => {
    expect(
      missing({ 'a.nix': '{ imports = [ <sops-nix/modules/sops> ./secrets/megumu.nix ]; }', 'b.nix': use }),
    ).toEqual([]);
  });

  it('the lines that were asked for are recognised when they are pasted', () => {
    const [input, argument, module, imported, consumer] = missing({ 'flake.nix': FRESH }).map(step =>
      step.lines.join('\n'),
    );
    const pasted = FRESH.replace('outputs = { ', `${input}\noutputs = { ${argument} `).replace(
      '[ ',
      `[ ${module} ${imported} `,
    );
    expect(missing({ 'flake.nix': pasted, 'x.nix': `{ config, ... }: { ${consumer} }` })).toEqual([]);
  });
});

describe('the use of a secret', () => {
  const used = (needs: Partial<WiringNeeds>) => missing({ 'flake.nix': FRESH }, needs).at(-1)?.lines;

  it.each([
    ['fukurou.service', 'services.fukurou.envFile'],
    ['fukurou@a.service', 'services.fukurou.envFile'],
    ['podman-x.timer', 'services.podman-x.envFile'],
    ['a.b.service', 'services."a.b".envFile'],
    [undefined, 'services.<name>.envFile'],
  ])('by %s', (unit, option) => {
    expect(used({ unit })).toEqual([`${option} = config.sops.secrets.kotori.path;`]);
  });

  it('quotes the name where Nix needs it', () => {
    expect(used({ secrets: ['kanidm/miniflux'], env: false })).toEqual([
      'config.sops.secrets."kanidm/miniflux".path',
    ]);
  });

  it('is asked for each secret that has none', () => {
    const steps = missing(
      { 'flake.nix': FRESH, 'x.nix': '{ config, ... }: { x = config.sops.secrets.b.path; }' },
      { secrets: ['a', 'b', 'c'], env: false },
    );
    expect(steps.slice(-2).map(step => step.lines)).toEqual([
      ['config.sops.secrets.a.path'],
      ['config.sops.secrets.c.path'],
    ]);
    expect(steps).toHaveLength(6);
  });

  it('is not asked for where no secret is named', () => {
    expect(missing({ 'flake.nix': FRESH }, { secrets: [] })).toHaveLength(4);
  });
});

describe('a secret in a file of the host', () => {
  const byHand = [
    {
      name: 'kanidm/grafana',
      file: 'hosts/megumu/sops.yaml',
      format: 'yaml' as const,
      key: null,
      options: { owner: 'grafana' },
    },
  ];
  const needs = { secrets: [], byHand, emitted: false };
  const declaration = (files: Readonly<Record<string, string>>) => missing(files, needs).at(-1);

  it('is declared in the file of the host', () => {
    expect(declaration({ 'flake.nix': FRESH, 'hosts/megumu/default.nix': '{ }' })).toEqual({
      title: 'the declaration of kanidm/grafana',
      file: 'hosts/megumu/default.nix',
      lines: ['sops.secrets."kanidm/grafana" = {', '  sopsFile = ./sops.yaml;', '  owner = "grafana";', '};'],
    });
  });

  it('needs no file that is the default', () => {
    const files = {
      'flake.nix': FRESH,
      'hosts/megumu/default.nix': '{ sops.defaultSopsFile = ./sops.yaml; }',
    };
    expect(declaration(files)?.lines).toEqual([
      'sops.secrets."kanidm/grafana" = {',
      '  owner = "grafana";',
      '};',
    ]);
  });

  it('needs nothing once it is there, and no import of an emitted file', () => {
    const files = {
      'flake.nix': FRESH.replace('[ ', '[ sops-nix.nixosModules.sops '),
      'hosts/megumu/default.nix': '{ sops.secrets."kanidm/grafana" = { }; }',
    };
    expect(missing(files, needs)).toEqual([]);
  });
});
