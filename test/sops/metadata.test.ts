import { describe, expect, it } from 'vitest';
import { flatten, unflatten } from '../../src/sops/flatten.ts';
import { formatMetadata, type Metadata, parseMetadata, recipientsOf } from '../../src/sops/metadata.ts';
import { Comment, Float, type Item, Time, TreeList, TreeMap, type Value } from '../../src/sops/tree.ts';
import { codeOf, type Literal, tree } from '../helpers/sops-trees.ts';

const AGE = { recipient: 'age1x', enc: '-----BEGIN AGE ENCRYPTED FILE-----\n' };
const MINIMAL = { age: [AGE], lastmodified: '2026-11-22T15:25:39Z', mac: 'ENC[x]', version: '3.13.3' };
const PGP = { created_at: '2020-01-01T00:00:00Z', enc: 'pgp text', fp: 'ABCD' };

const parse = (literal: { [key: string]: Literal }) => parseMetadata(tree(literal));
const failure = (changes: { [key: string]: Literal }) => codeOf(() => parse({ ...MINIMAL, ...changes }));
const keys = (map: Value | null | undefined) =>
  map instanceof TreeMap ? map.items.map(item => item.key) : [];

/** The first map of a list, or the first in the list of it. */
function firstOf(map: TreeMap, key: string): TreeMap {
  const list = map.get(key);
  const [first] = list instanceof TreeList ? list.elements : [];
  return first instanceof TreeMap ? first : new TreeMap();
}

describe('reading metadata', () => {
  it('reads the smallest block', () => {
    expect(parse(MINIMAL)).toEqual({
      groups: [{ age: [AGE], others: [] }],
      shamirThreshold: 0,
      lastModified: '2026-11-22T15:25:39Z',
      mac: 'ENC[x]',
      version: '3.13.3',
      selection: {},
      macOnlyEncrypted: false,
    });
  });

  it('reads what sops up to 3.12 wrote: empty and null lists, any order', () => {
    const old = {
      kms: [],
      gcp_kms: null,
      azure_kv: [],
      hc_vault: null,
      ...MINIMAL,
      pgp: [],
      encrypted_suffix: '',
      unencrypted_suffix: '_u',
    };
    expect(parse(old)).toMatchObject({
      groups: [{ age: [AGE], others: [] }],
      selection: { unencryptedSuffix: '_u' },
    });
  });

  it('is as weakly typed as sops', () => {
    const weak = {
      ...MINIMAL,
      age: AGE,
      version: 3.13,
      shamir_threshold: '2',
      mac_only_encrypted: 'true',
      AGE: null,
    };
    expect(parse(weak)).toMatchObject({ version: '3.13', shamirThreshold: 2, macOnlyEncrypted: true });
    expect(parse({ ...MINIMAL, version: 4n, mac_only_encrypted: 1n }).version).toBe('4');
    const { mac, ...withoutMac } = MINIMAL;
    expect(parse({ ...withoutMac, MAC: mac }).mac).toBe(mac);
    expect(parse(withoutMac).mac).toBe('');
  });

  it('reads the date as sops authenticates it', () => {
    expect(parse({ ...MINIMAL, lastmodified: '2020-01-01T00:00:00.123+00:00' }).lastModified).toBe(
      '2020-01-01T00:00:00Z',
    );
    expect(parse({ ...MINIMAL, lastmodified: '2020-01-01T00:00:00+02:00' }).lastModified).toBe(
      '2020-01-01T00:00:00+02:00',
    );
  });

  it('refuses what sops refuses', () => {
    expect(failure({ lastmodified: '' })).toBe('BAD_METADATA');
    expect(failure({ lastmodified: 'yesterday' })).toBe('BAD_METADATA');
    expect(failure({ age: [] })).toBe('BAD_METADATA');
    expect(failure({ age: ['text'] })).toBe('BAD_METADATA');
    expect(failure({ age: 'text' })).toBe('BAD_METADATA');
    expect(failure({ age: [{ recipient: [], enc: '' }] })).toBe('BAD_METADATA');
    expect(failure({ mac: ['x'] })).toBe('BAD_METADATA');
    expect(failure({ shamir_threshold: 'two' })).toBe('BAD_METADATA');
    expect(failure({ shamir_threshold: 10n ** 30n })).toBe('BAD_METADATA');
    expect(failure({ mac_only_encrypted: 'maybe' })).toBe('BAD_METADATA');
    expect(failure({ encrypted_regex: 'a', unencrypted_suffix: 'b' })).toBe('BAD_METADATA');
  });

  it('refuses an unquoted date, and says to quote it', () => {
    const block = tree({ ...MINIMAL });
    for (const item of block.items)
      if (item.key === 'lastmodified') item.value = new Time('2020-01-01T00:00:00Z');
    expect(() => parseMetadata(block)).toThrow(
      expect.objectContaining({ code: 'BAD_METADATA', hint: expect.stringContaining('quotes') }),
    );
  });

  it('lets flat keys win over key groups, and reads groups', () => {
    const groups = [{ age: [AGE], hc_vault: [] }, { pgp: [PGP] }];
    expect(parse({ ...MINIMAL, key_groups: groups }).groups).toHaveLength(1);
    const parsed = parse({ ...MINIMAL, age: [], key_groups: groups, shamir_threshold: 2n });
    expect(parsed.groups).toEqual([
      { age: [AGE], others: [] },
      { age: [], others: [{ list: 'pgp', entries: [tree(PGP)] }] },
    ]);
  });

  it('ignores comments and names that sops does not know', () => {
    const block = tree({ ...MINIMAL, __proto__x: 1n, constructor: 'x', unknown: [1n] });
    block.items.unshift({ key: new Comment(' note'), value: null });
    expect(parseMetadata(block)).toEqual(parse(MINIMAL));
  });
});

describe('writing metadata', () => {
  const full: Metadata = {
    ...parse(MINIMAL),
    groups: [
      {
        age: [AGE],
        others: [
          { list: 'pgp', entries: [tree(PGP)] },
          { list: 'kms', entries: [tree({ arn: 'a' })] },
        ],
      },
    ],
    selection: { encryptedRegex: '^x' },
    macOnlyEncrypted: true,
    shamirThreshold: 1,
  };

  it('sorts and leaves out what is empty', () => {
    expect(keys(formatMetadata(parse(MINIMAL)))).toEqual(['age', 'lastmodified', 'mac', 'version']);
    expect(keys(formatMetadata(full))).toEqual([
      'age',
      'encrypted_regex',
      'kms',
      'lastmodified',
      'mac',
      'mac_only_encrypted',
      'pgp',
      'shamir_threshold',
      'version',
    ]);
    expect(keys(firstOf(formatMetadata(full), 'age'))).toEqual(['enc', 'recipient']);
  });

  it('writes empty age and hc_vault lists inside groups', () => {
    const groups = [
      full.groups[0] ?? { age: [], others: [] },
      { age: [], others: [{ list: 'pgp' as const, entries: [tree(PGP)] }] },
    ];
    const block = formatMetadata({ ...full, groups });
    expect(keys(block)).toContain('key_groups');
    expect(keys(block)).not.toContain('age');
    expect(keys(firstOf(block, 'key_groups'))).toEqual(['age', 'hc_vault', 'kms', 'pgp']);
    expect(parseMetadata(block)).toEqual({
      ...full,
      groups: [{ ...groups[0], others: [...(groups[0]?.others ?? [])].reverse() }, groups[1]],
    });
  });

  it('reads back what it writes, nested and flat', () => {
    for (const metadata of [parse(MINIMAL), full]) {
      const sorted = parseMetadata(formatMetadata(metadata));
      expect(parseMetadata(unflatten(flatten(formatMetadata(sorted)).reverse()))).toEqual(sorted);
    }
  });

  it('names every key as sops does', () => {
    const entries: { [key: string]: Literal } = {
      kms: [
        {
          arn: 'arn:1',
          role: 'arn:role',
          context: { b: '2', a: '1' },
          aws_profile: '',
          created_at: '',
          enc: '',
        },
        { arn: 'arn:2', aws_profile: 'prod' },
        { arn: 'arn:3' },
      ],
      gcp_kms: [{ resource_id: 'projects/x' }],
      hckms: [{ key_id: 'eu:1' }],
      azure_kv: [{ vault_url: 'https://v', name: 'n', version: 'v1' }],
      hc_vault: [{ vault_address: 'https://h', engine_path: 'sops', key_name: 'k' }],
      pgp: [PGP],
    };
    expect(recipientsOf(parse({ ...MINIMAL, ...entries }))).toEqual([
      'arn:1+arn:role|a:1,b:2',
      'arn:2||prod',
      'arn:3',
      'projects/x',
      'eu:1',
      'https://v/keys/n/v1',
      'https://h/v1/sops/keys/k',
      'ABCD',
      'age1x',
    ]);
  });
});

describe('flattening', () => {
  const flat = (items: readonly Item[]) =>
    Object.fromEntries(items.map(({ key, value }) => [String(key), value]));

  it('names entries as sops does', () => {
    const nested = tree({
      age: [{ enc: 'e', recipient: 'r' }],
      key_groups: [{ age: [] }, { age: [{ enc: 'x' }] }],
      version: '1',
    });
    expect(flat(flatten(nested, 'sops_'))).toEqual({
      sops_age__list_0__map_enc: 'e',
      sops_age__list_0__map_recipient: 'r',
      sops_key_groups__list_1__map_age__list_0__map_enc: 'x',
      sops_version: '1',
    });
  });

  it('takes entries in any order, and odd numbers for zero', () => {
    const items = [
      { key: 'a__list_1', value: 'two' },
      { key: 'a__list_x', value: 'one' },
      { key: '__proto____map_x', value: 'p' },
    ];
    expect(unflatten(items)).toEqual(tree({ ['__proto__']: { x: 'p' }, a: ['one', 'two'] }));
  });

  it('refuses contradictions, gaps and depth', () => {
    const names = (...found: string[]) => codeOf(() => unflatten(found.map(key => ({ key, value: 'x' }))));
    expect(names('a', 'a')).toBe('BAD_METADATA');
    expect(names('a', 'a__map_b')).toBe('BAD_METADATA');
    expect(names('a__list_0', 'a__map_b')).toBe('BAD_METADATA');
    expect(names('a__list_1')).toBe('BAD_METADATA');
    expect(names('a__list_999999999')).toBe('BAD_METADATA');
    expect(names('a__list_-1', 'a__list_0')).toBe('BAD_METADATA');
    expect(names(`a${'__map_b'.repeat(100_000)}`)).toBe('BAD_METADATA');
    expect(names('a__map_b', 'a__map_c', 'd__list_0')).toBeNull();
  });

  it('keeps floats as they are', () => {
    expect(flatten(new TreeMap([{ key: 'f', value: new Float(1) }]))).toEqual([
      { key: 'f', value: new Float(1) },
    ]);
  });
});
