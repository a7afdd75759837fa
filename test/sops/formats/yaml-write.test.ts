import { describe, expect, it } from 'vitest';
import { SecretsError } from '../../../src/errors.ts';
import { yamlFormat } from '../../../src/sops/formats/yaml.ts';
import { Float, Time, TreeList, TreeMap, type Value } from '../../../src/sops/tree.ts';
import { type Literal, tree } from '../../helpers/sops-trees.ts';
import { readYamlText, yamlTextOf } from '../../helpers/yaml-text.ts';

/** A text, and how sops 3.13.3 prints it behind `a: `. */
const STRINGS: readonly (readonly [string, string])[] = [
  ['', '""'],
  ['x', 'x'],
  ['two words', 'two words'],
  ['é', 'é'],
  ['語', '語'],
  ['\xa0x', '\xa0x'],
  ['a,b[]', 'a,b[]'],
  ['a#b', 'a#b'],
  ['?x', '?x'],
  [':x', ':x'],
  ['-x', '-x'],
  ['x]', 'x]'],
  ['a"b', 'a"b'],
  ["it's", "it's"],
  ['=x', '=x'],
  ['~x', '~x'],
  ['0x', '0x'],
  ['NaN', 'NaN'],
  ['1:99', '1:99'],
  ['2024-13-01', '2024-13-01'],
  ['/path', '/path'],
  ['a: b', "'a: b'"],
  ['a:', "'a:'"],
  ['a #b', "'a #b'"],
  ['#x', "'#x'"],
  [' x', "' x'"],
  ['x ', "'x '"],
  ['- x', "'- x'"],
  ['-', "'-'"],
  ['?', "'?'"],
  [':', "':'"],
  ['---', "'---'"],
  ['---x', "'---x'"],
  ['...', "'...'"],
  ['--', '--'],
  ['[x', "'[x'"],
  ['{x', "'{x'"],
  ['&x', "'&x'"],
  ['*x', "'*x'"],
  ['!x', "'!x'"],
  ['|', "'|'"],
  ['>', "'>'"],
  ["'x", "'''x'"],
  ['"x', "'\"x'"],
  ['%x', "'%x'"],
  ['@x', "'@x'"],
  ['`x', "'`x'"],
  [',x', "',x'"],
  [']', "']'"],
  ['}', "'}'"],
  ['true', '"true"'],
  ['null', '"null"'],
  ['~', '"~"'],
  ['NULL', '"NULL"'],
  ['123', '"123"'],
  ['1.5', '"1.5"'],
  ['.5', '".5"'],
  ['1_000', '"1_000"'],
  ['0o7', '"0o7"'],
  ['0x1F', '"0x1F"'],
  ['2024-01-01', '"2024-01-01"'],
  ['.inf', '".inf"'],
  ['y', '"y"'],
  ['Y', '"Y"'],
  ['yes', '"yes"'],
  ['On', '"On"'],
  ['OFF', '"OFF"'],
  ['n', '"n"'],
  ['12:30:45', '"12:30:45"'],
  ['yEs', 'yEs'],
  ['a\tb', '"a\\tb"'],
  ['\tx', '"\\tx"'],
  ['\x00', '"\\0"'],
  ['\x07\x1b', '"\\a\\e"'],
  ['\x7f', '"\\x7F"'],
  ['\x80', '"\\x80"'],
  ['\ufeffx', '"\\uFEFF\\x78"'],
  ['x\ufeff', '"x\\uFEFF"'],
  ['é\ufeff"', '"é\\uFEFF\\""'],
  ['😀', '"\\U0001F600"'],
  ['\ufffe', '"\\uFFFE"'],
  ['a\r\nb', '"a\\r\\nb"'],
  ['a\rb', '"a\\rb"'],
  ['two\nlines', '|-\n    two\n    lines'],
  ['two\nlines\n', '|\n    two\n    lines'],
  ['x\n\n', '|+\n    x\n'],
  ['\n', '|4+\n'],
  ['\n\n', '|4+\n\n'],
  [' x\ny', '|4-\n     x\n    y'],
  ['\nx', '|4-\n\n    x'],
  ['x \ny', '"x \\ny"'],
  ['x\n y', '|-\n    x\n     y'],
  ['x\ny ', '"x\\ny "'],
  ['a\tb\nc', '|-\n    a\tb\n    c'],
  ['x\n\ty', '|-\n    x\n    \ty'],
  ['# x\ny', '|-\n    # x\n    y'],
  ['a: b\nc', '|-\n    a: b\n    c'],
  ['---\nx', '|-\n    ---\n    x'],
  ['...\nx\n', '|\n    ...\n    x'],
  ['x\u2028y', "'x\u2028    y'"],
  ['x\u2029', "'x\u2029'"],
  ['\u2028', "'\u2028'"],
  ['x\x85y', '"x\\Ny"'],
  ['x\ny\u2028z', '|-\n    x\n    y\u2028    z'],
  ['é😀\ny', '"é\\U0001F600\\ny"'],
  ['<', '<'],
  ['<<x', '<<x'],
  ['=', '='],
  ['"q"\n', '|\n    "q"'],
  ['\\', '\\'],
  ['\\n', '\\n'],
  ['a\\\nb', '|-\n    a\\\n    b'],
  ['x: \ny', '"x: \\ny"'],
  ['ENC[AES256_GCM,data:x]', 'ENC[AES256_GCM,data:x]'],
  ['a & b', 'a & b'],
  ['50%', '50%'],
  ['user@host', 'user@host'],
  [
    '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
    '|\n    -----BEGIN KEY-----\n    abc\n    -----END KEY-----',
  ],
];

const OTHERS: readonly (readonly [Value | null, string])[] = [
  [null, 'null'],
  [true, 'true'],
  [false, 'false'],
  [0n, '0'],
  [-(2n ** 63n), '-9223372036854775808'],
  [new Time('2024-01-02T03:04:05.12+05:30'), '2024-01-02T03:04:05.12+05:30'],
  [new Float(1), '1'],
  [new Float(-0), '-0'],
  [new Float(123456), '123456'],
  [new Float(999999.5), '999999.5'],
  [new Float(1e6), '1e+06'],
  [new Float(1234567.5), '1.2345675e+06'],
  [new Float(0.0001), '0.0001'],
  [new Float(0.00001), '1e-05'],
  [new Float(1e21), '1e+21'],
  [new Float(5e-324), '5e-324'],
  [new Float(Number.POSITIVE_INFINITY), '.inf'],
  [new Float(Number.NEGATIVE_INFINITY), '-.inf'],
  [new Float(Number.NaN), '.nan'],
  [Uint8Array.of(0xff), '!!binary /w=='],
  [new Uint8Array(52).fill(0xff), `!!binary |\n    ${'/'.repeat(69)}w\n    ==`],
  [new TreeMap(), '{}'],
  [new TreeList(), '[]'],
];

const TREE = {
  a: { b: [1n, [2n, [3n]], { c: 'x', d: [4n], e: { f: 5n } }, []], g: {} },
  h: [{ i: { j: 6n } }],
};

describe('scalars', () => {
  it.each(STRINGS)('the text %j', (value, printed) => {
    const text = yamlTextOf(new TreeMap([{ key: 'a', value }]));
    expect(text).toBe(`a: ${printed}\n`);
    expect(readYamlText(text).get('a')).toBe(value);
  });

  it.each(OTHERS)('%s is printed as %j', (value, printed) => {
    expect(yamlTextOf(new TreeMap([{ key: 'a', value }]))).toBe(`a: ${printed}\n`);
  });

  it('of many bytes are broken into lines of 70 columns', () => {
    for (const size of [51, 52, 53, 105, 106, 300]) {
      const value = new Uint8Array(size).fill(0xfe);
      const text = yamlTextOf(new TreeMap([{ key: 'a', value }]));
      expect(Math.max(...text.split('\n').map(line => line.length)), `${size} bytes`).toBeLessThanOrEqual(80);
      expect(readYamlText(text).get('a')).toEqual(value);
    }
  });

  it('are never wrapped', () => {
    const long = 'word '.repeat(1000).trim();
    expect(yamlTextOf(tree({ a: long, b: `${long}: x` }))).toBe(`a: ${long}\nb: '${long}: x'\n`);
  });
});

describe('keys', () => {
  it.each([
    ['x', 'x: 1\n'],
    ['', '"": 1\n'],
    ['1', '"1": 1\n'],
    ['true', '"true": 1\n'],
    ['y', '"y": 1\n'],
    ['~', '"~": 1\n'],
    ['a b', 'a b: 1\n'],
    ['a: b', "'a: b': 1\n"],
    ['a:', "'a:': 1\n"],
    ['#x', "'#x': 1\n"],
    ['😀', '"\\U0001F600": 1\n'],
    ['two\nlines', '? |-\n    two\n    lines\n: 1\n'],
    ['k'.repeat(128), `${'k'.repeat(128)}: 1\n`],
    ['k'.repeat(129), `? ${'k'.repeat(129)}\n: 1\n`],
    ['é'.repeat(64), `${'é'.repeat(64)}: 1\n`],
    ['é'.repeat(65), `? ${'é'.repeat(65)}\n: 1\n`],
    ['__proto__', '__proto__: 1\n'],
  ])('%j', (key, printed) => {
    const text = yamlTextOf(new TreeMap([{ key, value: 1n }]));
    expect(text).toBe(printed);
    expect(readYamlText(text).items).toEqual([{ key, value: 1n }]);
  });
});

describe('layout', () => {
  it.each([
    [
      2,
      'a:\n  b:\n    - 1\n    - - 2\n      - - 3\n    - c: x\n      d:\n        - 4\n      e:\n        f: 5\n    - []\n  g: {}\nh:\n  - i:\n      j: 6\n',
    ],
    [
      3,
      'a:\n   b:\n      - 1\n      - - 2\n        - - 3\n      - c: x\n        d:\n         - 4\n        e:\n         f: 5\n      - []\n   g: {}\nh:\n   - i:\n      j: 6\n',
    ],
    [
      4,
      'a:\n    b:\n        - 1\n        - - 2\n          - - 3\n        - c: x\n          d:\n            - 4\n          e:\n            f: 5\n        - []\n    g: {}\nh:\n    - i:\n        j: 6\n',
    ],
  ])('with %i spaces', (indent, printed) => {
    expect(yamlTextOf(tree(TREE), indent)).toBe(printed);
  });

  it('has a default, and takes what go-yaml cannot do as it does', () => {
    const text = (indent?: number) => yamlTextOf(tree({ a: { b: 1n } }), indent);
    expect(text()).toBe('a:\n    b: 1\n');
    expect([0, 1, 9, 10, 1000].map(indent => text(indent).indexOf('b') - 3)).toEqual([4, 2, 9, 2, 2]);
    for (const indent of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => text(indent), String(indent)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('puts a separator between documents only', () => {
    expect(yamlTextOf([tree({ a: 1n })])).toBe('a: 1\n');
    expect(yamlTextOf([tree({ a: 1n }), new TreeMap(), tree({ b: 'x\n\n' })])).toBe(
      'a: 1\n---\n{}\n---\nb: |+\n    x\n\n',
    );
  });

  it('of one value ignores the indent', () => {
    const value = (literal: Literal) => yamlFormat.formatValue(tree({ a: literal }).items[0]?.value ?? null);
    const printed = (literal: Literal) => Buffer.from(value(literal)).toString();
    expect(printed([{ b: { c: 1n } }, 'x'])).toBe('- b:\n    c: 1\n- x\n');
    expect(printed(null)).toBe('null\n');
    expect(printed(1.5)).toBe('1.5\n');
    expect(printed([])).toBe('[]\n');
  });

  it('puts the metadata behind every document', () => {
    const metadata = tree({ mac: 'x' });
    const text = Buffer.from(
      yamlFormat.formatEncrypted({ documents: [tree({ a: 1n }), tree({ b: 2n })], metadata }, { indent: 2 }),
    ).toString();
    expect(text).toBe('a: 1\nsops:\n  mac: x\n---\nb: 2\nsops:\n  mac: x\n');
    const read = yamlFormat.parseEncrypted(Buffer.from(text));
    expect(read).toEqual({ documents: [tree({ a: 1n }), tree({ b: 2n })], metadata });
    expect(() => yamlFormat.formatEncrypted({ documents: [tree({ sops: 1n })], metadata })).toThrow(
      SecretsError,
    );
  });
});
