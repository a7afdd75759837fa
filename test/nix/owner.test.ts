import { describe, expect, it } from 'vitest';
import { isHomeFile, Ownership } from '../../src/nix/owner.ts';

describe('the file where a host begins', () => {
  it.each([
    [['hosts/megumu/default.nix', 'hosts/megumu.nix'], 'hosts/megumu/default.nix'],
    [['machines/megumu/configuration.nix'], 'machines/megumu/configuration.nix'],
    [['hosts/megumu.nix', 'configuration.nix'], 'hosts/megumu.nix'],
    [['hosts/aya/default.nix', 'configuration.nix'], 'configuration.nix'],
    [['hosts/megumu/hardware.nix'], null],
    [['nix/hosts/megumu/default.nix'], 'nix/hosts/megumu/default.nix'],
  ])('among %j', (paths, file) => {
    expect(new Ownership(paths, 'megumu').ownFile(paths)).toBe(file);
  });
});

describe('the files of home-manager', () => {
  it.each(['home/x.nix', 'home.nix', 'hosts/a/home.nix', 'modules/home-manager/x.nix', 'homes/a/b.nix'])(
    '%s',
    path => {
      expect(isHomeFile(path)).toBe(true);
    },
  );

  it.each(['homepage.nix', 'modules/homebridge/x.nix', 'hosts/home1/default.nix'])('not %s', path => {
    expect(isHomeFile(path)).toBe(false);
  });
});
