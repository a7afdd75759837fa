// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nix interpolates with the same signs
import { describe, expect, it } from 'vitest';
import { type NixExpr, printAttrName, printAttrPath, printExpr, printString } from '../../src/nix/print.ts';

const text = (value: string): NixExpr => ({ kind: 'string', text: value });

describe('strings', () => {
  it.each([
    ['', '""'],
    ['plain', '"plain"'],
    ['a "b" \\c', '"a \\"b\\" \\\\c"'],
    ['${x}', '"\\${x}"'],
    ['$${x}', '"$\\${x}"'],
    ['$x $', '"$x $"'],
    ["''", `"''"`],
    ['a\nb\r\n\tc', '"a\\nb\\r\\n\\tc"'],
    ['zażółć 🦉', '"zażółć 🦉"'],
  ])('%j', (value, printed) => {
    expect(printString(value)).toBe(printed);
  });

  it.each(['a\0b', '\ud800', 'a\udc00b', '\ud83d'])('refuses %j, which no Nix string can hold', value => {
    expect(() => printString(value)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('keeps what it refuses out of the message', () => {
    expect(() => printString('hunter2\0')).not.toThrow(/hunter2/);
  });
});

describe('attribute names', () => {
  it.each(['kotori', '_x', "a'b", 'a-b', 'true', 'null', 'import', '__curPos', '__proto__'])(
    '%s stands bare',
    name => {
      expect(printAttrName(name)).toBe(name);
    },
  );

  it.each([
    '',
    'a/b',
    'a.b',
    '1a',
    'ä',
    'a b',
    '-a',
    'in',
    'or',
    'rec',
    'inherit',
    'let',
    'if',
    'with',
    'a${b}',
    "'a",
  ])('%s is quoted', name => {
    expect(printAttrName(name)).toBe(printString(name));
  });

  it('are joined with dots', () => {
    expect(printAttrPath(['config', 'sops', 'secrets', 'a/b', 'path'])).toBe(
      'config.sops.secrets."a/b".path',
    );
  });
});

describe('layout', () => {
  it('is that of nixfmt', () => {
    const expr: NixExpr = {
      kind: 'attrs',
      entries: [
        [['empty'], { kind: 'attrs', entries: [] }],
        [['none'], { kind: 'list', items: [] }],
        [['one'], { kind: 'list', items: [text('a')] }],
        [['two'], { kind: 'list', items: [text('a'), { kind: 'path', text: './b' }] }],
        [
          ['sets'],
          { kind: 'list', items: [{ kind: 'attrs', entries: [[['yes'], { kind: 'bool', value: true }]] }] },
        ],
        [
          ['file'],
          {
            kind: 'call',
            name: 'builtins.path',
            entries: [[['path'], { kind: 'join', path: './.', text: '/a b' }]],
          },
        ],
      ],
    };
    expect(printExpr(expr)).toBe(`{
  empty = { };
  none = [ ];
  one = [ "a" ];
  two = [
    "a"
    ./b
  ];
  sets = [
    {
      yes = true;
    }
  ];
  file = builtins.path {
    path = ./. + "/a b";
  };
}`);
  });

  it('breaks a list of one where it does not fit into 100 columns', () => {
    const printed = (length: number) =>
      printExpr({ kind: 'attrs', entries: [[['a'], { kind: 'list', items: [text('x'.repeat(length))] }]] });
    const fits = printed(100 - '  a = [ "" ];'.length).split('\n');
    expect(fits).toHaveLength(3);
    expect(fits[1]).toHaveLength(100);
    expect(printed(101 - '  a = [ "" ];'.length).split('\n')).toHaveLength(5);
  });

  it('counts characters, not UTF-16 units', () => {
    const owls = '🦉'.repeat(100 - '  a = [ "" ];'.length);
    const printed = printExpr({ kind: 'attrs', entries: [[['a'], { kind: 'list', items: [text(owls)] }]] });
    expect(printed.split('\n')).toHaveLength(3);
  });

  it('never breaks a string, and moves a joined path to a line of its own', () => {
    const long = 'x'.repeat(90);
    const join: NixExpr = { kind: 'join', path: './.', text: `/${long}` };
    expect(printExpr({ kind: 'attrs', entries: [[['path'], text(long + long)]] }).split('\n')).toHaveLength(
      3,
    );
    expect(printExpr({ kind: 'attrs', entries: [[['somewhere'], join]] })).toBe(
      `{\n  somewhere =\n    ./.\n    + "/${long}";\n}`,
    );
    const shorter: NixExpr = { kind: 'join', path: './.', text: `/${'x'.repeat(82)}` };
    expect(printExpr({ kind: 'attrs', entries: [[['somewhere'], shorter]] })).toBe(
      `{\n  somewhere =\n    ./. + "/${'x'.repeat(82)}";\n}`,
    );
  });
});
