import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iniFormat } from '../../../src/sops/formats/ini.ts';
import { Comment, Float, TreeMap, type Value } from '../../../src/sops/tree.ts';
import { expectLinear } from '../../helpers/linear.ts';
import { codeOf, tree } from '../../helpers/sops-trees.ts';

const parse = (text: string | Uint8Array) => iniFormat.parsePlain(Buffer.from(text))[0] ?? new TreeMap();
const print = (document: TreeMap) => Buffer.from(iniFormat.formatPlain([document])).toString();
const failure = (text: string) => codeOf(() => parse(text));
const metadata = tree({ age: [{ enc: 'line\nline\n', recipient: 'age1x' }], mac: 'x' });

/** Names and values with comments as `#text`, section by section. */
function shape(text: string | Uint8Array): unknown[] {
  const entries = (value: Value | null): unknown[] =>
    value instanceof TreeMap
      ? value.items.map(item => [item.key instanceof Comment ? `#${item.key.text}` : item.key, item.value])
      : [];
  return parse(text).items.map(({ key, value }) => [
    key,
    Object.fromEntries(entries(value).map(entry => entry as [string, Value])),
  ]);
}

const readOne = (text: string) => {
  const section = parse(`k = ${text}`).get('DEFAULT');
  return section instanceof TreeMap ? section.get('k') : undefined;
};

describe('reading INI', () => {
  it('always has a section DEFAULT first', () => {
    expect(shape('')).toEqual([['DEFAULT', {}]]);
    expect(shape('a=1\n[s]\nb=2\n[s]\nb=3\n[DEFAULT]\nc=4')).toEqual([
      ['DEFAULT', { a: '1' }],
      ['s', { b: '2' }],
      ['s', { b: '3' }],
      ['DEFAULT', { c: '4' }],
    ]);
  });

  it('reads names: both delimiters, quotes, duplicates, counters', () => {
    expect(
      shape('a : b = c\n"x=y" ignored = 1\n`q"` : 2\n"""p`q""" = 3\n dup = 1\nz=1\ndup = 2\n- = 4\n-=5'),
    ).toEqual([
      ['DEFAULT', { a: 'b = c', 'x=y': '1', 'q"': '2', 'p`q': '3', dup: '2', z: '1', '#1': '4', '#2': '5' }],
    ]);
    expect(parse('dup=1\nz=1\ndup=2').get('DEFAULT')).toEqual(tree({ dup: '2', z: '1' }));
    expect(shape('[ a ]\n[b]c]\n')).toEqual([
      ['DEFAULT', {}],
      [' a ', {}],
      ['b]c', {}],
    ]);
  });

  it('reads values: quotes, inline comments, continuation', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['x ; c', 'x'],
      ['x#c', 'x'],
      ['"x # y"', '"x'],
      ['"a b"', 'a b'],
      ["'a b'", 'a b'],
      [`"it's"`, "it's"],
      [`'it's'`, "'it's'"],
      ['"', '"'],
      ['`a;#"b`', 'a;#"b'],
      ['`a` b', 'a'],
      ['"""a\n b\n\nc""" ; note', 'a\n b\n\nc'],
      ['`a\nb`', 'a\nb'],
      ['one \\\n  two\\\n three', 'one twothree'],
      ['one \\', 'one '],
      ['', ''],
      ['  \t', ''],
      ['%(other)s', '%(other)s'],
      ['a\\nb', 'a\\nb'],
      ['x\u00a0', 'x'],
      ['x\ufeff', 'x\ufeff'],
    ];
    for (const [text, value] of cases) expect(readOne(text), text).toBe(value);
  });

  it('reads comments: a block loses the marks of its first line alone', () => {
    const text = '; top\n# second\n[s] ; behind\n;; a\n; b\nk = v # inline\nl = w\n; lost at the end\n';
    expect(shape(text)).toEqual([
      ['DEFAULT', {}],
      ['s', { '#top\n# second\n; behind': null, k: 'v', '#a\n; b\n# inline': null, l: 'w' }],
    ]);
  });

  it('drops a BOM and line ends of Windows, and keeps bytes that are not UTF-8', () => {
    expect(shape('\ufeff[s]\r\na = b\r\n')).toEqual([
      ['DEFAULT', {}],
      ['s', { a: 'b' }],
    ]);
    expect(parse(Buffer.from('a = \xff\n', 'latin1')).get('DEFAULT')).toEqual(
      new TreeMap([{ key: 'a', value: Uint8Array.of(0xff) }]),
    );
    for (const text of ['\xff = a', '[\xff]', '; \xff\na = b']) {
      expect(codeOf(() => parse(Buffer.from(text, 'latin1')))).toBe('BAD_DOCUMENT');
    }
  });

  it('refuses what ini.v1 refuses', () => {
    for (const text of [
      'a',
      '[s',
      '[]',
      '= v',
      '"" = v',
      '"a = v',
      '"a" v',
      'a = """x',
      'a = `x',
      '[s]\n\nb',
    ]) {
      expect(failure(text), text).toBe('BAD_DOCUMENT');
    }
  });

  it('names the line, without its text', () => {
    try {
      parse('a = 1\n\nhunter2 in clear\n');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ line: 3 });
      expect(String(error)).not.toContain('hunter2');
    }
  });

  it('reads long files in linear time', () =>
    expectLinear(200_000, size =>
      parse(
        `a = x\\\n${'y\\\n'.repeat(size)}\nb = \`${'z\n'.repeat(size)}\`\n${'; c\n'.repeat(size)}k=v\n${' '.repeat(2 * size)}`,
      ),
    ));
});

describe('writing INI', () => {
  it('aligns, quotes and separates as ini.v1', () => {
    const document = new TreeMap([
      { key: 'DEFAULT', value: new TreeMap() },
      {
        key: 's',
        value: new TreeMap([
          { key: new Comment('section\n# more'), value: null },
          { key: 'a', value: 'x' },
          { key: new Comment(' key '), value: null },
          { key: 'é"', value: 'a;b' },
          { key: 'b`', value: 'two\nlines' },
          { key: 'c:d', value: ' outer ' },
          { key: 'e', value: '' },
        ]),
      },
      { key: 't', value: new TreeMap([{ key: 'f', value: new Float(1) }]) },
    ]);
    expect(print(document)).toBe(
      '; section\n# more\n[s]\n; key\na        = x\n`é"`    = `a;b`\n"""b`""" = """two\nlines"""\n`c:d`    = " outer "\ne        = \n\n[t]\nf = 1.0\n',
    );
  });

  it('has no header for a first DEFAULT, and one for others', () => {
    expect(print(tree({ DEFAULT: { a: '1' }, DEFAULT2: {}, s: {} }))).toBe('a = 1\n\n[DEFAULT2]\n\n[s]\n');
    expect(print(parse('[DEFAULT]\na=1'))).toBe('[DEFAULT]\na = 1\n');
  });

  it('writes an empty comment line where Go crashes', () => {
    expect(print(parse(';\n; b\na = 1'))).toBe('; \n; b\na = 1\n');
  });

  it('refuses what is no section or no text', () => {
    for (const document of [
      tree({ a: 'x' }),
      tree({ '': {} }),
      tree({ s: { '': 'x' } }),
      tree({ s: { a: {} } }),
      tree({ s: { a: [] } }),
    ]) {
      expect(codeOf(() => print(document))).toBe('BAD_DOCUMENT');
    }
  });

  it('reads back ordinary documents', () => {
    const name = fc.stringMatching(/^[a-zé0-9_][a-zé0-9_ .]{0,8}[a-z]$/);
    const value = fc.stringMatching(/^[a-z0-9é;#=: ]{0,12}$/).map(text => text.trim());
    const section = fc.uniqueArray(fc.record({ key: name, value }), { selector: item => item.key });
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: name, value: section.map(items => new TreeMap(items)) })),
        items => {
          const document = new TreeMap([{ key: 'DEFAULT', value: new TreeMap() }, ...items]);
          expect(parse(print(document))).toEqual(document);
        },
      ),
    );
  });
});

describe('sops files as INI', () => {
  it('hold the metadata in a last section', () => {
    const bytes = iniFormat.formatEncrypted({ documents: [tree({ DEFAULT: {}, s: { a: '1' } })], metadata });
    expect(Buffer.from(bytes).toString()).toBe(
      '[s]\na = 1\n\n[sops]\nage__list_0__map_enc       = line\\nline\\n\nage__list_0__map_recipient = age1x\nmac                        = x\n',
    );
    expect(iniFormat.parseEncrypted(bytes)).toEqual({
      documents: [tree({ DEFAULT: {}, s: { a: '1' } })],
      metadata,
    });
  });

  it('read the metadata of sops 3.13.0, which has real line breaks', () => {
    const text =
      '[s]\na = 1\n\n[sops]\nage__list_0__map_enc = """line\nline\n"""\nage__list_0__map_recipient = age1x\nmac = x\n';
    expect(iniFormat.parseEncrypted(Buffer.from(text)).metadata).toEqual(metadata);
  });

  it('are refused without metadata', () => {
    expect(codeOf(() => iniFormat.parseEncrypted(Buffer.from('[s]\na=1')))).toBe('NOT_ENCRYPTED');
    expect(codeOf(() => iniFormat.parseEncrypted(Buffer.from('[sops]\n')))).toBe('NOT_ENCRYPTED');
    expect(codeOf(() => iniFormat.parseEncrypted(Buffer.from('[sops]\na=1\n[sops]\na=1')))).toBe(
      'BAD_METADATA',
    );
  });

  it('are not written where they would be read back as something else', () => {
    const write = (document: TreeMap) =>
      codeOf(() => iniFormat.formatEncrypted({ documents: [document], metadata }));
    const value = (text: Value | null) =>
      write(new TreeMap([{ key: 's', value: new TreeMap([{ key: 'a', value: text }]) }]));
    for (const text of [
      "'quoted'",
      '"quoted"',
      'ends in \\',
      'a\nb"""c\nd',
      '"""',
      null,
      true,
      new Float(1),
    ]) {
      expect(value(text), String(text)).toBe('BAD_DOCUMENT');
    }
    for (const text of ['plain', 'a;b', 'two\nlines', ' outer ', 5n])
      expect(value(text), String(text)).toBeNull();
    expect(write(tree({ s: { '#1': 'x' } }))).toBe('BAD_DOCUMENT');
    expect(write(tree({ 's]\n[sops': { a: 'x' } }))).not.toBeNull();
    expect(write(tree({ s: { 'a = b\nc': 'x' } }))).toBe('BAD_DOCUMENT');
    expect(write(tree({ default: { a: 'x' } }))).toBe('BAD_DOCUMENT');
    expect(write(tree({ sops: { a: 'x' } }))).toBe('ALREADY_ENCRYPTED');
  });

  it('give single values as JSON on one line', () => {
    expect(Buffer.from(iniFormat.formatValue(tree({ a: [1n, '<'] }))).toString()).toBe('{"a":[1,"\\u003c"]}');
  });
});
