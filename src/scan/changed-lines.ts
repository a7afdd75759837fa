import { Buffer } from 'node:buffer';

/** Lines of a file, from 1, the last one included. */
interface Lines {
  readonly first: number;
  readonly last: number;
}

const LINE_FEED = 0x0a;
/** Versions that differ in more than this are not compared by lines: all of them count. */
const MOST_BYTES = 32 * 1024 * 1024;
const STEP = 64 * 1024;

/**
 * The lines of a file that were not in it before, wherever they stood. Linear in the length of both; of large files
 * only what lies between the same beginning and the same end is compared.
 *
 * @returns `null`: all of them may be new, because the bytes have no lines, or too much differs
 */
export function changedLines(before: Uint8Array, after: Uint8Array): Lines[] | null {
  const [old, now] = [asBuffer(before), asBuffer(after)];
  if (old.includes(0) || now.includes(0)) return null;
  const start = sameBeginning(old, now);
  if (start === old.length && start === now.length) return [];
  const end = sameEnd(old, now, start);
  const [was, is] = [old.subarray(start, old.length - end), now.subarray(start, now.length - end)];
  if (was.length + is.length > MOST_BYTES) return null;
  // behind the line feed before the same end nothing is left, which is no line
  const own = (lines: string[]) => (end > 0 ? lines.slice(0, -1) : lines);
  return newLines(own(linesOf(was)), own(linesOf(is)), countLines(now.subarray(0, start)));
}

/** @param above how many lines stand before the first */
function newLines(was: readonly string[], is: readonly string[], above: number): Lines[] {
  const left = new Map<string, number>();
  for (const line of was) left.set(line, (left.get(line) ?? 0) + 1);
  const ranges: { first: number; last: number }[] = [];
  for (const [index, line] of is.entries()) {
    const count = left.get(line) ?? 0;
    const number = above + index + 1;
    const range = ranges.at(-1);
    if (count > 0) left.set(line, count - 1);
    else if (range?.last === number - 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many bytes of whole lines both begin with; everything, where they are the same. */
function sameBeginning(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length + STEP <= most && sameAt(a, b, length, length)) length += STEP;
  while (length < most && a[length] === b[length]) length += 1;
  if (length === a.length && length === b.length) return length;
  return length === 0 ? 0 : a.lastIndexOf(LINE_FEED, length - 1) + 1;
}

/** How many bytes of whole lines both end with, behind their beginning. */
function sameEnd(a: Buffer, b: Buffer, start: number): number {
  const most = Math.min(a.length, b.length) - start;
  let length = 0;
  while (length + STEP <= most && sameAt(a, b, a.length - length - STEP, b.length - length - STEP))
    length += STEP;
  while (length < most && a[a.length - length - 1] === b[b.length - length - 1]) length += 1;
  // a line is whole where the one before it ends in both
  const next = a.indexOf(LINE_FEED, a.length - length);
  return next < 0 ? 0 : a.length - next - 1;
}

function sameAt(a: Buffer, b: Buffer, from: number, other: number): boolean {
  return a.compare(b, other, other + STEP, from, from + STEP) === 0;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\n');
}
