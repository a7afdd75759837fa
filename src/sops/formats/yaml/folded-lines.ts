/**
 * Joins the lines of a plain or quoted scalar: a single line break between words becomes a space, of several
 * the first is dropped; blanks around a break are dropped, blanks between words stay.
 */
export class FoldedLines {
  #words: string[] = [];
  #blanks = '';
  #firstBreak = '';
  #moreBreaks = '';
  #broken = false;

  /** What was read so far; a gap at the end does not count. */
  get words(): string {
    return this.#words.join('');
  }

  addBlank(blank: string): void {
    if (!this.#broken) this.#blanks += blank;
  }

  /** @param text - `''` for a break that is escaped and so joins without a space */
  addBreak(text: string): void {
    if (this.#broken) {
      this.#moreBreaks += text;
      return;
    }
    this.#broken = true;
    this.#blanks = '';
    this.#firstBreak = text;
  }

  addWords(text: string): void {
    this.closeGap();
    this.#words.push(text);
  }

  /** What stands between the words so far and the next ones. */
  closeGap(): void {
    const gap = this.#broken ? this.#joined() : this.#blanks;
    if (gap !== '') this.#words.push(gap);
    this.#broken = false;
    this.#blanks = '';
    this.#firstBreak = '';
    this.#moreBreaks = '';
  }

  #joined(): string {
    if (this.#firstBreak !== '\n') return this.#firstBreak + this.#moreBreaks;
    return this.#moreBreaks === '' ? ' ' : this.#moreBreaks;
  }
}
