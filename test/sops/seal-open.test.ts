import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEncryptedValue } from '../../src/sops/encrypted-text.ts';
import { open } from '../../src/sops/open.ts';
import { seal } from '../../src/sops/seal.ts';
import { TreeMap } from '../../src/sops/tree.ts';
import { leaves } from '../../src/sops/tree-path.ts';
import {
  codeOf,
  documents,
  leafTexts,
  sealed,
  sealOptions,
  TEST_DATA_KEY,
  tree,
} from '../helpers/sops-trees.ts';

describe('sealing and opening', () => {
  it('gives back every document', () => {
    fc.assert(
      fc.property(
        fc.array(documents(), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (plain, macOnlyEncrypted) => {
          const file = seal(plain, sealOptions('yaml', { macOnlyEncrypted }));
          expect(open(file, TEST_DATA_KEY).documents).toEqual(plain);
        },
      ),
    );
  });

  it('encrypts every selected leaf but null and empty text', () => {
    const file = sealed({
      a: 'x',
      n: null,
      e: '',
      l: [1n, ['y', true]],
      m: { f: 1.5 },
      keep_unencrypted: { a: 'clear' },
    });
    const [a, n, e, ...rest] = leafTexts(file);
    expect([n, e, rest.at(-1)]).toEqual([null, '', 'clear']);
    for (const text of [a, ...rest.slice(0, -1)]) expect(isEncryptedValue(String(text))).toBe(true);
  });

  it('never uses an IV twice in a new file', () => {
    const file = sealed({ a: 'x', b: 'x', l: ['x', 'x', 'x'] });
    const ivs = leafTexts(file).map(text => /iv:([^,]+)/.exec(String(text))?.[1]);
    expect(new Set(ivs).size).toBe(5);
  });

  it('writes the metadata that sops would', () => {
    const { metadata } = sealed({ a: 'x' }, { macOnlyEncrypted: true });
    expect(metadata).toMatchObject({
      lastModified: '2026-11-22T15:25:39Z',
      version: '3.13.3',
      macOnlyEncrypted: true,
    });
    expect(metadata.selection).toEqual({ unencryptedSuffix: '_unencrypted' });
    expect(isEncryptedValue(metadata.mac)).toBe(true);
  });

  it('writes no selection into a binary file, and encrypts it all the same', () => {
    const selection = { encryptedRegex: 'nothing' };
    const file = seal([tree({ data: 'x' })], sealOptions('binary', { selection, macOnlyEncrypted: true }));
    expect(file.metadata).toMatchObject({ selection: {}, macOnlyEncrypted: false });
    expect(leafTexts(file).every(text => isEncryptedValue(String(text)))).toBe(true);
    expect(open(file, TEST_DATA_KEY).documents).toEqual([tree({ data: 'x' })]);
  });

  it('sets the threshold of several groups to their number', () => {
    const group = { age: [{ recipient: 'age1test', enc: '' }], others: [] };
    expect(sealed({ a: 'x' }, { groups: [group, group, group] }).metadata.shamirThreshold).toBe(3);
    expect(
      sealed({ a: 'x' }, { groups: [group, group, group], shamirThreshold: 2 }).metadata.shamirThreshold,
    ).toBe(2);
    expect(sealed({ a: 'x' }).metadata.shamirThreshold).toBe(0);
  });

  it('leaves its input alone', () => {
    const plain = tree({ a: 'x', l: ['y'] });
    const file = seal([plain], sealOptions('json'));
    const before = structuredClone(leafTexts(file));
    open(file, TEST_DATA_KEY);
    expect(leafTexts(file)).toEqual(before);
    expect(plain).toEqual(tree({ a: 'x', l: ['y'] }));
  });

  it('refuses documents that would overflow the stack', () => {
    let deep = tree({ a: 'x' });
    for (let i = 0; i < 100_000; i++) deep = new TreeMap([{ key: 'd', value: deep }]);
    expect(codeOf(() => seal([deep], sealOptions('json')))).toBe('BAD_DOCUMENT');
    expect(codeOf(() => [...leaves(deep)])).toBe('BAD_DOCUMENT');
  });
});
