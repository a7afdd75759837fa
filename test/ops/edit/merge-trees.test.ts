import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeTrees, sameDocuments } from '../../../src/ops/edit/merge-trees.ts';
import { loadFormat } from '../../../src/sops/document.ts';
import { TreeMap } from '../../../src/sops/tree.ts';

const { parsePlain, formatPlain } = await loadFormat('yaml');
const yaml = (text: string) => parsePlain(Buffer.from(text));

function merged(base: string, mine: string, theirs: string) {
  const { documents, conflicts } = mergeTrees(yaml(base), yaml(mine), yaml(theirs));
  return { text: Buffer.from(formatPlain(documents)).toString(), conflicts };
}

describe('two changes of one document', () => {
  it.each([
    ['of different values', 'a: "1"\nb: "2"\n', 'a: x\nb: "2"\n', 'a: "1"\nb: z\n', 'a: x\nb: z\n'],
    [
      'inside of a map',
      'm:\n    a: "1"\n    b: "2"\n',
      'm:\n    a: x\n    b: "2"\n',
      'm:\n    a: "1"\n',
      'm:\n    a: x\n',
    ],
    ['that are the same', 'a: "1"\n', 'a: x\n', 'a: x\n', 'a: x\n'],
    ['that both add', 'a: "1"\n', 'b: x\na: "1"\n', 'a: "1"\nc: z\n', 'b: x\na: "1"\nc: z\n'],
    ['of order and of a value', 'a: "1"\nb: "2"\n', 'b: "2"\na: "1"\n', 'a: "1"\nb: z\n', 'b: z\na: "1"\n'],
    ['of a comment and of a value', 'a: "1"\n', '# mine\na: "1"\n', 'a: z\n', '# mine\na: z\n'],
    [
      'of documents',
      'a: "1"\n---\nb: "2"\n',
      'a: x\n---\nb: "2"\n',
      'a: "1"\n---\nb: z\n',
      'a: x\n---\nb: z\n',
    ],
    [
      'of names that objects have',
      '__proto__: "1"\nconstructor: "2"\n',
      '__proto__: x\nconstructor: "2"\n',
      '__proto__: "1"\n',
      '__proto__: x\n',
    ],
  ])('%s go together', (_what, base, mine, theirs, wanted) => {
    expect(merged(base, mine, theirs)).toEqual({ text: wanted, conflicts: [] });
  });

  it.each([
    ['of one value', 'a: "1"\n', 'a: x\n', 'a: z\n', ['a']],
    ['of a value that was removed', 'a: "1"\nb: "2"\n', 'a: x\nb: "2"\n', 'b: "2"\n', ['a']],
    ['of a list', 'l:\n    - a\n', 'l:\n    - b\n', 'l:\n    - c\n', ['l']],
    ['of what became a map', 'a: "1"\n', 'a:\n    b: x\n', 'a: z\n', ['a']],
    [
      'deep below',
      'a:\n    b:\n        c: "1"\n',
      'a:\n    b:\n        c: x\n',
      'a:\n    b:\n        c: z\n',
      ['a/b/c'],
    ],
    ['of comments', 'a: "1"\n', '# x\na: "1"\n', '# y\na: "1"\n', ['the comments at the top']],
    [
      'of the number of documents',
      'a: "1"\n',
      'a: x\n',
      'a: "1"\n---\nb: "2"\n',
      ['the number of documents'],
    ],
  ])('%s do not, and mine is kept', (_what, base, mine, theirs, conflicts) => {
    const found = merged(base, mine, theirs);
    expect(found.conflicts).toEqual(conflicts);
    expect(found.text).toBe(mine);
  });

  const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__'), { maxLength: 6 });
  const flat = fc
    .tuple(keys, fc.array(fc.constantFrom('1', '2', '3'), { minLength: 6, maxLength: 6 }))
    .map(([names, values]) => new TreeMap(names.map((key, index) => ({ key, value: values[index] ?? '' }))));
  const tree = fc.tuple(flat, flat).map(([a, b]) => new TreeMap([...a.items, { key: 'below', value: b }]));

  it('is the one where the other changed nothing, and is symmetric where they go together', () => {
    fc.assert(
      fc.property(tree, tree, tree, (base, mine, theirs) => {
        expect(sameDocuments(mergeTrees([base], [mine], [base]).documents, [mine])).toBe(true);
        expect(sameDocuments(mergeTrees([base], [base], [theirs]).documents, [theirs])).toBe(true);
        const one = mergeTrees([base], [mine], [theirs]);
        const other = mergeTrees([base], [theirs], [mine]);
        expect([...one.conflicts].sort()).toEqual([...other.conflicts].sort());
        if (one.conflicts.length === 0) expect(values(one.documents)).toEqual(values(other.documents));
      }),
      { numRuns: 300 },
    );
  });
});

/** Values by key, in no order. */
function values(documents: readonly TreeMap[]): unknown {
  const of = (map: TreeMap): unknown[] =>
    map.items
      .map(({ key, value }) => [String(key), value instanceof TreeMap ? of(value) : value])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  return documents.map(of);
}
