import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audienceOf, ruleFor, traceRules } from '../../src/workspace/rules.ts';
import { expectLinear } from '../helpers/linear.ts';
import { BY_HAND, FLEET, KEYS, read } from './fleet.ts';

describe('ruleFor', () => {
  it.each([
    ['secrets/megumu/kotori.env', 0],
    ['secrets/aya+megumu/wifi.yaml', 1],
    ['secrets/servers/a/b.bin', 2],
    ['secrets/megumu.nix', null],
    ['x/secrets/megumu/kotori.env', null],
  ])('%s', (path, index) => {
    expect(ruleFor(read(FLEET), path)?.index ?? null).toBe(index);
  });

  it('takes the first of several, anywhere in the path, as Go does', () => {
    const inventory = read(
      'creation_rules:\n  - path_regex: hosts/x.yml$\n  - path_regex: \\.yml$\n  - {}\n',
    );
    expect(ruleFor(inventory, 'docs/hosts/xqyml')?.index).toBe(0);
    expect(ruleFor(inventory, 'docs/hosts/x.yml')?.index).toBe(0);
    expect(ruleFor(inventory, 'a.yml')?.index).toBe(1);
    expect(ruleFor(inventory, 'a.yml.bak')?.index).toBe(2);
  });

  it('never takes .sops.yaml itself, here or below', () => {
    const inventory = read('creation_rules:\n  - path_regex: .*\\.sops\\.yaml$\n');
    expect(ruleFor(inventory, 'a.sops.yaml')?.index).toBe(0);
    expect(ruleFor(inventory, '.sops.yaml')).toBeNull();
    expect(ruleFor(inventory, 'sub/.sops.yaml')).toBeNull();
  });

  it('does not count null entries, as go-yaml drops them', () => {
    expect(ruleFor(read('creation_rules:\n  - null\n  -\n  - path_regex: a\n'), 'a')?.index).toBe(0);
  });

  it('is what trying one rule after another finds', () => {
    const pattern = fc.constantFrom('^a', '^a/', '^a/b', '^b/', '^a\\+b/', 'b', 'a$', '^a/.*c$', '.', '');
    const path = fc.stringMatching(/^[abc+]{1,2}(\/[abc]){0,2}$/);
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), path, (patterns, path) => {
        const rules = patterns.map(each => `  - path_regex: '${each}'\n`).join('');
        const inventory = read(rules === '' ? '' : `creation_rules:\n${rules}`);
        expect(ruleFor(inventory, path)?.index ?? null).toBe(traceRules(inventory, path).first);
      }),
      { numRuns: 500 },
    );
  });

  it('does not back-track', async () => {
    const inventory = read('creation_rules:\n  - path_regex: (a*)*(a*)*b$\n');
    await expectLinear(40_000, size => expect(ruleFor(inventory, 'a'.repeat(size))).toBeNull());
  });
});

describe('audienceOf', () => {
  const audience = (rule: string) =>
    audienceOf(read(`keys: [&a age1aa, &b age1bb]\ncreation_rules:\n  - ${rule}\n`).rules[0] ?? fail());
  const fail = () => {
    throw new Error('no rule');
  };

  it.each([
    ['a comma string', 'age: "age1x, age1y,,age1x,"', ['age1x', 'age1y']],
    ['a list', 'age: [*b, *a]', ['age1bb', 'age1aa']],
    ['a folded comma list', '{ age: "age1x,\n    age1y" }', ['age1x', 'age1y']],
    [
      'flat fields in the order of sops',
      '{ kms: arn:1, pgp: "AB CD", age: age1x, gcp_kms: p/1, aws_profile: q }',
      ['age1x', 'ABCD', 'arn:1||q', 'p/1'],
    ],
    [
      'key groups, which make flat fields ignored',
      '{ age: age1no, key_groups: [{ age: ["age1x,age1y"] }, { age: [age1z, age1x] }] }',
      ['age1x', 'age1y', 'age1z'],
    ],
    [
      'merged groups first',
      '{ key_groups: [{ age: [age1x], merge: [{ age: [age1m] }, { merge: [{ pgp: [F0] }] }] }] }',
      ['age1m', 'age1x', 'F0'],
    ],
    ['empty key_groups, which leave the flat fields', '{ age: age1x, key_groups: [] }', ['age1x']],
    ['no key at all', '{ path_regex: x }', []],
    ['an empty group', '{ key_groups: [{}] }', []],
    [
      'key services in their text forms',
      '{ key_groups: [{ kms: [{ arn: arn:2, role: r, context: { b: "2", a: "1" }, aws_profile: p }], gcp_kms: [{ resource_id: g }], hckms: [{ key_id: h }], azure_keyvault: [{ vaultUrl: u, key: k, version: v }], hc_vault: [w] }] }',
      ['arn:2+r|a:1,b:2|p', 'g', 'h', 'u/keys/k/v', 'w'],
    ],
  ])('%s', (_, rule, expected) => {
    expect(audience(rule)).toEqual(expected);
  });

  it('keeps groups and threshold apart', () => {
    const [rule] = read(
      'creation_rules:\n  - { shamir_threshold: 2, key_groups: [{ age: [age1a] }, { pgp: [F0] }] }\n',
    ).rules;
    expect(rule?.groups).toEqual([
      { age: ['age1a'], pgp: [], other: [] },
      { age: [], pgp: ['F0'], other: [] },
    ]);
    expect(rule?.threshold).toBe(2);
  });

  it('reads what is selected', () => {
    const [rule] = read('creation_rules:\n  - { encrypted_regex: ^data$, mac_only_encrypted: yes }\n').rules;
    expect(rule?.selection).toEqual({ encryptedRegex: '^data$' });
    expect(rule?.macOnlyEncrypted).toBe(true);
  });
});

describe('traceRules', () => {
  it('goes up to the first rule that matches', () => {
    expect(traceRules(read(BY_HAND), 'hosts/megumu/sops.yaml')).toEqual({
      rules: [
        { index: 0, pathRegex: '^sops/kamov.yaml$', line: 6, matches: false },
        { index: 1, pathRegex: '^.*/megumu/.*\\.ya?ml$', line: 10, matches: true },
      ],
      first: 1,
    });
  });

  it('shows all of them where none matches', () => {
    const { rules, first } = traceRules(read(FLEET), 'flake.nix');
    expect([rules.length, first]).toEqual([3, null]);
  });

  it('says the same as ruleFor', () => {
    const inventory = read(BY_HAND);
    for (const path of ['sops/kamov.yaml', 'a/megumu/b.yml', '.sops.yaml', KEYS.aya]) {
      expect(traceRules(inventory, path).first).toBe(ruleFor(inventory, path)?.index ?? null);
    }
  });
});
