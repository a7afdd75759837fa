import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedLines } from '../../src/scan/changed-lines.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** The texts of the lines that are named, sorted. */
function textsOf(after: string, ranges: ReturnType<typeof changedLines>): string[] {
  const lines = after.split('\n');
  return (ranges ?? [{ first: 1, last: lines.length }])
    .flatMap(({ first, last }) => lines.slice(first - 1, last))
    .sort();
}

/** What is left of the lines of one when those of the other are taken away. */
function leftOver(before: string, after: string): string[] {
  const left = before.split('\n');
  return after
    .split('\n')
    .filter(line => {
      const at = left.indexOf(line);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    })
    .sort();
}

describe('the lines that are new', () => {
  it.each([
    ['', '', []],
    ['a\nb\n', 'a\nb\n', []],
    ['a\nb\n', 'a\nX\nb\n', [{ first: 2, last: 2 }]],
    ['a\nb\nc\n', 'a\nc\n', []],
    ['a\n', 'a\nb\nc\n', [{ first: 2, last: 3 }]],
    [
      'a\nb\n',
      'X\na\nb\nY\n',
      [
        { first: 1, last: 1 },
        { first: 4, last: 4 },
      ],
    ],
    ['a\nb\n', 'b\na\n', []],
    ['a', 'ab', [{ first: 1, last: 1 }]],
    ['ab', 'b', [{ first: 1, last: 1 }]],
    ['x\nab\n', 'x\nb\n', [{ first: 2, last: 2 }]],
  ])('of %j and %j', (before, after, ranges) => {
    expect(changedLines(bytes(before), bytes(after))).toEqual(ranges);
  });

  it('are those that the other version does not have, as often', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'ab', '', 'x\ny', '\n'), { maxLength: 12 });
    const joined = fc.tuple(text, fc.constantFrom('\n', '')).map(([parts, glue]) => parts.join(glue));
    fc.assert(
      fc.property(joined, joined, (before, after) => {
        const ranges = changedLines(bytes(before), bytes(after));
        expect(textsOf(after, ranges)).toEqual(leftOver(before, after));
        const ends = (ranges ?? []).flatMap(({ first, last }) => [first, last + 0.5]);
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      }),
      { numRuns: 2000 },
    );
  });

  it('are found between long parts that are the same', () => {
    const long = Array.from({ length: 60_000 }, (_, index) => `line ${index}`);
    const after = [...long.slice(0, 30_000), 'new', ...long.slice(30_000)].join('\n');
    expect(changedLines(bytes(long.join('\n')), bytes(after))).toEqual([{ first: 30_001, last: 30_001 }]);
  });

  it('may be all of them where there are no lines, or too much differs', () => {
    expect(changedLines(bytes('a\0\n'), bytes('a\n'))).toBeNull();
    expect(changedLines(bytes('a\n'), bytes('a\0\n'))).toBeNull();
    const newlines = (first: string) => bytes(`${first}${'\n'.repeat(40_000_000)}${first}`);
    const start = performance.now();
    expect(changedLines(newlines('a'), newlines('b'))).toBeNull();
    expect(changedLines(newlines('a'), newlines('a'))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
