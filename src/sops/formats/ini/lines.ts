/** Hands out the lines of a text with their line breaks; behind the last one stand empty lines without end. */
export class Lines {
  readonly #text: string;
  #at = 0;
  #number = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** True once a read met the end of the text (as Go's reader says it: not before). */
  ended = false;

  /** The number of the line that was read last, counted from 1. */
  get number(): number {
    return this.#number;
  }

  next(): string {
    const end = this.#text.indexOf('\n', this.#at);
    if (end < 0) this.ended = true;
    const line = this.#text.slice(this.#at, end < 0 ? undefined : end + 1);
    this.#at += line.length;
    if (line !== '') this.#number++;
    return line;
  }
}
