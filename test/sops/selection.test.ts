import { describe, expect, it } from 'vitest';
import { isEncryptedValue } from '../../src/sops/encrypted-text.ts';
import { open } from '../../src/sops/open.ts';
import { seal } from '../../src/sops/seal.ts';
import { compileSelection, type Selection } from '../../src/sops/selection.ts';
import { leaves } from '../../src/sops/tree-path.ts';
import { expectLinear } from '../helpers/linear.ts';
import { codeOf, sealOptions, TEST_DATA_KEY, tree } from '../helpers/sops-trees.ts';

const DOCUMENT = {
  pass: 'x',
  pass_unencrypted: 'x',
  Pass: { inner: 'x', list: ['x', { deep: 'x' }] },
  a_unencrypted: { pass: 'x' },
  '1': 'x',
  été: 'x',
};

/** Paths of the leaves that a selection encrypts. */
function encrypted(selection: Selection): string[] {
  const file = seal([tree(DOCUMENT)], sealOptions('json', { selection }));
  expect(open(file, TEST_DATA_KEY).documents).toEqual([tree(DOCUMENT)]);
  const [document = tree({})] = file.documents;
  return Array.from(leaves(document)).flatMap(({ path, value }) =>
    isEncryptedValue(String(value)) ? [path.join('/')] : [],
  );
}

describe('selection', () => {
  const inPass = ['Pass/inner', 'Pass/list/0', 'Pass/list/1/deep'];
  const cases: readonly (readonly [string, Selection, string[]])[] = [
    ['nothing means the default suffix', {}, ['1', 'pass', ...inPass, 'été']],
    ['empty text means the default suffix', { encryptedRegex: '' }, ['1', 'pass', ...inPass, 'été']],
    ['unencrypted_suffix', { unencryptedSuffix: 'ass' }, ['1', 'pass_unencrypted', 'été']],
    [
      'encrypted_suffix holds for everything below',
      { encryptedSuffix: 'ass' },
      ['pass', ...inPass, 'a_unencrypted/pass'],
    ],
    ['unencrypted_regex is a search', { unencryptedRegex: 'a' }, ['1', 'été']],
    ['encrypted_regex looks at each key alone', { encryptedRegex: '^inner$' }, ['Pass/inner']],
    [
      'encrypted_regex with the syntax of Go',
      { encryptedRegex: '(?i)^\\Qpass\\E$' },
      ['pass', ...inPass, 'a_unencrypted/pass'],
    ],
    [
      'character classes of Unicode',
      { encryptedRegex: '^\\pL+$' },
      ['pass', ...inPass, 'a_unencrypted/pass', 'été'],
    ],
    ['indexes are no keys', { encryptedRegex: '^[01]$' }, ['1']],
    ['$ is the end of the text alone', { encryptedRegex: 'pass$|\\z.' }, ['pass', 'a_unencrypted/pass']],
  ];
  for (const [name, selection, expected] of cases) {
    it(name, () => expect(encrypted(selection)).toEqual(expected));
  }

  it('refuses patterns that Go refuses', () => {
    for (const pattern of ['(', 'a(?=b)', '(?<!a)b', '(a)\\1', '[z-a]', 'a**', '\\8', 'x{1001}']) {
      expect(
        codeOf(() => compileSelection({ encryptedRegex: pattern })),
        pattern,
      ).toBe('BAD_METADATA');
    }
  });

  it('refuses two rules at once', () => {
    expect(codeOf(() => compileSelection({ encryptedRegex: 'a', encryptedSuffix: 'b' }))).toBe(
      'BAD_METADATA',
    );
  });

  it('takes linear time for patterns that make others explode', async () => {
    const rule = compileSelection({ encryptedRegex: '^(a+)+$' });
    await expectLinear(50_000, size => expect(rule.hits(`${'a'.repeat(size)}!`)).toBe(false));
  });
});
