import { describe, expect, it } from 'vitest';
import { yamlFormat } from '../../../src/sops/formats/yaml.ts';
import { TreeMap } from '../../../src/sops/tree.ts';
import { outline, readYamlText, valueOfA, yamlFailure } from '../../helpers/yaml-text.ts';

describe('keys', () => {
  it.each([
    ['plain: 1', 'plain'],
    ['"1": 1', '1'],
    ["'true': 1", 'true'],
    ['!!str 1: 1', '1'],
    ['yes: 1', 'yes'],
    ['? long\n: 1', 'long'],
    ['? |\n  two\n  lines\n: 1', 'two\nlines\n'],
    ['a b: 1', 'a b'],
    ['__proto__: 1', '__proto__'],
    ['constructor: 1', 'constructor'],
    ['"": 1', ''],
    ['<: 1', '<'],
    ['x:y: 1', 'x:y'],
    ['😀: 1', '😀'],
    ['&anchor k: 1', 'k'],
    [`${'k'.repeat(1000)}: 1`, 'k'.repeat(1000)],
  ])('%j', (text, key) => {
    const document = readYamlText(`${text}\n`);
    expect(document.items).toEqual([{ key, value: 1n }]);
  });

  it('are strings only', () => {
    for (const key of ['1', 'true', '1.5', '~', 'null', '2024-01-01', '[x]', '{x: 1}', '[[], []]', '.inf'])
      expect(yamlFailure(`${key}: 1\n`), key).toBe('BAD_DOCUMENT 1:1');
    for (const text of [
      '? [x]\n: 1\n',
      '? - x\n: 1\n',
      '? {x: 1}\n: 1\n',
      ': 1\n',
      '?\n: 1\n',
      '!!binary /w==: 1\n',
      '!!int "7": 1\n',
    ])
      expect(yamlFailure(text), text).toMatch(/^BAD_DOCUMENT 1:/);
  });

  it('stand once in every map of the first document, and may repeat in later ones', () => {
    expect(yamlFailure('a: 1\nb: 2\na: 3\n')).toBe('BAD_DOCUMENT 3:1');
    expect(yamlFailure('x:\n  - {k: 1, "k": 2}\n')).toBe('BAD_DOCUMENT 2:12');
    expect(yamlFailure('__proto__: 1\n__proto__: 2\n')).toBe('BAD_DOCUMENT 2:1');
    const [, later] = yamlFormat.parsePlain(Buffer.from('a: 1\n---\nb: 1\nb: 2\n'));
    expect(later?.items.map(({ value }) => value)).toEqual([1n, 2n]);
  });
});

describe('anchors and merge keys', () => {
  it.each([
    ['a: &x v\nb: *x\n', '{a: v, b: v}'],
    ['a: &x 1\nb: [*x, *x]\n', '{a: 1, b: [1, 1]}'],
    ['a: &x {k: v}\nb: *x\n', '{a: {k: v}, b: {k: v}}'],
    ['a: &x\nb: *x\n', '{a: null, b: null}'],
    ['a: &x 1\nb: &x 2\nc: *x\n', '{a: 1, b: 2, c: 2}'],
    ['&k key: 1\nb: *k\n', '{key: 1, b: key}'],
    ['a: &x key\n*x : 1\n', '{a: key, key: 1}'],
    ['a: &x {k: v}\nb:\n  <<: *x\n  l: w\n', '{a: {k: v}, b: {<<: {k: v}, l: w}}'],
    ['a: &x {k: v}\nb:\n  <<: [*x, *x]\n', '{a: {k: v}, b: {<<: [{k: v}, {k: v}]}}'],
    ['a: &x 1\n---\nb: *x\n', '{a: 1} {b: 1}'],
  ])('%j', (text, expected) => {
    const documents = yamlFormat.parsePlain(Buffer.from(text));
    expect(documents.map(outline).join(' ')).toBe(expected);
  });

  it('refuses what cannot be expanded', () => {
    expect(yamlFailure('a: *x\n')).toBe('BAD_DOCUMENT 1:4');
    expect(yamlFailure('a: &x [*x]\n')).toBe('BAD_DOCUMENT 1:8');
    expect(yamlFailure('a: &x {k: *x}\n')).toBe('BAD_DOCUMENT 1:11');
    expect(yamlFailure('a:\n  <<: v\n')).toBe('BAD_DOCUMENT 2:7');
  });
});

describe('documents', () => {
  it.each([
    ['{}', ['{}']],
    ['---\n', ['{}']],
    ['~\n', ['{}']],
    ['--- \na: 1\n...\n', ['{a: 1}']],
    ['%YAML 1.1\n---\na: 1\n', ['{a: 1}']],
    ['%TAG !x! tag:yaml.org,2002:\n---\na: !x!str 1\n', ['{a: 1}']],
    ['a: 1\n---\nb: 2\n---\nc: 3\n', ['{a: 1}', '{b: 2}', '{c: 3}']],
    ['a: 1\n---\n---\nb: 2\n', ['{a: 1}', '{}', '{b: 2}']],
    ['a: 1\n...\n---\nb: 2\n', ['{a: 1}', '{b: 2}']],
    ['--- {a: 1}\n--- {b: 2}\n', ['{a: 1}', '{b: 2}']],
  ])('%j', (text, expected) => {
    expect(yamlFormat.parsePlain(Buffer.from(text)).map(outline)).toEqual(expected);
  });

  it('are maps, and there is at least one', () => {
    for (const text of [
      '',
      ' ',
      '\n',
      '# only\n',
      '- a\n',
      'text\n',
      '1\n',
      '"x"\n',
      '[a]\n',
      'a: 1\n---\n- b\n',
      'a: 1\n---\nb\n',
    ])
      expect(yamlFailure(text), JSON.stringify(text)).toMatch(/^BAD_DOCUMENT/);
  });
});

describe('characters', () => {
  it.each([
    ['a: 1\r\nb: |\r\n  x\r\n  y\r\n', '{a: 1, b: x\ny\n}'],
    ['a: 1\rb: 2\r', '{a: 1, b: 2}'],
    ['\ufeffa: 1\n', '{a: 1}'],
    ['a: b\tc\n', '{a: b\tc}'],
    ['a:\tb\t\n', '{a: b}'],
    ['a: "x\u2028y"\n', '{a: x\u2028y}'],
    ['a: 1\u0085b: 2\u2028c: 3\u2029d: 4\n', '{a: 1, b: 2, c: 3, d: 4}'],
    ['a: |\n  x\u2028  y\u0085  z\n', '{a: x\u2028y\nz\n}'],
    ['a: 😀é語\u00a0\u200b\n', '{a: 😀é語\u00a0\u200b}'],
    ['a: x\ufeffy\n', '{a: x\ufeffy}'],
  ])('%j', (text, expected) => {
    expect(outline(readYamlText(text))).toBe(expected);
  });

  it('reads UTF-16 with a byte order mark', () => {
    const little = Buffer.from('\ufeffa: é😀\n', 'utf16le');
    expect(valueOfA(little)).toBe('é😀');
    expect(valueOfA(Buffer.from(little).swap16())).toBe('é😀');
  });

  it('refuses control characters and invalid UTF-8, with the place', () => {
    for (const char of ['\0', '\x01', '\x1b', '\x7f', '\x80', '\ufffe'])
      expect(yamlFailure(`b: 1\na: x${char}\n`), JSON.stringify(char)).toBe('BAD_DOCUMENT 2:5');
    expect(yamlFailure(Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]))).toBe('BAD_DOCUMENT 1:4');
    expect(yamlFailure(Buffer.from('\ufeff\ufeffa: 1'))).toBe('BAD_DOCUMENT -:-');
  });

  it('refuses tabs that would indent', () => {
    for (const text of ['a:\n\tb: 1\n', 'a:\n  b: 1\n\tc: 2\n', '\ta: 1\n', 'a: x\n\ty\n', 'a: |\n\tx\n'])
      expect(yamlFailure(text), JSON.stringify(text)).toMatch(/^BAD_DOCUMENT/);
  });
});

describe('syntax errors', () => {
  it.each([
    ['a: [1, 2\n', '2:1'],
    ['a: {x: 1\nb: 2\n', '2:2'],
    ['a: "open\n', '1:4'],
    ["a: 'open\n---\n", '1:4'],
    ['a: - b\n', '1:4'],
    ['a: b: c\n', '1:5'],
    ['a: 1\n b: 2\n', '2:3'],
    ['a:\n  - x\n  y\n', '3:3'],
    ['a: 1\nb\nc: 2\n', '2:1'],
    ['a: "\\q"\n', '1:4'],
    ['a: "\\xZZ"\n', '1:4'],
    ['a: "\\uD800"\n', '1:4'],
    ['a: @x\n', '1:4'],
    ['a: `x`\n', '1:4'],
    ['a: %x\n', '1:4'],
    ['a: |x\n  y\n', '1:4'],
    ['a: |0\n  y\n', '1:4'],
    ['a: ]\n', '1:4'],
    ['a: & x\n', '1:4'],
    ['a: !<x 1\n', '1:4'],
    ['a: !x!y 1\n', '1:4'],
    ['%YAML 1.2\n---\na: 1\n', '1:1'],
    ['%FOO\n---\na: 1\n', '1:1'],
    ['a: 1\n%YAML 1.1\n', '3:1'],
    ['a: "x" y\n', '1:8'],
    ['a: [x]]\n', '1:7'],
    [`${'k'.repeat(1025)}: 1\n`, '1:1026'],
  ])('%j fails at %s', (text, place) => {
    expect(yamlFailure(text)).toBe(`BAD_DOCUMENT ${place}`);
  });

  it('never says what stands in the file', () => {
    const secret = 'hunter2';
    for (const text of [
      `a: "${secret}`,
      `a: [${secret}\n`,
      `${secret}\n`,
      `a: !!int ${secret}\n`,
      `*${secret} : 1\n`,
    ])
      expect(() => readYamlText(text), text).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(secret) }),
      );
  });

  it('gives no object a prototype of the file', () => {
    const document = readYamlText('__proto__:\n  toString: x\n');
    expect(document.get('__proto__')).toBeInstanceOf(TreeMap);
    expect(document.get('toString')).toBeUndefined();
  });
});
