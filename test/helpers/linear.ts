import { expect } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';

/** So much is noise on any machine, in milliseconds of the processor. */
const NOISE = 150;

/** Milliseconds of the processor, the least of two runs: what other processes do does not count. */
export async function processorTime(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 2; count += 1) {
    const start = processorClock();
    await work();
    times.push(processorClock() - start);
  }
  return Math.min(...times);
}

/**
 * Expects work to take time in proportion to its size: four times as much may take ten times as long, where time that
 * grows with the square would be sixteen times.
 */
export async function expectLinear(size: number, work: (size: number) => unknown): Promise<void> {
  const small = await processorTime(() => work(size / 4));
  const large = await processorTime(() => work(size));
  expect(large, `${Math.round(small)} ms, then ${Math.round(large)} ms`).toBeLessThan(NOISE + small * 10);
}
