import { describe, expect, it } from 'vitest';
import { yamlFormat } from '../../../src/sops/formats/yaml.ts';
import { Comment, type Item, TreeList, TreeMap } from '../../../src/sops/tree.ts';
import { outline, readYamlText, throughYaml, yamlTextOf } from '../../helpers/yaml-text.ts';

/** Text, the tree of it, and the text that sops 3.13.3 prints for that tree; one string where it stays as it is. */
const PLACES: readonly (readonly [text: string, tree: string, printed?: string])[] = [
  ['# head\na: 1\n', '{# head, a: 1}'],
  ['a: 1 # line\n', '{#> line, a: 1}'],
  ['a: 1\n# foot\n', '{a: 1, # foot}'],
  ['a: 1\n# of b\nb: 2\n', '{a: 1, # of b, b: 2}'],
  ['a: 1\n# of a\n\nb: 2\n', '{a: 1, # of a, b: 2}', 'a: 1\n# of a\nb: 2\n'],
  ['a: 1\n\n# of b\nb: 2\n', '{a: 1, # of b, b: 2}', 'a: 1\n# of b\nb: 2\n'],
  ['# one\n# two\na: 1\n', '{# one, # two, a: 1}'],
  ['# document\n\n# head\na: 1\n', '{# document, # head, a: 1}', '# document\n# head\na: 1\n'],
  ['# document\n---\na: 1\n', '{# document, a: 1}', '# document\na: 1\n'],
  ['#tight\n#\n##\na: 1 #tight\n', '{#tight, #, ##, #>tight, a: 1}'],
  ['a: # of a\n  b: 1\n', '{# of a, a: {b: 1}}', '# of a\na:\n  b: 1\n'],
  ['a:\n  # inside\n  b: 1\n', '{a: {# inside, b: 1}}'],
  ['a:\n  b: 1\n  # deep\n# outer\nc: 2\n', '{a: {b: 1, # deep}, # outer, c: 2}'],
  [
    'a:\n  b: 1\n  # deep\n\n# outer\nc: 2\n',
    '{a: {b: 1, # deep}, # outer, c: 2}',
    'a:\n  b: 1\n  # deep\n# outer\nc: 2\n',
  ],
  ['a: # next\n  1\n', '{# next, a: 1}', '# next\na: 1\n'],
  ['a:\n  # next\n  1\n', '{# next, a: 1}', '# next\na: 1\n'],
  ['a: | # block\n  x\n', '{#> block, a: x\n}'],
  ['a: "x" # line\n# foot\n', '{#> line, a: x, # foot}', 'a: x # line\n# foot\n'],
  ['a: &x 1 # line\nb: *x # alias\n', '{#> line, a: 1, #> alias, b: 1}', 'a: 1 # line\nb: 1 # alias\n'],
  ['a: ~ # none\nb: # none\n', '{#> none, a: null, # none, b: null}', 'a: null # none\n# none\nb: null\n'],
  ['a: x#y\nb: "# z"\n', '{a: x#y, b: # z}', "a: x#y\nb: '# z'\n"],
  ['? a # key\n: 1 # value\n', '{# key, #> value, a: 1}', '# key\na: 1 # value\n'],
  [
    'a:\n  # first\n  - 1\n  # second\n  - 2 # line\n  # last\n',
    '{a: [# first, 1, # second, #> line, 2, # last]}',
  ],
  ['a:\n- 1\n# in column\n- 2\n', '{a: [1, # in column, 2]}', 'a:\n  - 1\n  # in column\n  - 2\n'],
  ['a:\n  - # dash\n    1\n', '{a: [# dash, 1]}', 'a:\n  # dash\n  - 1\n'],
  ['a:\n  - # dash\n    b: 1\n', '{a: [{# dash, b: 1}]}', 'a:\n  # dash\n  - b: 1\n'],
  ['a:\n  # map\n  - b: 1 # line\n    # c\n    c: 2\n', '{a: [# map, {#> line, b: 1, # c, c: 2}]}'],
  [
    'a:\n  - 1\n  # foot\n\n  # head\n  - 2\n',
    '{a: [1, # foot, # head, 2]}',
    'a:\n  - 1\n  # foot\n  # head\n  - 2\n',
  ],
  ['a:\n  - - 1\n    # inner\n    - 2\n  # outer\n  - 3\n', '{a: [[1, # inner, 2], # outer, 3]}'],
  ['a:\n  # outer\n  - - 1\n', '{a: [# outer, [1]]}'],
  ['a:\n  -\n    # inner\n    - 1\n', '{a: [[# inner, 1]]}', 'a:\n  # inner\n  - - 1\n'],
  ['a: [1, 2] # line\n', '{a: [# line, 1, 2]}', 'a:\n  # line\n  - 1\n  - 2\n'],
  ['a: {b: 1} # line\n', '{a: {# line, b: 1}}', 'a:\n  # line\n  b: 1\n'],
  [
    'a: [ # first\n  1, # one\n  # two\n  2\n]\n',
    '{a: [#> one, 1, # two, 2]}',
    'a:\n  - 1 # one\n  # two\n  - 2\n',
  ],
  [
    'a: {\n  # b\n  b: 1, # one\n  c: 2 # two\n}\n',
    '{a: {# b, #> one, b: 1, #> two, c: 2}}',
    'a:\n  # b\n  b: 1 # one\n  c: 2 # two\n',
  ],
  ['a: [] # empty\nb: {} # empty\n', '{a: [# empty], b: {# empty}}', 'a: []\n# empty\nb: {\n  # empty\n}\n'],
  ['a: 1\n# foot\n---\n# head\nb: 2\n', '{a: 1, # foot} {# head, b: 2}'],
  ['{}\n# foot\n', '{# foot}', '# foot\n{}\n'],
  ['a: 1\n\n# x\n\nb: 2\n', '{a: 1, # x, b: 2}', 'a: 1\n# x\nb: 2\n'],
  ['a:\n  b: 1\n# of a\n\nc: 2\n', '{a: {b: 1}, # of a, c: 2}', 'a:\n  b: 1\n# of a\nc: 2\n'],
  ['a:\n  - 1\n# of a\n\nb: 2\n', '{a: [1], # of a, b: 2}', 'a:\n  - 1\n# of a\nb: 2\n'],
  [
    'a:\n  - 1\n  # last\n\n# of b\nb: 2\n',
    '{a: [1, # last], # of b, b: 2}',
    'a:\n  - 1\n  # last\n# of b\nb: 2\n',
  ],
  ['a: {b: 1, # one\n  # foot\n}\n', '{a: {#> one, b: 1, # foot}}', 'a:\n  b: 1 # one\n  # foot\n'],
  ['a: {b: 1,\n  # foot\n\n  c: 2}\n', '{a: {b: 1, # foot, c: 2}}', 'a:\n  b: 1\n  # foot\n  c: 2\n'],
  ['a: [b: 1, # one\n  # foot\n]\n', '{a: [{#> one, b: 1, # foot}]}', 'a:\n  - b: 1 # one\n    # foot\n'],
  [
    'a:\n  - b: 1\n    # foot\n\n  - c: 2\n',
    '{a: [{b: 1, # foot}, {c: 2}]}',
    'a:\n  - b: 1\n    # foot\n  - c: 2\n',
  ],
  ['a:\n  - - 1\n    # foot\n  - 2\n', '{a: [[1, # foot], 2]}'],
  [
    'a: 1\n# one\n\n# two\n\n# three\nb: 2\n',
    '{a: 1, # one, # two, # three, b: 2}',
    'a: 1\n# one\n# two\n# three\nb: 2\n',
  ],
  ['a:\n  b: 1\n\n  # x\n\n# y\n\nc: 2\n', '{a: {b: 1, # x}, # y, c: 2}', 'a:\n  b: 1\n  # x\n# y\nc: 2\n'],
  ['a:\n  b:\n    c: 1\n    # c\n  # b\n# a\n', '{a: {b: {c: 1, # c}, # b}, # a}'],
  ['a: 1\n# foot\n\n---\nb: 2\n', '{a: 1, # foot} {b: 2}', 'a: 1\n# foot\n---\nb: 2\n'],
  ['a: 1 # x\n# foot\n\nb: 2\n', '{#> x, a: 1, # foot, b: 2}', 'a: 1 # x\n# foot\nb: 2\n'],
  ['a:\n  - x\n  # foot\nb: 1\n', '{a: [x, # foot], b: 1}'],
  [
    'a: {}\n# foot\n\nb: []\n# foot\n\nc: 1\n',
    '{a: {}, # foot, b: [], # foot, c: 1}',
    'a: {}\n# foot\nb: []\n# foot\nc: 1\n',
  ],
  ['? a\n# k\n\n: 1\nb: 2\n', '{a: 1, # k, b: 2}', 'a: 1\n# k\nb: 2\n'],
  ['a:\n\n  # x\n\n  b: 1\n', '{a: {# x, b: 1}}', 'a:\n  # x\n  b: 1\n'],
];

/** A map with one comment line before, behind and after a value, built and not read. */
function around(value: TreeList | TreeMap | string): TreeMap {
  const comment = (text: string, inline = false): Item => ({ key: new Comment(text, inline), value: null });
  return new TreeMap([comment(' before'), comment(' behind', true), { key: 'a', value }, comment(' after')]);
}

describe('comments', () => {
  it.each(PLACES.map(([text, trees, printed]) => [text, trees, printed ?? text] as const))(
    '%j',
    (text, trees, printed) => {
      const documents = yamlFormat.parsePlain(Buffer.from(text));
      expect(documents.map(outline).join(' ')).toBe(trees);
      expect(yamlTextOf(documents, 2)).toBe(printed);
    },
  );

  it('of one line keep their characters', () => {
    for (const text of ['', ' ', '#', ' # x', '\tx', ' "q" \'q\' [ } : - & *', ' é語', ' x ', ' ENC[x]'])
      expect(outline(readYamlText(`#${text}\na: 1 #${text}\n`)), text).toBe(`{#${text}, #>${text}, a: 1}`);
  });

  it('end with any line break that YAML knows', () => {
    for (const end of ['\n', '\r\n', '\r', '\u0085', '\u2028', '\u2029'])
      expect(outline(readYamlText(`# x${end}a: 1 # y${end}`)), JSON.stringify(end)).toBe('{# x, #> y, a: 1}');
  });

  it('are written before, behind and below what they belong to', () => {
    expect(yamlTextOf(around('v'))).toBe('# before\na: v # behind\n# after\n');
    expect(yamlTextOf(around('two\nlines\n'))).toBe('# before\na: | # behind\n    two\n    lines\n# after\n');
    expect(yamlTextOf(around(new TreeList()))).toBe('# before\na: [] # behind\n# after\n');
    expect(yamlTextOf(around(new TreeMap()))).toBe('# before\na: {} # behind\n# after\n');
  });

  it('alone in a collection', () => {
    const only = new TreeMap([{ key: new Comment(' x'), value: null }]);
    expect(yamlTextOf(only)).toBe('# x\n{}\n');
    expect(yamlTextOf(new TreeMap([{ key: 'a', value: only }]))).toBe('a: {\n    # x\n}\n');
    expect(yamlTextOf(new TreeMap([{ key: 'a', value: new TreeList([new Comment(' x')]) }]))).toBe(
      'a: []\n# x\n',
    );
  });

  it('that hold line breaks become several lines', () => {
    const map = new TreeMap([
      { key: new Comment(' x\ny: 2\n# z'), value: null },
      { key: 'a', value: 1n },
    ]);
    const printed = yamlTextOf(map);
    expect(printed).toBe('# x\n# y: 2\n# z\na: 1\n');
    expect(readYamlText(printed).items.filter(({ key }) => typeof key === 'string')).toHaveLength(1);
  });

  it('behind a value that are of several lines hurt no value', () => {
    const behind = (value: string | Uint8Array) =>
      new TreeMap([
        { key: new Comment(' x', true), value: null },
        { key: new Comment(' y', true), value: null },
        { key: 'a', value },
      ]);
    for (const value of [
      'v',
      '',
      'two\nlines\n',
      ' x\n',
      'a: b',
      Uint8Array.of(0xff),
      new Uint8Array(60).fill(0xff),
    ])
      expect(readYamlText(yamlTextOf(behind(value))).get('a')).toEqual(value);
  });

  it('stay after the first round trip what they are', () => {
    // The comment that stock sops writes into `{}` it does not read there.
    for (const [text] of PLACES.filter(([, , printed]) => printed?.includes('{\n') !== true)) {
      const once = throughYaml(text);
      expect(throughYaml(once), text).toBe(once);
    }
  });
});
