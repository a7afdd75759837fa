import type { Chance } from './chance.ts';

/** How easily a credential is told from its surroundings. */
export type Grade = 'core' | 'medium' | 'hard';

/** Families of innocent files. */
export type Family =
  | 'sops'
  | 'armor'
  | 'encrypted'
  | 'public'
  | 'hash'
  | 'lock'
  | 'reference'
  | 'prose'
  | 'id'
  | 'data'
  | 'code'
  | 'placeholder';

/** A file with one credential. */
export interface Positive {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly grade: Grade;
  /** What was planted, never a value: `github-classic in a Dockerfile`. */
  readonly kind: string;
  /** The lines that the credential covers, from 1; `null` where lines mean nothing (binary files). */
  readonly lines: { readonly first: number; readonly last: number } | null;
  /** Texts that no report may hold, nor any eight characters of them in a row. */
  readonly secrets: readonly string[];
}

/** A file without any. */
export interface Negative {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly family: Family;
  readonly kind: string;
}

/** What a text looks like in which a value is planted. */
export interface Page {
  readonly path: string;
  /** Holds the value between the marks of {@link planted}. */
  readonly text: string;
}

/** Characters of Unicode's private area: they survive JSON and every other escaping that a page does. */
const BEGIN = '\ue000';
const END = '\ue001';

/** Marks what is planted, as it stands in the file. */
export function planted(written: string): string {
  return `${BEGIN}${written}${END}`;
}

/** The page as a file. `secrets`: what must not be shown, by default what was planted, line by line. */
export function positive(grade: Grade, kind: string, page: Page, secrets?: readonly string[]): Positive {
  const start = page.text.indexOf(BEGIN);
  const end = page.text.indexOf(END);
  if (start < 0 || end < start) throw new Error(`nothing is planted: ${kind}`);
  const text = unmarked(page.text);
  const first = newlines(page.text.slice(0, start)) + 1;
  const written = page.text.slice(start + BEGIN.length, end);
  return {
    path: page.path,
    bytes: Buffer.from(text),
    grade,
    kind,
    lines: { first, last: first + newlines(written) },
    secrets: secrets ?? secretLines(written),
  };
}

/** The lines of a value that are secret: not what every key of its kind has in common. */
function secretLines(written: string): string[] {
  return written
    .split(/\\n|\n/)
    .map(line => line.trim())
    .filter(line => line.length >= 6 && !/^\W{0,8}-{4,5}\s?(BEGIN|END)|^[A-Z][\w-]*: /.test(line));
}

export function unmarked(text: string): string {
  return text.replaceAll(BEGIN, '').replaceAll(END, '');
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

/** One innocent file. */
export function negative(
  family: Family,
  kind: string,
  path: string,
  contents: string | Uint8Array,
): Negative {
  return { path, bytes: typeof contents === 'string' ? Buffer.from(contents) : contents, family, kind };
}

/** Makes a value of a kind; the prefix that all of the kind share is not secret. */
export type Make = (chance: Chance) => string;
