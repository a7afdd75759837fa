import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, it } from 'vitest';
import { literalPart, literalStart, wholeStart } from '../../src/workspace/literal-start.ts';

it.each([
  ['^secrets/megumu/', 'secrets/megumu/'],
  ['^secrets/aya\\+megumu/', 'secrets/aya+megumu/'],
  ['^a\\.yaml$', 'a.yaml'],
  ['^ab?c', 'a'],
  ['^ab*c', 'a'],
  ['^ab{0}c', 'a'],
  ['^ab+c', 'ab'],
  ['^a(b|c)', 'a'],
  ['^*a', ''],
  ['^a|b', ''],
  ['^a\\\\|b', ''],
  ['^a[|]b', ''],
  ['^\\Qa.b\\E', ''],
  ['(?i)^a', ''],
  ['a', ''],
  ['^\u{1f600}*a', ''],
])('the matches of %s begin with %j', (pattern, start) => expect(literalStart(pattern)).toBe(start));

it.each([
  ['^secrets/megumu/', 'secrets/megumu/'],
  ['^secrets/aya\\+megumu/', 'secrets/aya+megumu/'],
  ['^a+', null],
  ['^a$', null],
  ['^a.b', null],
  ['^', null],
  ['a', null],
])('all that %s asks for is a beginning: %j', (pattern, start) => expect(wholeStart(pattern)).toBe(start));

it.each([
  ['secrets/.*\\.yaml$', 'secrets/', false],
  ['\\.enc\\.yaml', '.enc.yaml', true],
  ['ab?c', 'a', false],
  ['a|b', '', false],
  ['^a', '', false],
  ['(?i)a', '', false],
  ['.*', '', false],
])('all matches of %s have %j in them; is that all: %j', (pattern, text, isAll) =>
  expect(literalPart(pattern)).toEqual({ text, isAll }),
);

it('never loses a match', () => {
  const pieces = [
    'a',
    'b',
    '/',
    '.',
    '\\.',
    '\\\\',
    '|',
    '(',
    ')',
    '[',
    ']',
    '*',
    '?',
    '+',
    '{0}',
    '{1,2}',
    '^',
    '$',
    '\u{1f600}',
  ];
  const pattern = fc
    .tuple(fc.constantFrom('^', ''), fc.array(fc.constantFrom(...pieces), { maxLength: 8 }))
    .map(([start, parts]) => `${start}${parts.join('')}`);
  const path = fc.array(fc.constantFrom('a', 'b', '/', '.', '\\', '|', '\u{1f600}', '{0}'), { maxLength: 6 });
  fc.assert(
    fc.property(pattern, path, (text, parts) => {
      let compiled: RE2JS;
      try {
        compiled = RE2JS.compile(text);
      } catch {
        return;
      }
      const subject = parts.join('');
      const matches = compiled.matcher(subject).find();
      if (matches) expect(subject.startsWith(literalStart(text)), text).toBe(true);
      const part = literalPart(text);
      if (matches) expect(subject.includes(part.text), text).toBe(true);
      if (part.isAll) expect(subject.includes(part.text), text).toBe(matches);
      const whole = wholeStart(text);
      if (whole !== null) expect(subject.startsWith(whole), text).toBe(matches);
    }),
    { numRuns: 20_000 },
  );
});
