import { isBreak } from './chars.ts';

/** The text so far, and where on its line it stands (`emitterc.go`). */
export class Writer {
  readonly #parts: string[] = [];
  #column = 0;
  /** True where the last character was blank, so that no space is needed. */
  whitespace = true;
  /** True where nothing but indentation stands on the line. */
  #indention = true;
  /** An empty line is due at this indent: a foot comment stands above. -1: nowhere. */
  footIndent = -1;
  /** True right behind a text that would take an empty line for its own. */
  openEnded = false;

  get text(): string {
    return this.#parts.join('');
  }

  get column(): number {
    return this.#column;
  }

  put(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
    this.openEnded = false;
  }

  /** Text that ends the indentation of a line. */
  putContent(text: string): void {
    this.put(text);
    this.#indention = false;
  }

  /** The end of a token that is not whitespace. */
  closeToken(): void {
    this.whitespace = false;
    this.#indention = false;
  }

  breakLine(): void {
    this.#parts.push('\n');
    this.#startLine();
  }

  /** Writes a character that YAML takes for a line break; all but LF stay what they are. */
  putBreak(char: string): void {
    this.#parts.push(char);
    this.#startLine();
  }

  #startLine(): void {
    this.#column = 0;
    this.#indention = true;
  }

  /** Goes to the given column of a line on which nothing stands yet. */
  indentTo(indent: number): void {
    const column = Math.max(0, indent);
    const taken = this.#column > column || (this.#column === column && !this.whitespace);
    if (!this.#indention || taken) this.breakLine();
    if (this.footIndent === column) this.breakLine();
    if (this.#column < column) this.put(' '.repeat(column - this.#column));
    this.whitespace = true;
    this.footIndent = -1;
  }

  /** A space, unless one stands there. */
  space(): void {
    if (!this.whitespace) this.put(' ');
  }

  /** `-`, `?`, `:`, brackets and quotes. */
  indicator(text: string, how: { spaced?: boolean; blank?: boolean; indents?: boolean } = {}): void {
    if (how.spaced === true) this.space();
    this.put(text);
    this.whitespace = how.blank === true;
    this.#indention = this.#indention && how.indents === true;
  }

  /**
   * A comment of one or more lines, each with a `#`, and a line break behind it.
   *
   * @param indent - column of the lines after the first
   */
  comment(text: string, indent: number): void {
    let afterBreak = false;
    for (const piece of text.split(/([\n\r\u0085\u2028\u2029])/)) {
      if (piece === '') continue;
      if (isBreak(piece.charCodeAt(0))) {
        this.putBreak(piece);
        afterBreak = true;
        continue;
      }
      if (afterBreak) this.indentTo(indent);
      this.putContent(piece.startsWith('#') ? piece : `# ${piece}`);
      afterBreak = false;
    }
    if (!afterBreak) this.breakLine();
    this.whitespace = true;
  }
}
