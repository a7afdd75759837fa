import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setSecretOptions } from '../../src/workspace/edit.ts';
import { BY_HAND, FLEET, insertedLines, KEYS, read, refusal } from './fleet.ts';

describe('setSecretOptions', () => {
  it('adds an entry', () => {
    const text = setSecretOptions(read(FLEET), 'aya/wg', {
      owner: 'root',
      mode: '0440',
      restartUnits: ['wg.service'],
      neededForUsers: true,
    });
    expect(insertedLines(FLEET, text)).toEqual([
      '  aya/wg: { owner: root, mode: "0440", restartUnits: [wg.service], neededForUsers: true }',
    ]);
  });

  it('replaces an entry and nothing around it', () => {
    const text = setSecretOptions(read(FLEET), 'megumu/kotori', { group: 'web' });
    expect(text).toBe(FLEET.replace('{ restartUnits: [fukurou.service] }', '{ group: web }'));
    expect(setSecretOptions(read(text), 'megumu/kotori', { group: 'web' })).toBe(text);
  });

  it.each([
    ['  a/b:\n    owner: x\n    group: y # why\n  c/d: {}\n', '  a/b: { mode: "0400" } # why\n  c/d: {}\n'],
    ['  a/b: # why\n    owner: x\n', '  a/b: { mode: "0400" } # why\n'],
    ['  a/b:\n', '  a/b: { mode: "0400" }\n'],
    ['  "a/b" : {owner: x}\n', '  "a/b" : { mode: "0400" }\n'],
    ['  a/b: {\n    owner: x,\n  }\n  c/d: {}', '  a/b: { mode: "0400" }\n  c/d: {}'],
  ])('replaces %j', (before, after) => {
    const head = 'x: { y: z }\nsecrets:\n';
    expect(setSecretOptions(read(head + before), 'a/b', { mode: '0400' })).toBe(head + after);
  });

  it.each([
    ['secrets:\n  a/b: {}\n  c/d: {} # d\n', 'secrets:\n  c/d: {} # d\n'],
    ['secrets:\n  c/d: {}\n  a/b:\n    owner: x\n', 'secrets:\n  c/d: {}\n'],
    ['secrets:\n  c/d: {}\n  a/b: {}', 'secrets:\n  c/d: {}'],
    ['secrets: {a/b: {}, c/d: {}}\n', 'secrets: {c/d: {}}\n'],
    ['secrets: {c/d: {}, a/b: {}}\n', 'secrets: {c/d: {}}\n'],
    ['secrets: {a/b: {}}\n', 'secrets: {}\n'],
    ['secrets:\n  # mine\n  a/b: {}\nx: 1\n', 'secrets:\n  # mine\nx: 1\n'],
    ['y: 1\n\nsecrets:\n  a/b: {}\n\nx: 1\n', 'y: 1\n\nx: 1\n'],
    ['y: 1\nsecrets:\n  a/b: {}\nx: 1\n', 'y: 1\nx: 1\n'],
    ['secrets:\n  a/b: {}\n\nx: 1\n', 'x: 1\n'],
    ['y: 1\r\n\r\nsecrets:\r\n  a/b: {}\r\n', 'y: 1\r\n'],
  ])('removes from %j', (before, after) => {
    expect(setSecretOptions(read(before), 'a/b', null)).toBe(after);
    expect(setSecretOptions(read(before), 'z/z', null)).toBe(before);
  });

  it('leaves a file as it was once what it added is removed again', () => {
    for (const text of [
      FLEET,
      BY_HAND,
      `keys:\n  - &a ${KEYS.aya}`,
      `${BY_HAND}# end`,
      BY_HAND.replaceAll('\n', '\r\n'),
      'creation_rules: []\n',
    ]) {
      const added = setSecretOptions(read(text), 'zz/zz', { owner: 'x' });
      expect(added).not.toBe(text);
      expect(setSecretOptions(read(added), 'zz/zz', null)).toBe(text);
      expect(setSecretOptions(read(added), 'zz/zz', {})).toBe(text);
    }
  });

  it('reads back whatever is accepted', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,6}$/);
    const options = fc.record(
      {
        owner: fc.oneof(word, fc.constantFrom('yes', 'null', '1e3', '0x1', '~', 'true', '.inf', '1_0')),
        mode: fc.constantFrom('0400', '440', '0777'),
        path: fc
          .string({ unit: 'grapheme' })
          .map(text => `/${text.replace(/[\u0000-\u001f\u007f\ud800-\udfff]/g, '')}`),
        restartUnits: fc.array(
          word.map(text => `${text}@a:b.service`),
          { minLength: 1, maxLength: 3 },
        ),
        neededForUsers: fc.boolean(),
        sopsFile: word.map(text => `a/${text}.yaml`),
        key: fc.constantFrom('', 'a', 'a/b: c', "it's", '#x', '*a', '{', '- b'),
        generate: fc.constantFrom('password:32', 'hex'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, given => {
        let text: string;
        try {
          text = setSecretOptions(read(FLEET), 'aya/x', given);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_OPTION' });
          return;
        }
        const after = read(text);
        expect(after.secrets.get('aya/x') ?? {}).toEqual(given);
        expect(after.secrets.size).toBe(read(FLEET).secrets.size + (Object.keys(given).length > 0 ? 1 : 0));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['an owner with a blank', { owner: 'a b' }],
    ['a mode in letters', { mode: 'u=r' }],
    ['a unit without suffix', { restartUnits: ['fukurou'] }],
    ['a unit with a newline', { reloadUnits: ['a\n.service'] }],
    ['a relative path', { path: 'x' }],
    ['a path with a newline', { path: '/x\n' }],
    ['a file outside', { sopsFile: '/etc/x' }],
    ['a key with an empty part', { key: 'a//b' }],
    ['a recipe with text', { generate: 'my password' }],
    ['deliver for all', { deliver: false }],
  ])('refuses %s', (_, options) => {
    expect(refusal(() => setSecretOptions(read(FLEET), 'aya/x', options)).code).toBe('BAD_OPTION');
  });

  it('refuses what is no address', () => {
    for (const address of ['kotori', '../x', 'a/../b', '__proto__']) {
      expect(refusal(() => setSecretOptions(read(FLEET), address, { owner: 'x' })).code).toBe('BAD_NAME');
    }
  });
});
