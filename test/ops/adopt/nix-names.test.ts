import { describe, expect, it } from 'vitest';
import { namesInNix } from '../../../src/ops/adopt/nix-names.ts';

const read = (text: string) => namesInNix([{ path: 'a.nix', text }]);

describe('names of people and machines in Nix text', () => {
  it.each([
    ['users.users.kamov = { isNormalUser = true; };', 'kamov'],
    ['users.users."kamov".shell = pkgs.zsh;', 'kamov'],
    ['home-manager.users.Kamov = ./home.nix;', 'kamov'],
    ['home.username = "kamov";', 'kamov'],
    ['home = { homeDirectory = "/Users/kamov"; };', 'kamov'],
  ])('%s', (text, name) => {
    expect([...read(text).people]).toEqual([[name, 'a.nix']]);
  });

  it('knows a machine by its name', () => {
    const { people, machines } = read('networking.hostName = "megumu";');
    expect([...machines.keys()]).toEqual(['megumu']);
    expect(people.size).toBe(0);
  });

  it('takes accounts of every machine and computed names for nobody', () => {
    const text = 'users.users.root.x = 1; users.users.${user}.y = 1; networking.hostName = name;';
    expect([...read(text).people.keys(), ...read(text).machines.keys()]).toEqual([]);
  });

  it('reads a large file in no time', () => {
    const text = 'users.users.'.repeat(200_000);
    const start = process.cpuUsage();
    read(text);
    expect(process.cpuUsage(start).user).toBeLessThan(20 * 1_000_000);
  });
});
