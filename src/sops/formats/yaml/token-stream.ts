import type { NodeComments } from './nodes.ts';
import { Scanner } from './scanner.ts';
import type { Token } from './tokens.ts';

/**
 * The tokens of a text, and the comments met so far that wait for a node. Looking at a token collects the
 * comments that belong at or before it, so the order of looks is part of the rules (`parserc.go`).
 */
export class TokenStream {
  readonly #scanner: Scanner;
  #head = '';
  #line = '';
  #foot = '';
  #stem = '';

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  peek(): Token {
    this.#scanner.ready();
    const token = this.#scanner.state.first();
    this.#collect(token);
    return token;
  }

  /** Consumes the token that {@link peek} showed. */
  skip(): Token {
    const token = this.#scanner.state.first();
    this.#scanner.state.shift();
    return token;
  }

  #collect(token: Token): void {
    const { state } = this.#scanner;
    for (
      let comment = state.firstComment();
      comment !== undefined && token.start.index >= comment.owner.index;
      comment = state.firstComment()
    ) {
      // The end of a block takes no head comment: it waits for what follows.
      if (comment.kind === 'head' && token.type === 'block-end') return;
      if (comment.kind === 'head') this.#head = joined(this.#head, comment.text);
      else if (comment.kind === 'foot') this.#foot = joined(this.#foot, comment.text);
      else this.#line = joined(this.#line, comment.text);
      state.takeComment();
    }
  }

  /** The comments that wait. Nothing waits afterwards. */
  takeComments(): NodeComments {
    const taken = { head: this.#head, line: this.#line, foot: this.#foot };
    this.#head = '';
    this.#line = '';
    this.#foot = '';
    this.#stem = '';
    return taken;
  }

  /** The part of a head comment before its last empty line, which belongs to the document. */
  takeDocumentHead(): string {
    const text = this.#head;
    for (let i = text.length - 1; i > 0; i--) {
      if (text[i] !== '\n') continue;
      const atEnd = i === text.length - 1;
      if (!atEnd && text[i - 1] !== '\n') continue;
      this.#head = text.slice(i + 1);
      return text.slice(0, atEnd ? i : i - 1);
    }
    return '';
  }

  /** How much head comment stands before the token that {@link peek} showed. */
  get headLength(): number {
    return this.#head.length;
  }

  /**
   * A head comment before `- ` belongs to the collection that begins there, not to its first entry.
   *
   * @param length - of the head comment before the dash
   */
  splitStem(length: number): void {
    if (length === 0) return;
    const { type } = this.peek();
    if (type !== 'block-sequence-start' && type !== 'block-mapping-start') return;
    this.#stem = this.#head.slice(0, length);
    this.#head = this.#head.slice(length + 1);
  }

  takeStem(): string {
    const stem = this.#stem;
    this.#stem = '';
    return stem;
  }
}

function joined(first: string, second: string): string {
  return first === '' ? second : `${first}\n${second}`;
}
