import { Buffer } from 'node:buffer';

/** Lines of a file, from 1, the last one included. */
interface Lines {
  readonly first: number;
  readonly last: number;
}

/**
 * The lines of a file that were not in it before, wherever they stood. Linear in the length of both.
 *
 * @returns `null`: all of them may be new, because the bytes have no lines
 */
export function changedLines(before: Uint8Array, after: Uint8Array): Lines[] | null {
  if (before.includes(0) || after.includes(0)) return null;
  const left = new Map<string, number>();
  for (const line of linesOf(before)) left.set(line, (left.get(line) ?? 0) + 1);
  const ranges: { first: number; last: number }[] = [];
  for (const [index, line] of linesOf(after).entries()) {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    else if (ranges.at(-1)?.last === index)
      ranges[ranges.length - 1] = { first: ranges.at(-1)?.first ?? index, last: index + 1 };
    else ranges.push({ first: index + 1, last: index + 1 });
  }
  return ranges;
}

function linesOf(bytes: Uint8Array): string[] {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\n');
}
