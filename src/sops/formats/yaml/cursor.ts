import { END, isBlank, isBreak, isHighSurrogate } from './chars.ts';

/** A position in the text; all three count characters, not bytes, from 0. */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

export const START: Mark = { index: 0, line: 0, column: 0 };

/** Reads a text character by character and keeps count of lines and columns. */
export class Cursor {
  readonly #text: string;
  #at = 0;
  #index = 0;
  #line = 0;
  #column = 0;
  /** Line breaks since the last character that is neither blank nor break. */
  newlines = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get index(): number {
    return this.#index;
  }

  get line(): number {
    return this.#line;
  }

  get column(): number {
    return this.#column;
  }

  mark(): Mark {
    return { index: this.#index, line: this.#line, column: this.#column };
  }

  /** The code unit `ahead` units from here, `END` behind the text. */
  peek(ahead = 0): number {
    return this.#text.charCodeAt(this.#at + ahead) || END;
  }

  /** True where the text goes on with `word`. */
  sees(word: string): boolean {
    return this.#text.startsWith(word, this.#at);
  }

  /** Steps over one character that is no line break. */
  advance(count = 1): void {
    for (let i = 0; i < count; i++) {
      const c = this.peek();
      if (!isBlank(c)) this.newlines = 0;
      this.#at += isHighSurrogate(c) ? 2 : 1;
      this.#index += 1;
      this.#column += 1;
    }
  }

  /** Steps over one character and returns it. */
  take(): string {
    const from = this.#at;
    this.advance();
    return this.#text.slice(from, this.#at);
  }

  /** Steps over characters as long as they pass, and returns them. */
  takeWhile(passes: (c: number) => boolean): string {
    const from = this.#at;
    while (passes(this.peek())) this.advance();
    return this.#text.slice(from, this.#at);
  }

  /** Steps over a line break, if there is one, and returns what it means: LF, LS or PS. */
  takeBreak(): string {
    const c = this.peek();
    if (!isBreak(c)) return '';
    const width = this.sees('\r\n') ? 2 : 1;
    this.#at += width;
    this.#index += width;
    this.#column = 0;
    this.#line += 1;
    this.newlines += 1;
    return c === 0x2028 || c === 0x2029 ? String.fromCharCode(c) : '\n';
  }

  /** The end of the text counts as the start of a line. */
  closeLine(): void {
    if (this.#column === 0) return;
    this.#column = 0;
    this.#line += 1;
  }

  /** True at `---` or `...` at the start of a line. */
  atDocumentMarker(): boolean {
    if (this.#column !== 0 || !(this.sees('---') || this.sees('...'))) return false;
    const c = this.peek(3);
    return c === END || isBlank(c) || isBreak(c);
  }
}
