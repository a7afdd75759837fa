import type { Run } from './views.ts';

/** What is shorter holds no credential that its own form gives away. */
const LEAST = 24;
/** Lines are wrapped at 64 or 76; what is shorter is a line by itself. */
const LEAST_LINE = 40;

const IS_DIGIT = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
  IS_DIGIT[char.charCodeAt(0)] = 1;
}

/** Every run of base64 of some length; lines of one length that follow each other are one run. */
export function* base64Runs(text: string): Iterable<Run> {
  let at = 0;
  for (;;) {
    // A run that begins here or later and is long enough covers the place where the shortest one would end.
    const probe = at + LEAST - 1;
    if (probe >= text.length) return;
    if (IS_DIGIT[text.charCodeAt(probe)] !== 1) {
      at = probe + 1;
      continue;
    }
    let start = probe;
    while (start > at && IS_DIGIT[text.charCodeAt(start - 1)] === 1) start -= 1;
    const end = digitsEnd(text, probe);
    at = end + 1;
    if (end - start < LEAST) continue;
    const run = withNextLines(text, start, end);
    at = run.end;
    yield run;
  }
}

function withNextLines(text: string, start: number, end: number): Run {
  const pieces = [{ offset: 0, at: start, step: 1 }];
  const parts = [text.slice(start, end)];
  let length = end - start;
  let line = length;
  let last = end;
  for (let next = nextLine(text, last, line); next !== null; next = nextLine(text, last, line)) {
    last = digitsEnd(text, next);
    line = last - next;
    pieces.push({ offset: length, at: next, step: 1 });
    parts.push(text.slice(next, last));
    length += line;
  }
  return { base64: parts.join(''), pieces, start, end: paddingEnd(text, last) };
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && IS_DIGIT[text.charCodeAt(at)] === 1) at += 1;
  return at;
}

function paddingEnd(text: string, from: number): number {
  let at = from;
  while (at < from + 2 && text.charCodeAt(at) === 0x3d) at += 1;
  return at;
}

const LINE_END = /(?:\r?\n|\\r\\n|\\n)[ \t]{0,40}/y;

/** Where the next line begins, if it goes on in base64 and is no longer than this one. */
function nextLine(text: string, end: number, length: number): number | null {
  if (length < LEAST_LINE) return null;
  const code = text.charCodeAt(end);
  if (code !== 0x0a && code !== 0x0d && code !== 0x5c) return null;
  LINE_END.lastIndex = end;
  if (!LINE_END.test(text)) return null;
  const start = LINE_END.lastIndex;
  const next = digitsEnd(text, start);
  if (next === start || next - start > length) return null;
  if (next - start === length) return start;
  // A last line may be short, but it fills up a group of four, and nothing else stands on it.
  const padded = paddingEnd(text, next);
  if ((padded - start) % 4 !== 0) return null;
  return padded === text.length || /[\s"'\\,]/.test(text.charAt(padded)) ? start : null;
}
