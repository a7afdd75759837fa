import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryFormat } from '../../../src/sops/formats/binary.ts';
import { open } from '../../../src/sops/open.ts';
import { seal } from '../../../src/sops/seal.ts';
import { TreeMap } from '../../../src/sops/tree.ts';
import { codeOf, sealOptions, TEST_DATA_KEY, tree } from '../../helpers/sops-trees.ts';

describe('binary files', () => {
  it('keep every byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const file = seal(binaryFormat.parsePlain(bytes), sealOptions('binary'));
        const plain = binaryFormat.formatPlain(open(file, TEST_DATA_KEY).documents);
        expect(Buffer.from(plain)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('hold text as text, so that equal bytes are equal', () => {
    expect(binaryFormat.parsePlain(Buffer.from('\ufefftext\r\n'))).toEqual([
      tree({ data: '\ufefftext\r\n' }),
    ]);
    expect(binaryFormat.parsePlain(new Uint8Array())).toEqual([tree({ data: '' })]);
  });

  it('are refused where they hold no data', () => {
    const wrong = [
      [],
      [tree({})],
      [tree({ other: 'x' })],
      [tree({ data: 1n })],
      [tree({ data: 'x' }), tree({})],
    ];
    for (const documents of wrong)
      expect(codeOf(() => binaryFormat.formatPlain(documents))).toBe('BAD_DOCUMENT');
    expect(codeOf(() => binaryFormat.formatValue('x'))).toBe('BAD_DOCUMENT');
    expect(binaryFormat.hasReservedKey(new TreeMap([{ key: 'sops', value: null }]))).toBe(true);
  });
});
