import { describe, expect, it } from 'vitest';
import { Comment, TreeList, TreeMap } from '../../src/sops/tree.ts';
import {
  getPath,
  leaves,
  parseKeyPath,
  parseTreePath,
  removePath,
  setPath,
} from '../../src/sops/tree-path.ts';
import { codeOf, tree } from '../helpers/sops-trees.ts';

describe('tree paths', () => {
  it('parse as in sops', () => {
    expect(parseTreePath('["a"][\'b\'][0]')).toEqual(['a', 'b', 0]);
    expect(parseTreePath('["a.b]c"d"]')).toEqual(['a.b]c"d']);
    expect(parseTreePath('[""]')).toEqual(['']);
    expect(parseTreePath('')).toEqual([]);
  });

  it('are refused where sops fails or panics', () => {
    for (const text of [
      'a',
      '["a"',
      '["a]',
      '[a]',
      '[]',
      '[-1]',
      '["a"] ["b"]',
      '["]',
      '[1e3]',
      '[99999999999]',
    ]) {
      expect(
        codeOf(() => parseTreePath(text)),
        text,
      ).toBe('USAGE');
    }
  });

  it('of sops-nix descend at each slash', () => {
    expect(parseKeyPath('kanidm/miniflux')).toEqual(['kanidm', 'miniflux']);
  });
});

describe('reading and changing by path', () => {
  const document = () => tree({ a: { b: 'x', l: ['0', { c: 'y' }] }, n: null });

  it('finds values, and nothing where nothing is', () => {
    const found = [document()];
    expect(getPath(found, ['a', 'b'])).toBe('x');
    expect(getPath(found, ['a', 'l', 1, 'c'])).toBe('y');
    expect(getPath(found, ['a', 'l', '1', 'c'])).toBe('y');
    expect(getPath(found, ['n'])).toBeNull();
    expect(getPath(found, [])).toBe(found[0]);
    for (const path of [
      ['z'],
      ['a', 'b', 'c'],
      ['n', 'x'],
      ['a', 'l', 2],
      ['a', 'l', 'x'],
      ['a', 'l', '01'],
      [0],
      ['__proto__'],
      ['a', 'toString'],
    ]) {
      expect(getPath(found, path), path.join('/')).toBeUndefined();
    }
    expect(getPath([], ['a'])).toBeUndefined();
  });

  it('sets values, and makes what is missing', () => {
    const found = [document()];
    setPath(found, ['a', 'b'], 'changed');
    setPath(found, ['new', 'deep', 0, 'k'], 'made');
    setPath(found, ['a', 'l', 7], 'appended');
    setPath(found, ['n', 'k'], 'below null');
    setPath(found, ['__proto__', 'polluted'], 'x');
    expect(found[0]).toEqual(
      tree({
        a: { b: 'changed', l: ['0', { c: 'y' }, 'appended'] },
        n: { k: 'below null' },
        new: { deep: [{ k: 'made' }] },
        ['__proto__']: { polluted: 'x' },
      }),
    );
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('refuses to throw a value away on the way', () => {
    for (const path of [['a', 'b', 'c'], ['a', 'l', 'name'], ['a', 0], []]) {
      expect(
        codeOf(() => setPath([document()], path, 'x')),
        path.join('/'),
      ).toBe('BAD_VALUE');
    }
  });

  it('removes values', () => {
    const found = [document()];
    expect(removePath(found, ['a', 'l', 0])).toBe(true);
    expect(removePath(found, ['n'])).toBe(true);
    expect(found[0]).toEqual(tree({ a: { b: 'x', l: [{ c: 'y' }] } }));
    for (const path of [[], ['z'], ['a', 'l', 5], ['a', 'b', 'c']])
      expect(removePath(found, path)).toBe(false);
  });

  it('does not count comments in lists', () => {
    const list = new TreeList([new Comment('c'), 'zero', new Comment('c'), 'one']);
    const found = [new TreeMap([{ key: 'l', value: list }])];
    expect(getPath(found, ['l', 1])).toBe('one');
    setPath(found, ['l', 1], 'changed');
    removePath(found, ['l', 0]);
    expect(list.elements).toEqual([new Comment('c'), new Comment('c'), 'changed']);
  });

  it('lists leaves in order, without comments', () => {
    const found = document();
    found.items.unshift({ key: new Comment('c'), value: null });
    expect(Array.from(leaves(found), leaf => [leaf.path.join('/'), leaf.value])).toEqual([
      ['a/b', 'x'],
      ['a/l/0', '0'],
      ['a/l/1/c', 'y'],
      ['n', null],
    ]);
  });
});
