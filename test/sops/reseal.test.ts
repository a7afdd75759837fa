import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SopsFile } from '../../src/sops/document.ts';
import { open } from '../../src/sops/open.ts';
import { reseal } from '../../src/sops/reseal.ts';
import { seal } from '../../src/sops/seal.ts';
import { Comment, Float, Time, TreeList, TreeMap } from '../../src/sops/tree.ts';
import { getPath, setPath } from '../../src/sops/tree-path.ts';
import { importDataKey } from '../../src/sops/value.ts';
import { leafTexts, sealed, sealOptions, TEST_DATA_KEY } from '../helpers/sops-trees.ts';

describe('resealing', () => {
  const edit = (file: SopsFile, change: (documents: readonly TreeMap[]) => void) => {
    const opened = open(file, TEST_DATA_KEY);
    change(opened.documents);
    return reseal(file, opened.documents, {
      dataKey: TEST_DATA_KEY,
      stash: opened.stash,
      now: new Date('2027-01-01'),
      random: randomBytes,
    });
  };

  it('changes the ciphertext of the changed value alone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 50 }), keys => {
        const file = sealed(Object.fromEntries(keys.map(key => [`k${key}`, `value of ${key}`])));
        const target = `k${keys[0]}`;
        const again = edit(file, found => setPath(found, [target], 'changed'));
        for (const key of keys.slice(1)) {
          expect(getPath(again.documents, [`k${key}`])).toBe(getPath(file.documents, [`k${key}`]));
        }
        expect(getPath(again.documents, [target])).not.toBe(getPath(file.documents, [target]));
        expect(getPath(open(again, TEST_DATA_KEY).documents, [target])).toBe('changed');
        expect(again.metadata).toEqual({
          ...file.metadata,
          mac: again.metadata.mac,
          lastModified: '2027-01-01T00:00:00Z',
        });
        expect(again.metadata.mac).not.toBe(file.metadata.mac);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps all kinds of leaves, equal elements of a list too', () => {
    const document = new TreeMap([
      { key: 'l', value: new TreeList(['same', 'same', 'same', 1n, new Float(1), '1', true, 'True']) },
      { key: 't', value: new Time('2024-01-01T00:00:00+01:00') },
      { key: 'b', value: new Uint8Array([255, 0]) },
      { key: new Comment('c'), value: null },
    ]);
    const file = seal([document], sealOptions('yaml'));
    const again = edit(file, () => {});
    expect(again.documents).toEqual(file.documents);
  });

  it('gives a file without changes in the same second the same bytes', () => {
    const file = sealed({ a: 'x', l: ['y'] });
    const opened = open(file, TEST_DATA_KEY);
    const again = reseal(file, opened.documents, {
      dataKey: TEST_DATA_KEY,
      stash: opened.stash,
      now: new Date('2026-11-22T15:25:39.900Z'),
      random: randomBytes,
    });
    expect(again).toEqual(file);
  });

  it('uses no IV again for another value, path or type', () => {
    const file = sealed({ a: 'x', b: 'y', i: 1n });
    const again = edit(file, found => {
      setPath(found, ['a'], 'y');
      setPath(found, ['b'], 'x');
      setPath(found, ['i'], '1');
    });
    const ivs = (from: SopsFile) => leafTexts(from).map(text => /iv:([^,]+)/.exec(String(text))?.[1]);
    expect(new Set([...ivs(file), ...ivs(again)]).size).toBe(6);
  });

  it('does not use IVs of other lengths again', () => {
    const key = importDataKey(TEST_DATA_KEY);
    const file = sealed({ a: 'x' });
    const opened = open(file, TEST_DATA_KEY);
    opened.stash.record('short', 'b:', Buffer.alloc(12, 1));
    setPath(opened.documents, ['b'], 'short');
    const again = reseal(file, opened.documents, {
      dataKey: TEST_DATA_KEY,
      stash: opened.stash,
      now: new Date(),
      random: randomBytes,
    });
    expect(String(getPath(again.documents, ['b']))).not.toContain(
      `iv:${Buffer.alloc(12, 1).toString('base64')}`,
    );
    expect(key.type).toBe('secret');
  });

  it('never gives the same IV to NaN, which equals nothing', () => {
    const file = seal([new TreeMap([{ key: 'n', value: new Float(Number.NaN) }])], sealOptions('yaml'));
    expect(edit(file, () => {}).documents).not.toEqual(file.documents);
  });
});
