import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { failedHost, fileOf, parseEvaluated, parseNames } from '../../src/nix/evaluated.ts';
import { optionOf, readingOf, readingOfAll, usersOf } from '../../src/nix/evaluation.ts';
import { nixMessage } from '../../src/nix/message.ts';
import { describeWith, programPath } from '../helpers/programs.ts';

const HASH = 'k155fkqqkkdw31xq8ag9h25l8sjyw3vf';
const STORE = `/nix/store/${HASH}-source`;
const TREE = { store: STORE, prefix: '' };
const MEGUMU = { name: 'megumu', platform: 'nixos', inside: null } as const;
const VALUES = {
  name: 'kotori',
  key: 'kotori',
  sopsFile: `${STORE}/secrets/megumu/kotori.yaml`,
  format: 'yaml',
  mode: '0400',
  path: '/run/secrets/kotori',
  owner: null,
  uid: 0,
  gid: 0,
  group: null,
  neededForUsers: false,
  restartUnits: ['fukurou.service'],
  reloadUnits: [],
};

function secretsOf(values: unknown, failed: unknown = []) {
  const json = { sopsNix: true, secrets: [{ attribute: 'kotori', values, failed }] };
  const [host = failedHost(MEGUMU, 'none')] = parseEvaluated(json, MEGUMU, TREE);
  return host;
}

describe('what an evaluation printed', () => {
  it('is one secret with all its options', () => {
    expect(secretsOf(VALUES).secrets).toEqual([
      {
        ...VALUES,
        attribute: 'kotori',
        sopsFile: { path: 'secrets/megumu/kotori.yaml', shown: VALUES.sopsFile, inStore: true },
      },
    ]);
  });

  it.each([
    ['key', 7],
    ['sopsFile', null],
    ['format', 'toml'],
    ['mode', 256],
    ['name', ['a']],
  ] as const)('names %s as an option that fails where it is %j', (option, value) => {
    const host = secretsOf({ ...VALUES, [option]: value });
    expect(host.secrets).toEqual([]);
    expect(host.failed).toEqual([{ attribute: 'kotori', options: [option] }]);
  });

  it('keeps the options that Nix says fail', () => {
    expect(secretsOf({ ...VALUES, mode: null }, ['mode']).failed).toEqual([
      { attribute: 'kotori', options: ['mode'] },
    ]);
  });

  it.each([null, [], 'text', 7, { secrets: 7 }, { secrets: [null, 7] }, { homes: [], keys: 7, users: {} }])(
    'may have any form: %j',
    json => {
      const [host] = parseEvaluated(json, MEGUMU, TREE);
      expect(host).toMatchObject({ name: 'megumu', secrets: [], users: null, problem: null });
    },
  );

  it('has no names that are inherited', () => {
    const json = JSON.parse('{"__proto__": {"sopsNix": true}, "homes": {"__proto__": {"sopsNix": true}}}');
    const hosts = parseEvaluated(json, MEGUMU, TREE);
    expect(hosts.map(({ name, inside, sopsNix }) => [name, inside, sopsNix])).toEqual([
      ['megumu', null, false],
      ['__proto__', 'megumu', true],
    ]);
    expect(Object.getPrototypeOf(hosts[0])).toBe(Object.prototype);
  });

  it('lists the profiles inside after the machine, without accounts', () => {
    const home = { sopsNix: true, secrets: [{ attribute: 'mail', values: VALUES, failed: [] }] };
    const hosts = parseEvaluated({ sopsNix: true, users: ['root'], homes: { kamov: home } }, MEGUMU, TREE);
    expect(hosts.map(({ name, platform, inside }) => [name, platform, inside])).toEqual([
      ['megumu', 'nixos', null],
      ['kamov', 'home', 'megumu'],
    ]);
    expect(hosts[0]?.users).toEqual(new Set(['root']));
    expect(hosts[1]?.users).toBeNull();
  });

  it('is a list of names', () => {
    expect(parseNames(['a', 7, null, 'b'])).toEqual(['a', 'b']);
    expect(parseNames({ a: 1 })).toEqual([]);
  });
});

describe('a path of the evaluation', () => {
  const path = (shown: string, prefix = '', store: string | null = STORE) => {
    const file = fileOf(shown, { store, prefix });
    return [file.path, file.inStore];
  };

  it('is mapped back into the work tree', () => {
    expect(path(`${STORE}/a/b.yaml`)).toEqual(['a/b.yaml', true]);
    expect(path(`${STORE}/modules/../secrets/b.yaml`)).toEqual(['secrets/b.yaml', true]);
    expect(path(`${STORE}/machines/secrets/b.yaml`, 'machines/')).toEqual(['secrets/b.yaml', true]);
  });

  it('is none of the work tree', () => {
    expect(path(`${STORE}/elsewhere/b.yaml`, 'machines/')).toEqual([null, true]);
    expect(path(`${STORE}/../${HASH}-other/b.yaml`)).toEqual([null, true]);
    expect(path(`${STORE}-more/b.yaml`)).toEqual([null, true]);
    expect(path(`/nix/store/${HASH}-b.yaml`)).toEqual([null, true]);
    expect(path('/root/b.yaml')).toEqual([null, false]);
    expect(path(`${STORE}/../../../etc/shadow`)).toEqual([null, false]);
    expect(path(`${STORE}/b.yaml`, '', null)).toEqual([null, true]);
  });
});

describe('a message of Nix', () => {
  it('is read as old versions print it', () => {
    const stderr = [
      "warning: Git tree '/home/kamov/flake' is dirty",
      "error: A definition for option `sops.secrets.x.mode' is not of type `string'. Definition values:",
      `       - In \`${STORE}/hosts/megumu.nix': 400`,
      "(use '--show-trace' to show detailed location information)",
    ].join('\n');
    expect(nixMessage(stderr)).toEqual({
      text: "A definition for option `sops.secrets.x.mode' is not of type `string'.",
      paths: [`${STORE}/hosts/megumu.nix`],
    });
  });

  it('is read as new versions print it, with a trace above', () => {
    const stderr = [
      'error:',
      "       … while evaluating the attribute 'config'",
      `         at ${STORE}/flake.nix:3:5:`,
      '            2|',
      '            3| x',
      `         at ${STORE}/hosts/megumu.nix:9:1:`,
      '       … while evaluating y',
      '',
      "       \u001b[31;1merror:\u001b[0m attribute 'nothing' missing",
      '       at /nix/store/other/lib.nix:1:1:',
    ].join('\n');
    expect(nixMessage(stderr)).toEqual({
      text: "attribute 'nothing' missing",
      paths: ['/nix/store/other/lib.nix', `${STORE}/hosts/megumu.nix`, `${STORE}/flake.nix`],
    });
  });

  it('is short, one line, and never empty', () => {
    expect(nixMessage('').text).toBe('nix ended without a message');
    expect(nixMessage('Killed\n').text).toBe('Killed');
    expect(nixMessage(`error: ${'x'.repeat(10_000)}`).text).toHaveLength(301);
    expect(nixMessage('error: a\u0007b\rc').text).toBe('a b c');
  });

  it('is found in a megabyte of anything in no time', () => {
    const before = performance.now();
    for (const piece of ['error: ', ' ', '\n', 'at /', 'In `/', 'Definition value', '\u001b['])
      nixMessage(`error: x ${piece.repeat(1_000_000 / piece.length)}`);
    expect(performance.now() - before).toBeLessThan(4000);
  });
});

describeWith(['nix-instantiate'], 'the expressions', () => {
  const names = ['megumu', 'a"b', 'a${builtins.abort "x"}b', 'a\\', "it's", 'a.b', '', '__proto__', "''${x}"];
  const nix = programPath('nix-instantiate') ?? '';

  it.each(names)('say the name %j and nothing else', name => {
    const place = { name, user: null };
    const expressions = [
      readingOfAll('nixos', name),
      readingOf('darwin', place),
      readingOf('nixos', { name, user: name }),
      usersOf(name),
      optionOf({ name, user: name }, name, 'mode'),
    ];
    for (const text of expressions) execFileSync(nix, ['--parse', '-E', text], { stdio: 'pipe' });
    const config = `{ config.sops.secrets = { }; }`;
    const set = `builtins.listToAttrs [ { name = builtins.fromJSON ${JSON.stringify(JSON.stringify(name)).replaceAll('$', '\\$')}; value = ${config}; } ]`;
    const expression = `(${readingOfAll('nixos', name)}) (${set})`;
    const json = execFileSync(nix, ['--eval', '--strict', '--json', '-E', expression], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(JSON.parse(json)).toMatchObject({ sopsNix: true, secrets: [], homes: {} });
  });
});
