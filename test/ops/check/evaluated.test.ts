import { describe, expect, it } from 'vitest';
import { failedHost } from '../../../src/nix/evaluated.ts';
import { mayBe, pairHosts } from '../../../src/ops/check/evaluated-hosts.ts';
import { checkOptions } from '../../../src/ops/check/evaluated-options.ts';
import type { EvaluatedSecret, FlakeHost } from '../../../src/workspace/flake-host.ts';
import type { Platform } from '../../../src/workspace/model.ts';
import { parseInventory } from '../../../src/workspace/parse.ts';
import { expectLinear } from '../../helpers/linear.ts';
import { FLEET, KEYS } from '../../workspace/fleet.ts';

const SSH_KEY = '/etc/ssh/ssh_host_ed25519_key';

function configuration(name: string, platform: Platform = 'nixos', more: Partial<FlakeHost> = {}): FlakeHost {
  const base = failedHost({ name, platform, inside: null }, 'none');
  const keys = { ...base.keys, sshKeyPaths: [SSH_KEY] };
  return { ...base, problem: null, sopsNix: true, keys, ...more };
}

function secret(attribute: string, more: Partial<EvaluatedSecret> = {}): EvaluatedSecret {
  return {
    attribute,
    name: attribute,
    key: attribute,
    sopsFile: { path: 'a.yaml', shown: '/a.yaml', inStore: true },
    format: 'yaml',
    mode: '0400',
    owner: null,
    group: null,
    uid: 0,
    gid: 0,
    path: `/run/secrets/${attribute}`,
    neededForUsers: false,
    restartUnits: [],
    reloadUnits: [],
    ...more,
  };
}

/** What the declarations of a machine are found to be, as `code: message`. */
function found(secrets: readonly EvaluatedSecret[], more: Partial<FlakeHost> = {}): string[] {
  const flake = configuration('megumu', 'nixos', { secrets, ...more });
  const findings = checkOptions({ flake, name: 'megumu', host: null, recipient: null });
  return findings.map(({ code, secret: name }) => (name === null ? code : `${code} ${name}`));
}

describe('the host that a configuration is', () => {
  const fleet = parseInventory(FLEET);
  const pair = (flakes: readonly FlakeHost[], text = FLEET, readers: readonly string[][] = []) => {
    const inventory = text === FLEET ? fleet : parseInventory(text);
    const sets = readers.map(each => new Set(each));
    return pairHosts(inventory, flakes, () => sets).map(({ host, recipient }) => [
      host?.name ?? null,
      recipient,
    ]);
  };
  const anchors = (...names: string[]) =>
    `keys:\n${names.map((name, i) => `  - &${name} ${Object.values(KEYS)[i]}\n`).join('')}creation_rules:\n  - age: *${names[0]}\n`;

  it('has its name', () => {
    expect(pair([configuration('megumu')])).toEqual([['megumu', KEYS.megumu]]);
    expect(pair([configuration('Megumu')])).toEqual([['megumu', KEYS.megumu]]);
    expect(pair([configuration('megumu.example.org')])).toEqual([['megumu', KEYS.megumu]]);
    expect(pair([configuration('aya', 'darwin')])).toEqual([['aya', KEYS.aya]]);
  });

  it('has its name with another platform, where no other has both', () => {
    expect(pair([configuration('aya', 'nixos')])).toEqual([['aya', KEYS.aya]]);
    expect(pair([configuration('aya', 'nixos'), configuration('aya', 'darwin')])).toEqual([
      [null, KEYS.aya],
      ['aya', KEYS.aya],
    ]);
  });

  it('is a profile, called after the person, the machine or both', () => {
    expect(pair([configuration('momiji', 'home')])).toEqual([['momiji', KEYS.kamov]]);
    expect(pair([configuration('alice@momiji', 'home')])).toEqual([['momiji', KEYS.kamov]]);
    expect(pair([configuration('alice@megumu', 'home')])).toEqual([[null, null]]);
    expect(pair([configuration('kamov', 'home', { inside: 'megumu' })])).toEqual([[null, KEYS.kamov]]);
    expect(pair([configuration('alice', 'home', { inside: 'megumu' })])).toEqual([[null, null]]);
    const both = FLEET.replace('  momiji:', '  alice_megumu:');
    expect(pair([configuration('alice', 'home', { inside: 'megumu' })], both)).toEqual([
      ['alice_megumu', KEYS.kamov],
    ]);
  });

  it('has an anchor with a prefix or a suffix', () => {
    expect(pair([configuration('megumu')], anchors('user_kamov', 'host_megumu'))).toEqual([
      ['host_megumu', KEYS.megumu],
    ]);
    expect(pair([configuration('megumu')], anchors('user_kamov', 'megumu-ssh'))).toEqual([
      ['megumu-ssh', KEYS.megumu],
    ]);
    expect(pair([configuration('megumu')], anchors('user_kamov', 'host_megumu', 'root_megumu'))).toEqual([
      [null, null],
    ]);
    expect(pair([configuration('gumu')], anchors('kamov', 'megumu'))).toEqual([[null, null]]);
  });

  it('is the only one whose key reads all of its files', () => {
    const other = [configuration('laptop')];
    expect(pair(other, FLEET, [[KEYS.kamov, KEYS.megumu], [KEYS.megumu]])).toEqual([['megumu', KEYS.megumu]]);
    expect(pair(other, FLEET, [[KEYS.aya]])).toEqual([[null, null]]);
    expect(pair(other, FLEET, [[KEYS.megumu], [KEYS.kamov]])).toEqual([[null, null]]);
    expect(pair([...other, configuration('megumu')], FLEET, [[KEYS.megumu]])[0]).toEqual([null, null]);
  });

  it('may be meant by what --host says', () => {
    expect(
      ['megumu', 'Megumu', 'kamov@megumu', 'megumu.example.org'].filter(name => mayBe(name, 'megumu')),
    ).toHaveLength(4);
    expect(mayBe('megumu', 'host_megumu')).toBe(true);
    expect(mayBe('aya', 'megumu')).toBe(false);
    expect(mayBe('gumu', 'megumu')).toBe(false);
  });
});

describe('the options of declarations', () => {
  it('are fine', () => {
    const accounts = { users: new Set(['alice']), groups: new Set(['wheel']) };
    const secrets = [
      secret('a', { mode: '0755' }),
      secret('b/c', { owner: 'alice', group: 'wheel' }),
      secret('d', { neededForUsers: true, owner: 'root' }),
    ];
    expect(found(secrets, { ...accounts, users: new Set(['alice', 'root']) })).toEqual([]);
  });

  it.each(['0660', '660', '4755', '1777'])('drop bits of the mode %s', mode => {
    expect(found([secret('a', { mode })])).toEqual(['mode-dropped a']);
  });

  it.each(['0o400', 'u=r', '', '0888', '-1', '400 '])('have no octal mode: %j', mode => {
    expect(found([secret('a', { mode })])).toEqual(['mode-refused a']);
  });

  it.each(['a/', '/a', 'a//b', '..', 'a/../b', '.', 'x'.repeat(256), 'ä'.repeat(128)])(
    'have no name of a file: %s',
    name => {
      expect(found([secret('a', { name })])).toEqual(['name-refused a']);
    },
  );

  it('clash by name, within one folder of secrets', () => {
    expect(found([secret('a'), secret('b', { name: 'a' })])).toEqual(['name-twice b']);
    expect(found([secret('a'), secret('a/b/c')])).toEqual(['name-twice a/b/c']);
    expect(found([secret('a'), secret('a/b', { neededForUsers: true }), secret('ab')])).toEqual([]);
  });

  it('name accounts that the machine lacks', () => {
    const accounts = { users: new Set(['root']), groups: new Set(['root']) };
    expect(found([secret('a', { owner: 'alice', group: 'wheel' })], accounts)).toEqual([
      'unknown-owner a',
      'unknown-owner a',
    ]);
    expect(found([secret('a', { owner: 'alice' })])).toEqual([]);
    expect(found([secret('a', { neededForUsers: true, uid: 1000 })])).toEqual(['unknown-owner a']);
  });

  it('leave templates that nothing renders, or that fail', () => {
    const templates = [{ name: 't', path: '/run/secrets/rendered/t', mode: '0400' }];
    expect(found([], { templates })).toEqual(['template-fails t']);
    expect(found([secret('a', { neededForUsers: true })], { templates })).toEqual(['template-fails t']);
    expect(found([secret('a')], { templates })).toEqual([]);
    expect(found([secret('a', { name: 'b' })], { templates })).toEqual(['template-fails a']);
    expect(found([secret('rendered/t'), secret('rendered-too')], { templates })).toEqual([
      'template-fails rendered/t',
    ]);
  });

  it('have something that decrypts, outside of the store', () => {
    const { keys } = configuration('megumu');
    const none = { ...keys, sshKeyPaths: [] };
    const store = '/nix/store/k155fkqqkkdw31xq8ag9h25l8sjyw3vf-key.txt';
    expect(found([secret('a')], { keys: none })).toEqual(['key-source']);
    expect(found([], { keys: none })).toEqual([]);
    expect(found([secret('a')], { keys: { ...none, qubes: true } })).toEqual([]);
    expect(found([secret('a')], { keys: { ...none, keyFile: store } })).toEqual(['key-source']);
    expect(found([secret('a')], { keys: { ...none, keyFile: '~/key.txt' } })).toEqual(['key-source']);
    expect(found([secret('a')], { keys: { ...none, gnupgHome: '/g', keyFile: '/k' } })).toEqual([
      'key-source',
    ]);
    expect(found([secret('a')], { keys: { ...none, gnupgHome: '/g', gnupgSshKeyPaths: ['/k'] } })).toEqual([
      'key-source',
    ]);
  });

  it('are not looked at by the build where validation is off', () => {
    expect(found([secret('a')], { validated: false })).toEqual(['not-validated']);
  });

  it('are checked in linear time', async () => {
    await expectLinear(20_000, size => {
      const secrets = Array.from({ length: size }, (_, i) => secret(`${'a/'.repeat(20)}${i}`));
      expect(found([...secrets, secret('a')])).toHaveLength(size);
    });
  });
});
