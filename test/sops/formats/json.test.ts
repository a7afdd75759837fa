import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFormat } from '../../../src/sops/formats/json.ts';
import { Comment, Float, Time, TreeList, TreeMap } from '../../../src/sops/tree.ts';
import { expectLinear } from '../../helpers/linear.ts';
import { codeOf, documents, scalars, tree } from '../../helpers/sops-trees.ts';

const parse = (text: string) => jsonFormat.parsePlain(Buffer.from(text))[0];
const print = (document: TreeMap, indent?: number) =>
  Buffer.from(jsonFormat.formatPlain([document], { indent })).toString();
const failure = (text: string | Uint8Array) => codeOf(() => jsonFormat.parsePlain(Buffer.from(text)));

describe('reading JSON', () => {
  it('keeps order, duplicates and odd names', () => {
    const document = parse('{"b":1,"1":2,"b":3,"":null,"__proto__":{"x":[]}}');
    expect(document?.items.map(item => item.key)).toEqual(['b', '1', 'b', '', '__proto__']);
    expect(document?.items.map(item => item.value)).toEqual([1n, 2n, 3n, null, tree({ x: [] })]);
  });

  it('reads numbers as sops: exact in 64 bits, else floats', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['9223372036854775807', 2n ** 63n - 1n],
      ['-9223372036854775808', -(2n ** 63n)],
      ['9223372036854775808', new Float(2 ** 63)],
      ['1.0', new Float(1)],
      ['1e3', new Float(1000)],
      ['-0', 0n],
      ['-0.0', new Float(-0)],
      ['9007199254740993', 9007199254740993n],
    ];
    for (const [text, value] of cases) expect(parse(`{"a":${text}}`)?.get('a'), text).toEqual(value);
  });

  it('reads escapes, and broken surrogates as U+FFFD', () => {
    expect(parse('{"a":"\\u0041\\/\\"\\\\\\b\\f\\n\\r\\t"}')?.get('a')).toBe('A/"\\\b\f\n\r\t');
    expect(parse('{"a":"\\ud83d\\ude00 \\ud800 \\udc00\\ud800x"}')?.get('a')).toBe('😀 \ufffd \ufffd\ufffdx');
  });

  it('ignores what follows the object', () => {
    for (const rest of [' junk', '{"b":2}', '}', ']', '"'])
      expect(parse(`{"a":1}${rest}`)).toEqual(tree({ a: 1n }));
  });

  it('refuses what Go refuses', () => {
    const wrong = [
      '',
      ' ',
      '[]',
      '"x"',
      '1',
      'null',
      '{',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,}',
      '{,}',
      '{"a" 1}',
      '{a:1}',
      "{'a':1}",
      '{"a":01}',
      '{"a":1.}',
      '{"a":.5}',
      '{"a":+1}',
      '{"a":1e}',
      '{"a":1e400}',
      `{"a":${'9'.repeat(400)}}`,
      '{"a":tru}',
      '{"a":NaN}',
      '{"a":"\n"}',
      '{"a":"\u0000"}',
      '{"a":"\\x"}',
      '{"a":"\\u12g4"}',
      '{"a":[1,]}',
      '{"a":[1 2]}',
      '{"a":[}',
      '\ufeff{}',
      '{"a":1 /* c */}',
      '{"a":"',
    ];
    for (const text of wrong) expect(failure(text), text.slice(0, 40)).toBe('BAD_DOCUMENT');
    expect(failure(Buffer.from('{"a":"\u00ff"}', 'latin1'))).toBe('BAD_DOCUMENT');
  });

  it('says where, and quotes nothing', () => {
    try {
      parse('{\n  "a": "hunter2",\n  "b": hunter3\n}');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_DOCUMENT', line: 3, column: 8 });
      expect(String(error)).not.toContain('hunter');
    }
  });

  it('bounds depth instead of overflowing the stack', () => {
    expect(failure(`{"a":${'['.repeat(1_000_000)}`)).toBe('BAD_DOCUMENT');
    expect(failure('{"a":'.repeat(1_000_000))).toBe('BAD_DOCUMENT');
    expect(failure(`{"a":${'['.repeat(390)}${']'.repeat(390)}}`)).toBeNull();
  });

  it('reads long files in linear time', () =>
    expectLinear(500_000, size => {
      const text = `{"a":"${'x\\n'.repeat(size)}","b":[${'1,'.repeat(size)}1]}`;
      expect(print(parse(text) ?? new TreeMap())).toContain('x\\n');
    }));
});

describe('writing JSON', () => {
  it('escapes as Go does', () => {
    const text = '<a href="&">\u2028\u2029\b\f\n\r\t\u0001\u007f\\/é😀';
    expect(print(tree({ [text]: text }), 0)).toBe(
      `{\n${Array(2).fill('"\\u003ca href=\\"\\u0026\\"\\u003e\\u2028\\u2029\\b\\f\\n\\r\\t\\u0001\u007f\\\\/é😀"').join(': ')}\n}\n`,
    );
  });

  it('writes broken bytes as the escape of U+FFFD, each one', () => {
    expect(print(new TreeMap([{ key: 'a', value: Uint8Array.of(0x61, 0xe2, 0x82, 0xff) }]))).toBe(
      '{\n\t"a": "a\\ufffd\\ufffd\\ufffd"\n}\n',
    );
  });

  it('indents as asked', () => {
    const document = tree({ a: { b: [1n, {}] }, e: [] });
    expect(print(document)).toBe('{\n\t"a": {\n\t\t"b": [\n\t\t\t1,\n\t\t\t{}\n\t\t]\n\t},\n\t"e": []\n}\n');
    expect(print(document, 2)).toContain('\n    "b": [\n      1,');
    expect(print(document, 0)).toBe('{\n"a": {\n"b": [\n1,\n{}\n]\n},\n"e": []\n}\n');
    for (const indent of [-2, 1.5, 1e9]) expect(codeOf(() => print(document, indent))).toBe('BAD_OPTION');
    expect(print(new TreeMap())).toBe('{}\n');
  });

  it('writes floats, times and no comments', () => {
    const document = new TreeMap([
      { key: new Comment('c'), value: null },
      {
        key: 'f',
        value: new TreeList([
          new Float(1),
          new Float(1e21),
          new Float(2.5e-10),
          new Float(-0),
          new Comment('c'),
        ]),
      },
      { key: 't', value: new Time('2024-01-01T00:00:00Z') },
    ]);
    expect(print(document, 0)).toBe(
      '{\n"f": [\n1,\n1e+21,\n2.5e-10,\n-0\n],\n"t": "2024-01-01T00:00:00Z"\n}\n',
    );
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(codeOf(() => print(new TreeMap([{ key: 'f', value: new Float(value) }])))).toBe('BAD_DOCUMENT');
    }
  });

  it('reads back what it writes', () => {
    const leaf = scalars().filter(
      value => !(value instanceof Uint8Array || value instanceof Time || value instanceof Float),
    );
    fc.assert(
      fc.property(documents(leaf), fc.integer({ min: -1, max: 4 }), (document, indent) => {
        expect(parse(print(document, indent))).toEqual(document);
      }),
    );
  });
});

describe('sops files as JSON', () => {
  const metadata = tree({ mac: 'x' });

  it('hold the metadata last', () => {
    const bytes = jsonFormat.formatEncrypted({ documents: [tree({ a: '1' })], metadata });
    expect(Buffer.from(bytes).toString()).toBe('{\n\t"a": "1",\n\t"sops": {\n\t\t"mac": "x"\n\t}\n}\n');
    expect(jsonFormat.parseEncrypted(bytes)).toEqual({ documents: [tree({ a: '1' })], metadata });
  });

  it('write a clear -0 so that it is read back as one', () => {
    const documents = [new TreeMap([{ key: 'f', value: new Float(-0) }])];
    expect(jsonFormat.parseEncrypted(jsonFormat.formatEncrypted({ documents, metadata })).documents).toEqual(
      documents,
    );
  });

  it('are refused without metadata, or with odd metadata', () => {
    const code = (text: string) => codeOf(() => jsonFormat.parseEncrypted(Buffer.from(text)));
    expect(code('{"a":1}')).toBe('NOT_ENCRYPTED');
    expect(code('{"sops":{}}')).toBe('NOT_ENCRYPTED');
    expect(code('{"sops":1}')).toBe('BAD_METADATA');
    expect(code('{"sops":null}')).toBe('BAD_METADATA');
    expect(code('{"sops":{"a":1},"sops":{"a":1}}')).toBe('BAD_METADATA');
  });

  it('are not written twice over, nor from several documents', () => {
    const write = (...found: TreeMap[]) =>
      codeOf(() => jsonFormat.formatEncrypted({ documents: found, metadata }));
    expect(write(tree({ sops: {} }))).toBe('ALREADY_ENCRYPTED');
    expect(write(tree({ a: { sops: 'x' } }))).toBeNull();
    expect(write(tree({}), tree({}))).toBe('BAD_DOCUMENT');
    expect(write()).toBe('BAD_DOCUMENT');
    expect(jsonFormat.hasReservedKey(tree({ sops: null }))).toBe(true);
    expect(jsonFormat.hasReservedKey(tree({ sops_x: 'x' }))).toBe(false);
  });

  it('give single values without a final line break', () => {
    expect(Buffer.from(jsonFormat.formatValue(new TreeList([1n, true, null]))).toString()).toBe(
      '[\n\t1,\n\ttrue,\n\tnull\n]',
    );
  });
});
