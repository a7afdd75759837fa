import type { TextWindow } from './decode.ts';

/** A place in a file, both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets of a text into lines and columns. Quick for offsets that rise. */
export class Places {
  readonly #text: string;
  readonly #line: number;
  readonly #column: number;
  #starts: number[] | null = null;
  /** The last answer, from which the next one on the same line is counted. */
  #last = { start: -1, offset: 0, column: 1 };

  constructor({ text, line, column }: TextWindow) {
    this.#text = text;
    this.#line = line;
    this.#column = column;
  }

  /** The line of an offset. */
  lineAt(offset: number): number {
    return this.#line + this.#indexAt(offset);
  }

  /** Line and column of an offset; a pair of surrogates is one character. */
  at(offset: number): Place {
    const index = this.#indexAt(offset);
    const start = this.#lineStarts()[index] ?? 0;
    const known = this.#last.start === start && this.#last.offset <= offset;
    let column = known ? this.#last.column : index === 0 ? this.#column : 1;
    for (let i = known ? this.#last.offset : start; i < offset; i += 1) {
      if ((this.#text.charCodeAt(i) & 0xfc00) !== 0xdc00) column += 1;
    }
    this.#last = { start, offset, column };
    return { line: this.#line + index, column };
  }

  #indexAt(offset: number): number {
    const starts = this.#lineStarts();
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  #lineStarts(): readonly number[] {
    if (this.#starts !== null) return this.#starts;
    const starts = [0];
    for (let at = this.#text.indexOf('\n'); at >= 0; at = this.#text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#starts = starts;
    return starts;
  }
}
