import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFloat64, parseGoBool, parseInt64, positional, upperG } from '../../src/sops/numbers.ts';
import { lastModifiedOf, normalTime, wholeSeconds } from '../../src/sops/rfc3339.ts';
import { bytesOfLoose, looseText, nameOfLoose, scalarOfLoose, textOf } from '../../src/sops/text.ts';
import { codeOf } from '../helpers/sops-trees.ts';

describe('text', () => {
  it('survives the loose form, whatever the bytes are', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x41, 0xff),
          { maxLength: 12 },
        )
        .map(found => Uint8Array.from(found)),
    );
    fc.assert(
      fc.property(bytes, given => {
        expect(Buffer.from(bytesOfLoose(looseText(given)))).toEqual(Buffer.from(given));
        const scalar = textOf(given);
        expect(scalarOfLoose(looseText(given))).toEqual(scalar);
        expect(typeof scalar === 'string').toBe(
          Buffer.from(Buffer.from(given).toString()).equals(Buffer.from(given)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps a BOM, and refuses names that are not UTF-8', () => {
    expect(textOf(Buffer.from('\ufeffx'))).toBe('\ufeffx');
    expect(codeOf(() => nameOfLoose(looseText(Uint8Array.of(0x61, 0xff)), 'a key', 1))).toBe('BAD_DOCUMENT');
    expect(nameOfLoose('😀', 'a key', 1)).toBe('😀');
  });
});

describe('numbers', () => {
  it('print positionally what reads back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), value => {
        const text = positional(value);
        expect(text).not.toMatch(/e/i);
        expect(Object.is(parseFloat64(text), value)).toBe(true);
      }),
    );
  });

  it('print as %G of Go', () => {
    const cases: readonly (readonly [number, string])[] = [
      [1, '1.0'],
      [-0, '-0.0'],
      [0, '0.0'],
      [100000, '100000.0'],
      [1e6, '1E+06'],
      [1234567.5, '1.2345675E+06'],
      [0.0001, '0.0001'],
      [0.00001, '1E-05'],
      [1e21, '1E+21'],
      [1.5e-300, '1.5E-300'],
      [123.25, '123.25'],
      [Number.POSITIVE_INFINITY, '+Inf'],
      [Number.NaN, 'NaN'],
    ];
    for (const [value, text] of cases) expect(upperG(value)).toBe(text);
  });

  it('parse as in Go', () => {
    expect([
      parseInt64('-0'),
      parseInt64('+5'),
      parseInt64('007'),
      parseInt64('9223372036854775807'),
    ]).toEqual([0n, 5n, 7n, 2n ** 63n - 1n]);
    for (const text of ['', '+', '1 ', '0x1', '9223372036854775808', '9'.repeat(100_000), '１'])
      expect(parseInt64(text)).toBeNull();
    for (const text of ['', '.', 'e5', '1e', '0x1p0', '1e400', '-nan', 'infx', `${'1'.repeat(100_000)}x`])
      expect(parseFloat64(text)).toBeNull();
    expect(['True', 't', '1', 'F', 'false'].map(parseGoBool)).toEqual([true, true, true, false, false]);
    expect(['yes', 'tRue', ''].map(parseGoBool)).toEqual([null, null, null]);
  });
});

describe('times', () => {
  it('come out as Go prints them', () => {
    expect(normalTime('2024-01-01T00:00:00.123456789999Z')).toBe('2024-01-01T00:00:00.123456789Z');
    expect(normalTime('2024-01-01T00:00:00.500-00:00')).toBe('2024-01-01T00:00:00.5Z');
    expect(normalTime('0000-02-29T23:59:59-23:59')).toBe('0000-02-29T23:59:59-23:59');
    expect(wholeSeconds('2024-01-01T00:00:00.5+01:00')).toBe('2024-01-01T00:00:00+01:00');
    expect(lastModifiedOf(new Date(0))).toBe('1970-01-01T00:00:00Z');
  });

  it('are refused where they are none', () => {
    const wrong = [
      '',
      '2024-01-01',
      '2024-1-01T00:00:00Z',
      '2024-01-01 00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:60:00Z',
      '2024-01-01T00:00:60Z',
      '1900-02-29T00:00:00Z',
      '2024-04-31T00:00:00Z',
      '2024-00-01T00:00:00Z',
      '2024-01-00T00:00:00Z',
      '2024-01-01T00:00:00',
      '2024-01-01T00:00:00+24:00',
      '2024-01-01T00:00:00.Z',
      '2024-01-01T00:00:00Z\n',
    ];
    for (const text of wrong) expect(normalTime(text), text).toBeNull();
  });
});
