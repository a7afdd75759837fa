import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownCode, markdownTable } from '../../src/cli/render/markdown.ts';

/** What a page shows of it. */
function shown(cell: string): string {
  const span = /^`([^`]*)`$/.exec(cell)?.[1];
  if (span !== undefined) return span;
  const inner = /^<code>([^<`|]*)<\/code>$/.exec(cell)?.[1] ?? '';
  return inner.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

describe('text in a table', () => {
  it.each([
    ['megumu/kotori', '`megumu/kotori`'],
    ['^secrets/aya\\+megumu/', '`^secrets/aya\\+megumu/`'],
    ['<b>&amp;*_x_', '`<b>&amp;*_x_`'],
    ['a|b', '<code>a&#124;b</code>'],
    ['`', '<code>&#96;</code>'],
    ['', '<code>&#32;</code>'],
    [' x', '<code> x</code>'],
    ['@everyone', '`@everyone`'],
    ['a\nb', '`a\\nb`'],
    ['a\u001b[31m\u202eb', '`a\\u001b[31m\\u202eb`'],
  ])('%j', (text, cell) => expect(markdownCode(text)).toBe(cell));

  it('is one cell, whatever it holds, and shows what it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), text => {
        const cell = markdownCode(text);
        expect(cell).not.toMatch(/[|\n\r\u0000-\u001f\u007f-\u009f]/);
        expect(cell).toMatch(/^(`[^`]+`|<code>[^<`]*<\/code>)$/);
        if (/^[\x20-\x7e]+$/.test(text)) expect(shown(cell)).toBe(text);
      }),
    );
  });

  it('is not endless', () => {
    expect(markdownCode('x'.repeat(100_000)).length).toBeLessThan(300);
    expect(markdownCode('😀|'.repeat(50_000)).length).toBeLessThan(3000);
  });

  it('stands in rows', () => {
    expect(markdownTable(['a', 'b'], [['`1`', '']])).toBe('| a | b |\n| --- | --- |\n| `1` |  |\n');
  });
});
