import { describe, expect, it } from 'vitest';
import { SecretsError } from '../../../src/errors.ts';
import { yamlFormat } from '../../../src/sops/formats/yaml.ts';
import { Comment, Float, TreeList, TreeMap, type Value } from '../../../src/sops/tree.ts';
import { readYamlText, valueOfA, yamlFailure, yamlTextOf } from '../../helpers/yaml-text.ts';

const MEGABYTE = 1 << 20;

/** About `size` characters of a repeated text. */
function filled(part: string, size: number): string {
  return part.repeat(Math.ceil(size / part.length));
}

/** Lines that number themselves, about `size` characters in all. */
function numbered(size: number, line: (index: number) => string): string {
  return Array.from({ length: Math.floor(size / line(0).length) }, (_, index) => line(index)).join('');
}

/** Reads a text and, where that goes well, prints it again; any error that is not one of ours fails the test. */
function readAndPrint(text: string): void {
  try {
    yamlFormat.formatPlain(yamlFormat.parsePlain(Buffer.from(text)));
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
  }
}

function fastest(text: string, runs: number): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    readAndPrint(text);
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Four times the text takes about four times as long; where time were quadratic it would be sixteen times. */
function expectLinear(name: string, make: (size: number) => string, size: number): void {
  const tries: string[] = [];
  // What is quadratic takes sixteen times as long at every try; a busy machine does not.
  while (tries.length < 4) {
    const small = fastest(make(size), 3);
    const large = fastest(make(4 * size), 2);
    if (large < 10 * small + 100) return;
    tries.push(`${small.toFixed(1)} ms, then ${large.toFixed(1)} ms`);
  }
  expect.fail(`${name}: ${tries.join('; ')}`);
}

const REPEATED: readonly string[] = [
  '[',
  '{',
  ']',
  '- ',
  '"',
  "'",
  '#',
  '&a ',
  '*a ',
  '? ',
  ': ',
  ', ',
  '! ',
  '!!str ',
  '|',
  '>',
  '\\',
  '%',
  '@',
  '\t',
  ' ',
  '\n',
  '\r',
  '\u2028',
  '~',
  '0',
  '---\n',
  '...\n',
  '- - \n',
  'a: ',
  'a:\n',
  '?\n',
  '#\n',
  '#\n\n',
  ' #\n#\n',
  '[{',
  '[a: ',
  '{? ',
  '%TAG !a! b\n',
  '\ufeff',
];

describe('much of one thing', () => {
  it.each(REPEATED)('%j gets an answer', part => {
    readAndPrint(filled(part, MEGABYTE / 8));
    readAndPrint(`a:\n  - ${filled(part, MEGABYTE / 8)}`);
  });

  it.each(['[', '{', '- ', '"', '#', '&a ', '? '])('a megabyte of %j gets an answer', part => {
    readAndPrint(filled(part, MEGABYTE));
    readAndPrint(`a: ${filled(part, MEGABYTE)}`);
  });
});

/** Texts of about a size, in which something that could be looked at again and again grows with the size. */
const GROWING: readonly (readonly [string, (size: number) => string])[] = [
  ['keys', size => numbered(size, index => `k${index}: v\n`)],
  ['keys and comments', size => numbered(size, index => `# c\nk${index}: v # d\n# e\n\n`)],
  ['comments', size => `${filled('# c\n', size)}a: 1\n`],
  ['comments and empty lines', size => `a: 1\n${filled('# c\n\n', size)}b: 1\n`],
  ['comments far apart', size => `a: 1\n${filled(`${'\n'.repeat(600)}# c\n`, size)}b: 1\n`],
  ['comments in a list', size => `a:\n${filled('- x # c\n# d\n', size)}`],
  ['comments in brackets', size => `a: [\n${filled('x,\n# c\n\n', size)}]\n`],
  ['comments below many levels', size => `${nested(300)}${filled('# c\n\n', size)}z: 1\n`],
  ['elements', size => `a: [${filled('x,', size)}]\n`],
  ['empty lists', size => `a: [${filled('[],', size)}]\n`],
  ['pairs', size => `a: [${filled('x: y,', size)}]\n`],
  ['anchors', size => `a: [${numbered(size, index => `&a${index} 1,`)}]\n`],
  ['aliases', size => `a: &a 1\nb: [${filled('*a,', size)}]\n`],
  ['documents', size => filled('--- {a: 1}\n', size)],
  ['tag handles', size => `${numbered(size, index => `%TAG !a${index}! x\n`)}--- {}\n`],
  ['a tag', size => `a: !${filled('%41', size)} x\n`],
  ['a plain line', size => `a: ${filled('x y ', size)}z\n`],
  ['plain lines', size => `a: ${filled('x\n  ', size)}\n`],
  ['a quoted line', size => `a: "${filled('\\x41 \\n', size)}"\n`],
  ['quoted lines', size => `a: "${filled('x\n ', size)}"\n`],
  ['escaped line ends', size => `a: "${filled('x\\\n ', size)}"\n`],
  ['single quotes', size => `a: '${filled("''", size)}'\n`],
  ['literal lines', size => `a: |\n${filled('  x\n', size)}`],
  ['folded lines', size => `a: >\n${filled('  x\n   y\n\n', size)}`],
  ['empty literal lines', size => `a: |+\n${filled('\n', size)}`],
  ['spaces before line ends', size => `a: "${filled(' \\n', size)}"\n`],
  ['emoji', size => `a: "${filled('😀', size)}"\n`],
  ['byte order marks', size => `a: "${filled('\ufeff', size)}"\n`],
  ['line separators', size => `a: "${filled('\u2028', size)}"\n`],
  ['a decimal number', size => `a: ${filled('9', size)}\n`],
  ['a parted number', size => `a: ${filled('1_', size)}\n`],
  ['a hexadecimal number', size => `a: 0x${filled('f', size)}\n`],
  ['an octal number', size => `a: ${filled('0', size)}8\n`],
  ['a fraction', size => `a: .${filled('1_', size)}x\n`],
  ['an exponent', size => `a: 1e${filled('1', size)}\n`],
  ['a number of base 60', size => `a: 1${filled(':1', size)}x\n`],
  ['a time', size => `a: 2024-01-01 ${filled(' ', size)}1\n`],
  ['fractions of a second', size => `a: 2024-01-01T00:00:00.${filled('1', size)}Z\n`],
  ['base64', size => `a: !!binary ${filled('////', size)}\n`],
  ['broken base64', size => `a: !!binary ${filled('////', size)}*\n`],
  ['a key', size => `? ${filled('k', size)}\n: 1\n`],
  ['invalid bytes behind many lines', size => `${filled('#\n', size)}\x01`],
];

function nested(levels: number): string {
  return Array.from({ length: levels }, (_, index) => `${' '.repeat(index)}k:\n`).join('');
}

describe('time grows with the size for', () => {
  it.each(GROWING)('%s', (name, make) => expectLinear(name, make, 25_000));
});

describe('nesting', () => {
  const DEEP: readonly (readonly [string, (levels: number) => string])[] = [
    ['lists in brackets', levels => `a: ${'['.repeat(levels)}${']'.repeat(levels)}\n`],
    ['maps in braces', levels => `a: ${'{k: '.repeat(levels)}${'}'.repeat(levels)}\n`],
    ['pairs', levels => `a: ${'[k: '.repeat(levels)}${']'.repeat(levels)}\n`],
    ['lists', levels => `a:\n ${'- '.repeat(levels)}x\n`],
    ['maps', levels => `${nested(levels)}${' '.repeat(levels)}v\n`],
  ];

  it.each(DEEP)('of %s is bounded, and far from the end of the call stack', (_, make) => {
    expect(yamlFailure(make(150))).toBe('read');
    for (const levels of [401, 1000, 3000])
      expect(yamlFailure(make(levels)), String(levels)).toMatch(/^BAD_DOCUMENT/);
  });

  it('of what is printed is bounded', () => {
    const deep = (levels: number) => {
      let value: Value = 'x';
      for (let level = 0; level < levels; level++) value = new TreeList([value]);
      return new TreeMap([{ key: 'a', value }]);
    };
    expect(readYamlText(yamlTextOf(deep(150)))).toEqual(deep(150));
    expect(() => yamlTextOf(deep(2000))).toThrow(expect.objectContaining({ code: 'BAD_DOCUMENT' }));
  });

  it('holds what it held', () => {
    let value: Value | Comment | null = valueOfA(`a: ${'['.repeat(150)}x${']'.repeat(150)}\n`);
    let levels = 0;
    for (; value instanceof TreeList; levels++) value = value.elements[0] ?? null;
    expect([levels, value]).toEqual([150, 'x']);
  });
});

describe('aliases', () => {
  it('may repeat what is small, and not blow up', () => {
    const bomb = Array.from({ length: 12 }, (_, index) =>
      index === 0 ? 'a0: &a0 [x]\n' : `a${index}: &a${index} [${`*a${index - 1}, `.repeat(9)}]\n`,
    ).join('');
    expect(yamlFailure(bomb)).toBe('BAD_DOCUMENT -:-');
    const maps = bomb.replaceAll('[x]', '{x: y}').replaceAll(/\*a(\d+), /g, '<<: *a$1\n');
    expect(yamlFailure(maps)).toMatch(/^BAD_DOCUMENT/);
    const wide = `a: &a [${'x, '.repeat(1000)}]\nb: [${'*a, '.repeat(100_000)}]\n`;
    expect(yamlFailure(wide)).toBe('BAD_DOCUMENT -:-');
    expect(yamlFailure(`a: &a [${'x, '.repeat(20)}]\nb: [${'*a, '.repeat(40)}]\n`)).toBe('read');
  });

  it('may make 99 of 100 nodes, as in Go', () => {
    const text = (times: number) => `a: &a [${'x, '.repeat(1000)}]\nb: [${'*a, '.repeat(times)}]\n`;
    expect(yamlFailure(text(98))).toBe('read');
    expect(yamlFailure(text(120))).toBe('BAD_DOCUMENT -:-');
  });

  it('of what holds them end', () => {
    for (const text of ['a: &a [*a]\n', 'a: &a {b: {c: *a}}\n', 'a: &a [&b [*a, *b]]\n', '&a a: &b [*b]\n'])
      expect(yamlFailure(text), text).toMatch(/^BAD_DOCUMENT 1:/);
  });
});

describe('large values', () => {
  it('are read and printed whole', () => {
    for (const value of [
      'x'.repeat(MEGABYTE),
      'line\n'.repeat(100_000),
      '\x01'.repeat(100_000),
      '😀'.repeat(50_000),
    ])
      expect(readYamlText(yamlTextOf(new TreeMap([{ key: 'a', value }]))).get('a') === value).toBe(true);
  });

  it('of very many comments are printed', () => {
    const comments = Array.from({ length: 300_000 }, () => new Comment(' x', true));
    const printed = yamlTextOf(new TreeMap([{ key: 'a', value: new TreeList(comments) }]));
    expect(printed.match(/# x/g)).toHaveLength(300_000);
    expect(readYamlText(`${'#\n'.repeat(300_000)}a: 1\n`).items).toHaveLength(300_001);
  });

  it('of very many digits are floats or text, not endless integers', () => {
    expect(valueOfA(`a: ${'9'.repeat(300)}\n`)).toBeInstanceOf(Float);
    for (const text of ['9'.repeat(400), `0x${'f'.repeat(100_000)}`, `0b${'1'.repeat(100_000)}`])
      expect(valueOfA(`a: ${text}\n`)).toBe(text);
    expect(valueOfA(`a: ${'0'.repeat(100_000)}7\n`)).toBe(7n);
  });
});
