import { describe, expect, it } from 'vitest';
import { processorClock } from '../../../src/cli/processor-clock.ts';
import { Needles } from '../../../src/ops/guard/needles.ts';
import { spellingsOf } from '../../../src/ops/guard/spellings.ts';
import { Dice } from '../../helpers/dice.ts';

const dice = new Dice(5);
const value = (): Buffer => Buffer.from(Buffer.from(dice.bytes(18)).toString('base64url'));
const MEGABYTES = 10;
const MEGABYTE = 1024 * 1024;

function needlesOf(values: readonly Buffer[]): Needles {
  const needles = new Needles();
  for (const [index, bytes] of values.entries()) needles.add(index, spellingsOf(bytes));
  return needles;
}

/** Milliseconds of the processor, of the better of two runs. */
function cost(needles: Needles, text: Uint8Array): number {
  const times = [0, 1].map(() => {
    const start = processorClock();
    needles.find(text);
    return processorClock() - start;
  });
  return Math.min(...times);
}

describe('a search for a thousand values', () => {
  const values = Array.from({ length: 1000 }, () => value());
  const needles = needlesOf(values);

  it('finds each of them wherever it is', () => {
    for (const [index, bytes] of values.entries()) {
      const before = dice.int(20);
      const text = Buffer.concat([Buffer.alloc(before, '.'), bytes, Buffer.alloc(dice.int(20), '.')]);
      expect(needles.find(text)).toEqual([{ value: index, start: before, end: before + bytes.length }]);
    }
  });

  it.each(['a', 'A', '=', '\n', ' ', '\0', '\u00ff', 'AAAA\n', 'ab'])(
    'takes linear time for %j alone',
    piece => {
      const text = Buffer.alloc(MEGABYTES * MEGABYTE, piece);
      expect(cost(needles, text)).toBeLessThan(1500);
    },
  );

  it('takes linear time where all values, and the text, begin alike', () => {
    const alike = needlesOf(values.map(bytes => Buffer.concat([Buffer.from('same'), bytes])));
    expect(cost(alike, Buffer.alloc(MEGABYTES * MEGABYTE, 'same'))).toBeLessThan(3000);
    const longer = needlesOf(values.map(bytes => Buffer.concat([Buffer.from('samesamesame'), bytes])));
    expect(cost(longer, Buffer.alloc(MEGABYTE, 'same'))).toBeLessThan(3000);
  });
});
