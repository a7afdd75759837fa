import { describe, expect, it } from 'vitest';
import { namesOfRawKey } from '../../../src/ops/adopt/names.ts';
import { bareName, namesInTree, roleOf } from '../../../src/ops/adopt/words.ts';

describe('a name', () => {
  it.each([
    ['host_megumu', 'host'],
    ['&hosts', 'host'],
    ['servers of the house', 'host'],
    ['nixosMachines', 'host'],
    ['user_kamov', 'admin'],
    ['Admins', 'admin'],
    ['recovery', 'admin'],
    ['megumu', null],
    ['keys', null],
    ['users and hosts', null],
  ] as const)('%s speaks of %s', (text, role) => {
    expect(roleOf(text)).toBe(role);
  });

  it.each([
    ['host_megumu', 'megumu'],
    ['megumu-ssh', 'megumu'],
    ['server_web_01_age', 'web_01'],
    ['Host_Web', 'web'],
    ['machine_old', 'machine_old'],
    ['by_ssh', 'by_ssh'],
    ['host', 'host'],
    ['megumu', 'megumu'],
  ])('%s is %s without its kind', (name, bare) => {
    expect(bareName(name)).toBe(bare);
  });
});

describe('a tree', () => {
  it('has folders and files called after machines and people', () => {
    const { host, admin } = namesInTree([
      'hosts/megumu/default.nix',
      'systems/aya.nix',
      'users/kamov/home.nix',
      'a/b',
    ]);
    expect([...host]).toEqual([
      ['megumu', 'hosts/megumu'],
      ['aya', 'systems/aya.nix'],
    ]);
    expect([...admin.keys()]).toEqual(['kamov']);
  });
});

describe('a key without a name', () => {
  const raw = (comments: readonly string[]) => ({
    recipient: 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqwxyz12',
    names: [],
    around: [],
    comments,
    line: 1,
  });
  it.each([
    [['root@megumu'], 'megumu'],
    [['kamov@aya'], 'kamov'],
    [['The Web Server'], 'the-web-server'],
    [['what this key is for nobody remembers'], 'key-wxyz12'],
    [[], 'key-wxyz12'],
  ])('%j is called %s', (comments, name) => {
    expect(namesOfRawKey(raw(comments))[0]).toBe(name);
  });
});
