// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nix interpolates with the same signs
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Token, tokenize } from '../../src/nix/tokens.ts';

/** Tokens as text: strings as `<"…">` with `${…}` inside. */
function shown(text: string): string {
  return tokenize(text).map(show).join(' ');
}

function show({ kind, text }: Token): string {
  switch (kind) {
    case 'open':
      return `<${text}`;
    case 'close':
      return `${text}>`;
    case 'text':
      return JSON.stringify(text);
    default:
      return text;
  }
}

describe('Nix text', () => {
  it.each([
    ['{ a.b = 1; }', '{ a . b = 1 ; }'],
    ['a: b', 'a : b'],
    ['{ config, ... }@args: x', '{ config , ... } @ args : x'],
    ['a // b ++ c == d -> !e', 'a // b ++ c == d -> ! e'],
    ["a' a-b _c", "a' a-b _c"],
    ['a # b "c\nd', 'a d'],
    ['a /* " */ b /* c', 'a b'],
    ['a/**/b', 'a b'],
    ['x.y or z', 'x . y or z'],
  ])('%j', (text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });

  it.each([
    ['"a"', '<" "a" ">'],
    ['""', '<" ">'],
    ['"a\\n\\"\\${b}"', '<" "a\\n\\"${b}" ">'],
    ['"a${b}c"', '<" "a" ${ b } "c" ">'],
    ['"${a}${b}"', '<" ${ a } ${ b } ">'],
    ['"$${a}"', '<" "$${a}" ">'],
    ['"$$${a}"', '<" "$$" ${ a } ">'],
    ['"$"', '<" "$" ">'],
    ['"# no /* comment"', '<" "# no /* comment" ">'],
    ['"${ { a = "}"; }.a }"', '<" ${ { a = <" "}" "> ; } . a } ">'],
    ['"${"${"a"}"}"', '<" ${ <" ${ <" "a" "> } "> } ">'],
    ["''a\"b''", `<'' "a\\"b" ''>`],
    ["''a ''' b ''${c} ''\\n ''$ $${d} ${e}''", `<'' "a '' b \${c} \\n $ $\${d} " \${ e } ''>`],
    ["''a'b''", `<'' "a'b" ''>`],
  ])('strings: %s', (text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });

  it.each([
    ['./a/b.nix', '</ "./a/b.nix" />'],
    ['../.', '</ "../." />'],
    ['a/b', '</ "a/b" />'],
    ['/etc/x', '</ "/etc/x" />'],
    ['~/x', '</ "~/x" />'],
    ['[./a ./b]', '[ </ "./a" /> </ "./b" /> ]'],
    ['./a+b/c;', '</ "./a+b/c" /> ;'],
    ['./${a}/b.nix', '</ "./" ${ a } "/b.nix" />'],
    ['./a/${b}.nix', '</ "./a/" ${ b } ".nix" />'],
    ['a / b', 'a / b'],
    ['a // { }', 'a // { }'],
    ['<nixpkgs/lib>', '<< "<nixpkgs/lib>" >>'],
    ['a < b', 'a < b'],
    ['https://x.org/y', '<" "https://x.org/y" ">'],
    ['x:x', '<" "x:x" ">'],
  ])('paths and addresses: %s', (text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });

  it('knows where each token begins', () => {
    const text = '{ a = "x${b}" + ./c; }';
    for (const token of tokenize(text)) {
      if (token.kind === 'close' || (token.kind === 'open' && token.text === '/')) continue;
      expect(text.startsWith(token.text, token.at), `${token.text} at ${token.at}`).toBe(true);
    }
  });
});

describe('broken text', () => {
  it.each([
    '"',
    '"${',
    "''",
    "''${",
    '"${"',
    '${',
    '}',
    '}}}',
    '/*',
    '#',
    './',
    './${',
    '"\\',
    "''\\",
    "'' ''\\",
    '~',
    '<',
    '<a',
    '\ud800',
  ])('%j ends in what could be read', text => {
    expect(Array.isArray(tokenize(text))).toBe(true);
  });

  it('never throws and never loses its place', () => {
    const pieces = [
      '"',
      "''",
      '${',
      '}',
      '{',
      '\\',
      '$',
      '/',
      './',
      '#',
      '/*',
      '*/',
      '\n',
      'a',
      '.',
      ':',
      '<',
      '>',
      '~',
      '=',
      ';',
      '9',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), parts => {
        const text = parts.join('');
        const tokens = tokenize(text);
        let last = 0;
        for (const { at } of tokens) {
          expect(at).toBeGreaterThanOrEqual(last);
          expect(at).toBeLessThanOrEqual(text.length);
          last = at;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['names and dots', 'a.'],
    ['dashes', 'a-1'],
    ['open strings', '"${'],
    ['open indented strings', "''${"],
    ['braces', '{'],
    ['slashes', '/ '],
    ['almost paths', 'a./'],
    ['angle brackets', '<a/'],
    ['addresses', 'a:'],
    ['tildes', '~a'],
    ['dollars', '"$$'],
    ['letters', 'a'],
    ['comment starts', '/*'],
  ])('takes time in proportion to its length: %s', (_, piece) => {
    const text = piece.repeat(Math.ceil(150_000 / piece.length));
    const start = performance.now();
    tokenize(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
