import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isEncryptedValue } from '../../src/sops/encrypted-text.ts';
import { open } from '../../src/sops/open.ts';
import { reseal } from '../../src/sops/reseal.ts';
import { seal } from '../../src/sops/seal.ts';
import type { Selection } from '../../src/sops/selection.ts';
import { Comment, TreeList, TreeMap } from '../../src/sops/tree.ts';
import { getPath } from '../../src/sops/tree-path.ts';
import { encryptValue, importDataKey } from '../../src/sops/value.ts';
import { changed, codeOf, openCode, sealOptions, TEST_DATA_KEY, tree } from '../helpers/sops-trees.ts';

describe('comments', () => {
  const plain = () =>
    new TreeMap([
      { key: new Comment(' top'), value: null },
      { key: 'a', value: 'x' },
      { key: new Comment(' behind', true), value: null },
      { key: new Comment(''), value: null },
      { key: 'l', value: new TreeList([new Comment(' in list'), 'one', new Comment(''), 'two']) },
    ]);
  const file = seal([plain()], sealOptions('yaml'));

  it('are encrypted, in lists as elements, and come back as comments', () => {
    const [top, , behind, empty, list] = file.documents[0]?.items ?? [];
    for (const item of [top, behind])
      expect(item?.key instanceof Comment && isEncryptedValue(item.key.text)).toBe(true);
    expect(behind?.key).toMatchObject({ inline: true });
    expect(empty?.key).toEqual(new Comment(''));
    const elements = list?.value instanceof TreeList ? list.value.elements : [];
    expect(elements.map(element => typeof element)).toEqual(['string', 'string', 'string']);
    const expected = plain();
    // Behind a value they are no more once decrypted, and an empty one in a list is gone.
    expected.items[2] = { key: new Comment(' behind'), value: null };
    expected.items[4] = { key: 'l', value: new TreeList([new Comment(' in list'), 'one', 'two']) };
    expect(open(file, TEST_DATA_KEY).documents).toEqual([expected]);
  });

  it('stay behind their value when the file is written again', () => {
    const opened = open(file, TEST_DATA_KEY);
    const again = reseal(file, opened.documents, {
      dataKey: TEST_DATA_KEY,
      stash: opened.stash,
      now: new Date(),
      random: randomBytes,
    });
    expect(again.documents).toEqual(file.documents);
  });

  it('are kept with a warning where they are not encrypted', () => {
    const clear = changed(file, d => d.items.splice(0, 1, { key: new Comment(' clear note'), value: null }));
    const { documents: found, warnings } = open(clear, TEST_DATA_KEY);
    expect(found[0]?.items[0]?.key).toEqual(new Comment(' clear note'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain('clear note');
  });

  it('are no place for values', () => {
    const key = importDataKey(TEST_DATA_KEY);
    const value = encryptValue('x', ':', key, randomBytes(32));
    expect(openCode(changed(file, d => d.items.push({ key: new Comment(value), value: null })))).toBe(
      'BAD_CIPHERTEXT',
    );
  });
});

describe('selection by comments', () => {
  const plain = () =>
    new TreeMap([
      { key: new Comment(' mark'), value: null },
      { key: new Comment(' note'), value: null },
      { key: 'a', value: tree({ deep: 'x' }) },
      { key: 'b', value: 'y' },
      { key: 'l', value: new TreeList([new Comment(' mark'), new Comment(' note'), 'one', 'two']) },
    ]);
  const flags = (selection: Selection) => {
    const file = seal([plain()], sealOptions('yaml', { selection }));
    expect(open(file, TEST_DATA_KEY).documents).toEqual([plain()]);
    const [document = new TreeMap()] = file.documents;
    const list = getPath([document], ['l']);
    const elements = list instanceof TreeList ? list.elements : [];
    const secret = (value: unknown) =>
      isEncryptedValue(value instanceof Comment ? value.text : String(value));
    const top = document.items.slice(0, 2).map(item => secret(item.key));
    return [
      ...top,
      secret(getPath([document], ['a', 'deep'])),
      secret(getPath([document], ['b'])),
      ...elements.map(secret),
    ];
  };

  it('encrypts below a matching comment, not the comment itself', () => {
    expect(flags({ encryptedCommentRegex: 'mark' })).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('leaves in clear a matching comment and what is below it', () => {
    expect(flags({ unencryptedCommentRegex: 'mark' })).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('keeps comments above an encrypted comment in a list active (sops issue 2281)', () => {
    const list = new TreeList([new Comment('mark'), new Comment('other'), 'one', 'two']);
    const document = new TreeMap([{ key: 'l', value: list }]);
    const file = seal([document], sealOptions('yaml', { selection: { encryptedCommentRegex: '^mark$' } }));
    expect(open(file, TEST_DATA_KEY).documents).toEqual([document]);
  });

  it('refuses a pattern that cannot tell encrypted comments from plain ones', () => {
    const document = new TreeMap([{ key: new Comment('x'), value: null }]);
    expect(
      codeOf(() => seal([document], sealOptions('yaml', { selection: { unencryptedCommentRegex: 'ENC' } }))),
    ).toBe('BAD_METADATA');
  });
});
