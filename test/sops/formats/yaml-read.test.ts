import { describe, expect, it } from 'vitest';
import { Float, Time, TreeList } from '../../../src/sops/tree.ts';
import { tree } from '../../helpers/sops-trees.ts';
import { valueOfA, yamlFailure } from '../../helpers/yaml-text.ts';

const INT_MAX = 2n ** 63n - 1n;

/** What stands behind `a: `, and what stock sops 3.13.3 takes it for. */
const PLAIN: readonly (readonly [string, unknown])[] = [
  ...['true', 'True', 'TRUE'].map(text => [text, true] as const),
  ...['false', 'False', 'FALSE'].map(text => [text, false] as const),
  ...['yes', 'Yes', 'YES', 'no', 'NO', 'on', 'On', 'off', 'OFF', 'y', 'Y', 'n', 'N', 'tRUE'].map(
    text => [text, text] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map(text => [text, null] as const),
  ...['nULL', 'nil', 'none', '~x', '~ ~'].map(text => [text, text] as const),
  ['0', 0n],
  ['-0', 0n],
  ['+5', 5n],
  ['-17', -17n],
  ['017', 15n],
  ['-017', -15n],
  ['0o17', 15n],
  ['0O17', 15n],
  ['0o8', '0o8'],
  ['08', new Float(8)],
  ['0x1F', 31n],
  ['0X1f', 31n],
  ['-0x10', -16n],
  ['0xg', '0xg'],
  ['0x', '0x'],
  ['0b101', 5n],
  ['-0b101', -5n],
  ['0b12', '0b12'],
  ['1_000', 1000n],
  ['_1', '_1'],
  ['0x_1_F', 31n],
  ['9223372036854775807', INT_MAX],
  ['-9223372036854775808', -INT_MAX - 1n],
  ['-9223372036854775809', new Float(-(2 ** 63))],
  ['18446744073709551616', new Float(2 ** 64)],
  ['0x7fffffffffffffff', INT_MAX],
  ['0x1ffffffffffffffff', '0x1ffffffffffffffff'],
  ['1.0', new Float(1)],
  ['1.', new Float(1)],
  ['.5', new Float(0.5)],
  ['-.5', new Float(-0.5)],
  ['1_0.5', new Float(10.5)],
  ['12e03', new Float(12000)],
  ['1e400', '1e400'],
  ['-0.0', new Float(-0)],
  ['.', '.'],
  ['1.2.3', '1.2.3'],
  ['1e', '1e'],
  ['+', '+'],
  ['.inf', new Float(Number.POSITIVE_INFINITY)],
  ['+.INF', new Float(Number.POSITIVE_INFINITY)],
  ...['-.inf', '-.Inf', '-.INF'].map(text => [text, new Float(Number.NEGATIVE_INFINITY)] as const),
  ['.nan', new Float(Number.NaN)],
  ['.Nan', '.Nan'],
  ['NaN', 'NaN'],
  ['inf', 'inf'],
  ['12:30:45', '12:30:45'],
  ['2024-01-02', new Time('2024-01-02T00:00:00Z')],
  ['2024-1-2', new Time('2024-01-02T00:00:00Z')],
  ['2024-01-02T03:04:05Z', new Time('2024-01-02T03:04:05Z')],
  ['2024-01-02t03:04:05.120+05:30', new Time('2024-01-02T03:04:05.12+05:30')],
  ['2024-01-02 03:04:05', new Time('2024-01-02T03:04:05Z')],
  ['2024-01-02T03:04:05', '2024-01-02T03:04:05'],
  ['2024-01-02 03:04', '2024-01-02 03:04'],
  ['2024-02-30', '2024-02-30'],
  ['2024-13-01', '2024-13-01'],
  ['a,b[]', 'a,b[]'],
  ['a#b', 'a#b'],
  ['-x', '-x'],
  ['?x', '?x'],
  [':x', ':x'],
  ['x:y', 'x:y'],
];

/** Styles and tags, with what they stand for. */
const WRITTEN: readonly (readonly [string, unknown])[] = [
  ["'true'", 'true'],
  ['"12"', '12'],
  ["'it''s \\n'", "it's \\n"],
  [
    '"\\x41\\u00e9\\U0001F600\\0\\a\\b\\t\\n\\v\\f\\r\\e\\"\\\\\\N\\_\\L\\P"',
    'Aé😀\0\x07\b\t\n\v\f\r\x1b"\\\x85\xa0\u2028\u2029',
  ],
  ['one\n  two\n\n  three', 'one two\nthree'],
  ["'one\n  two\n\n\n  three '", 'one two\n\nthree '],
  ['"one  \n   two\\n \\\n   three\\\n   \\ four"', 'one two\n three four'],
  ['|\n  x\n   y\n\n  z\n', 'x\n y\n\nz\n'],
  ['|-\n  x\n\n', 'x'],
  ['|\n  x\n\n', 'x\n'],
  ['|+\n  x\n\n', 'x\n\n'],
  ['|2\n    x\n  y\n', '  x\ny\n'],
  ['|2-\n    x\n', '  x'],
  ['|-2\n    x\n', '  x'],
  ['|1\n x\n', 'x\n'],
  ['| # no text\n  x\n', 'x\n'],
  ['|\n\n  x\n', '\nx\n'],
  ['|\n', ''],
  ['|+\n\n\n', '\n\n'],
  ['|\n  # text\n  - k: v\n', '# text\n- k: v\n'],
  ['>\n  one\n  two\n\n  three\n', 'one two\nthree\n'],
  ['>\n  one\n   deeper\n  two\n', 'one\n deeper\ntwo\n'],
  ['>-\n  one\n\n\n  two\n', 'one\n\ntwo'],
  ['>+\n  one\n  two\n\n', 'one two\n\n'],
  ['|\n  a\tb \n  \tc\n', 'a\tb \n\tc\n'],
  ['!!str 123', '123'],
  ['!!str', ''],
  ['!!int "7"', 7n],
  ['!!%69nt "7"', 7n],
  ['!!float 1', new Float(1)],
  ['!!bool "true"', true],
  ['!!null ""', null],
  ['!!null null', null],
  ['!!timestamp "2024-01-02"', new Time('2024-01-02T00:00:00Z')],
  ['! 12', 12n],
  ['!mine 12', '12'],
  ['!<tag:yaml.org,2002:str> 12', '12'],
  ['!<tag:example.org,2000:x> 12', '12'],
  ['!!binary aGk=', 'hi'],
  ['!!binary |\n  aG\n  k=\n', 'hi'],
  ['!!binary /w==', Uint8Array.of(0xff)],
  ['[1, x, "y", []]', new TreeList([1n, 'x', 'y', new TreeList()])],
  ['[a: 1, ? b : 2, c]', new TreeList([tree({ a: 1n }), tree({ b: 2n }), 'c'])],
  ['{x: 1, y, "z":2, ? w : ~,}', tree({ x: 1n, y: null, z: 2n, w: null })],
  ['[\n  x,\ny\n]', new TreeList(['x', 'y'])],
];

describe('scalars', () => {
  it.each(PLAIN)('plain %j is what Go takes it for', (text, value) => {
    expect(valueOfA(`a: ${text}\n`)).toEqual(value);
  });

  it.each(WRITTEN)('%j', (text, value) => {
    expect(valueOfA(`a: ${text}`)).toEqual(value);
  });

  it('refuses integers beyond 64 bits with sign, as stock sops does when it encrypts', () => {
    for (const text of ['9223372036854775808', '18446744073709551615', '0xffffffffffffffff'])
      expect(yamlFailure(`a: ${text}\n`), text).toBe('BAD_DOCUMENT 1:4');
  });

  it('refuses tags that do not fit', () => {
    for (const text of [
      '!!int x',
      '!!bool 1',
      '!!float x',
      '!!null x',
      '!!timestamp x',
      '!!binary *x',
      '!!binary a',
    ])
      expect(yamlFailure(`a: ${text}\n`), text).toMatch(/^BAD_DOCUMENT 1:/);
  });
});
