import { Gathered, type Piece, type View } from './views.ts';

/** A way of writing characters otherwise, undone. */
interface Spelling {
  /** Global. What it matches is replaced. */
  readonly pattern: RegExp;
  readonly replace: (written: string) => string;
  /** The text is worth a look only with this in it, in lower case. */
  readonly needs?: string;
  /** False: words that were apart may become one by chance, so that only a sure form counts. */
  readonly isText: boolean;
}

const SPELLINGS: readonly Spelling[] = [
  {
    pattern:
      /%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\\/|&#(?:x[0-9A-Fa-f]{1,4}|[0-9]{1,5});/g,
    replace: unescaped,
    isText: true,
  },
  {
    // Strings that a program joins, with a sign between or only blanks, and lines that go on.
    pattern:
      /(["'])[ \t]{0,8}(?:\\?\r?\n[ \t]{0,40})?(?:\+\+?|\.\.?|<>|&|~)?[ \t]{0,8}(?:\\?\r?\n[ \t]{0,40})?\1|\\\r?\n[ \t]{0,40}/g,
    replace: () => '',
    isText: false,
  },
  {
    pattern: /=\r?\n|=[0-9A-F]{2}/g,
    replace: written =>
      written.endsWith('\n') ? '' : String.fromCharCode(Number.parseInt(written.slice(1), 16)),
    needs: 'quoted-printable',
    isText: true,
  },
];

/** A word of more parts is read in stretches: ten megabytes of escapes are millions of parts. */
const MOST_PARTS = 4096;
/** A view of more pieces is handed on before it grows further. */
const MOST_PIECES = 8 * MOST_PARTS;
/** How far a word reaches on either side of what is replaced. */
const REACH = 300;

/** Words that are written with escapes (`%2D`, `\u002d`, `\/`, `&#45;`) or in pieces, spelled out. */
export function* rewrittenViews(text: string, lower: string): Iterable<View> {
  for (const spelling of SPELLINGS) {
    if (spelling.needs === undefined || lower.includes(spelling.needs)) yield* viewsOf(text, spelling);
  }
}

/** Where a word lies, and what in it is replaced. */
interface Word {
  readonly start: number;
  end: number;
  readonly parts: { readonly at: number; readonly length: number }[];
}

function* viewsOf(text: string, { pattern, replace, isText }: Spelling): Iterable<View> {
  let gathered = new Gathered();
  let pieces = 0;
  for (const word of wordsWith(text, pattern)) {
    add(gathered, text, word, replace);
    pieces += 2 * word.parts.length;
    if (pieces < MOST_PIECES) continue;
    yield* gathered.views(isText);
    [gathered, pieces] = [new Gathered(), 0];
  }
  yield* gathered.views(isText);
}

function* wordsWith(text: string, pattern: RegExp): Iterable<Word> {
  let word: Word = { start: 0, end: 0, parts: [] };
  for (const { index, 0: written } of text.matchAll(pattern)) {
    const partEnd = index + written.length;
    const joins = word.parts.length > 0 && index <= word.end && word.parts.length < MOST_PARTS;
    if (!joins) {
      if (word.parts.length > 0) yield word;
      word = { start: wordStart(text, index, word.end), end: partEnd, parts: [] };
    }
    word.parts.push({ at: index, length: written.length });
    // What was seen to be of the word is not looked at again.
    word.end = wordEnd(text, Math.max(word.end, partEnd), partEnd + REACH);
  }
  if (word.parts.length > 0) yield word;
}

function add(gathered: Gathered, text: string, word: Word, replace: (written: string) => string): void {
  const pieces: Piece[] = [];
  const result: string[] = [];
  let length = 0;
  let at = word.start;
  const push = (part: string, from: number) => {
    pieces.push({ offset: length, at: from, step: 1 });
    result.push(part);
    length += part.length;
  };
  for (const part of word.parts) {
    push(text.slice(at, part.at), at);
    const spelled = replace(text.slice(part.at, part.at + part.length));
    if (spelled !== '') push(spelled, part.at);
    at = part.at + part.length;
  }
  push(text.slice(at, word.end), at);
  gathered.add(result.join(''), pieces);
}

function unescaped(written: string): string {
  if (written === '\\/') return '/';
  if (!written.startsWith('&#')) return String.fromCharCode(Number.parseInt(written.slice(-2), 16));
  const digits = written.slice(2, -1);
  return String.fromCharCode(digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number(digits));
}

function wordStart(text: string, at: number, least: number): number {
  let start = at;
  const stop = Math.max(least, at - REACH);
  while (start > stop && !isStop(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function wordEnd(text: string, from: number, most: number): number {
  let end = from;
  const stop = Math.min(text.length, most);
  while (end < stop && !isStop(text.charCodeAt(end))) end += 1;
  return end;
}

function isStop(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x60 || code === 0x3c || code === 0x3e;
}
