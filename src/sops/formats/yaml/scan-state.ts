import { Cursor, type Mark, START } from './cursor.ts';
import { badDocument } from './failure.ts';
import { type QueuedComment, type Token, type TokenType, token } from './tokens.ts';

/** A place where a key without `?` may have begun. */
interface SimpleKey {
  possible: boolean;
  /** True where only a key can stand: a missing `:` is an error then. */
  required: boolean;
  token: number;
  mark: Mark;
}

/** A key without `?` is one line of at most this many characters. */
const LONGEST_SIMPLE_KEY = 1024;
const COMPACT_AT = 512;

/**
 * What the parts of the scanner share: the cursor, the queue of tokens, the stack of indents, the candidates for
 * simple keys, and the queue of comments. The rules are those of libyaml as go-yaml v3 has them (`scannerc.go`).
 */
export class ScanState {
  readonly cursor: Cursor;
  indent = -1;
  flowLevel = 0;
  simpleKeyAllowed = true;
  readonly #comments: QueuedComment[] = [];
  #commentsTaken = 0;
  readonly #indents: number[] = [];
  #tokens: Token[] = [];
  #head = 0;
  #taken = 0;
  readonly #keys: SimpleKey[] = [{ possible: false, required: false, token: 0, mark: START }];
  /** The number of a token to the flow level of the key that it may begin. */
  readonly #keyOfToken = new Map<number, number>();

  constructor(text: string) {
    this.cursor = new Cursor(text);
  }

  /** The token `back` places before the end of the queue; consumed ones count. */
  recent(back: number): Token | undefined {
    return this.#tokens.at(-1 - back);
  }

  /** The next token to be consumed. Call only where {@link isReady} said yes. */
  first(): Token {
    return this.#tokens[this.#head] ?? token('stream-end', this.cursor.mark(), this.cursor.mark());
  }

  /** Consumes the first token. */
  shift(): void {
    this.#head += 1;
    this.#taken += 1;
    if (this.#head < COMPACT_AT) return;
    this.#tokens = this.#tokens.slice(this.#head);
    this.#head = 0;
  }

  /**
   * True where enough tokens wait. Comments need two tokens of lookahead, and a token that may turn out to
   * begin a key needs to be settled.
   */
  isReady(): boolean {
    if (this.#head >= this.#tokens.length - 2) return false;
    const level = this.#keyOfToken.get(this.#taken);
    const key = level === undefined ? undefined : this.#keys[level];
    return key === undefined || !this.#stillPossible(key);
  }

  addComment(comment: QueuedComment): void {
    this.#comments.push(comment);
  }

  /** The oldest comment that nobody took yet. */
  firstComment(): QueuedComment | undefined {
    return this.#comments[this.#commentsTaken];
  }

  /** The youngest comment, unless it is taken. */
  lastComment(): QueuedComment | undefined {
    return this.#commentsTaken < this.#comments.length ? this.#comments.at(-1) : undefined;
  }

  takeComment(): void {
    this.#commentsTaken += 1;
    if (this.#commentsTaken < this.#comments.length) return;
    this.#comments.length = 0;
    this.#commentsTaken = 0;
  }

  push(type: TokenType, start: Mark, end: Mark, more: Partial<Token> = {}): void {
    this.#tokens.push(token(type, start, end, more));
  }

  /** A token of one or more indicator characters, which are consumed. */
  pushIndicator(type: TokenType, width = 1): void {
    const start = this.cursor.mark();
    this.cursor.advance(width);
    this.push(type, start, this.cursor.mark());
  }

  /** The number of the token that is queued next; consumed ones count. */
  get #nextNumber(): number {
    return this.#taken + this.#tokens.length - this.#head;
  }

  #insert(number: number, inserted: Token): void {
    this.#tokens.splice(this.#head + number - this.#taken, 0, inserted);
  }

  get #key(): SimpleKey {
    return this.#keys.at(-1) ?? { possible: false, required: false, token: 0, mark: START };
  }

  #stillPossible(key: SimpleKey): boolean {
    if (!key.possible) return false;
    const near =
      key.mark.line >= this.cursor.line && key.mark.index + LONGEST_SIMPLE_KEY >= this.cursor.index;
    if (near) return true;
    if (key.required) throw missingColon(key.mark);
    key.possible = false;
    return false;
  }

  /** Notes that a key may begin with the next token. */
  saveSimpleKey(): void {
    if (!this.simpleKeyAllowed) return;
    const required = this.flowLevel === 0 && this.indent === this.cursor.column;
    this.removeSimpleKey();
    const number = this.#nextNumber;
    this.#keys[this.#keys.length - 1] = {
      possible: true,
      required,
      token: number,
      mark: this.cursor.mark(),
    };
    this.#keyOfToken.set(number, this.#keys.length - 1);
  }

  /** What began as a possible key is none. */
  removeSimpleKey(): void {
    const key = this.#key;
    if (!key.possible) return;
    if (key.required) throw missingColon(key.mark);
    key.possible = false;
    this.#keyOfToken.delete(key.token);
  }

  /** Turns the token that began a simple key into one, at its `:`. False where there was no such key. */
  settleSimpleKey(): boolean {
    const key = this.#key;
    if (!this.#stillPossible(key)) return false;
    this.#insert(key.token, token('key', key.mark, key.mark));
    this.openBlock('block-mapping-start', key.mark, key.token);
    key.possible = false;
    this.#keyOfToken.delete(key.token);
    return true;
  }

  enterFlow(): void {
    this.#keys.push({ possible: false, required: false, token: this.#nextNumber, mark: this.cursor.mark() });
    this.flowLevel += 1;
  }

  leaveFlow(): void {
    if (this.flowLevel === 0) return;
    this.flowLevel -= 1;
    const left = this.#keys.pop();
    if (left !== undefined) this.#keyOfToken.delete(left.token);
  }

  /** Opens a block collection where the column lies deeper than the current indent. */
  openBlock(type: TokenType, mark: Mark, number?: number): void {
    if (this.flowLevel > 0 || this.indent >= mark.column) return;
    this.#indents.push(this.indent);
    this.indent = mark.column;
    const opened = token(type, mark, mark);
    if (number === undefined) this.#tokens.push(opened);
    else this.#insert(number, opened);
  }

  /** Closes the block collections that lie deeper than `column`. */
  closeBlocks(column: number, scan: Mark): void {
    if (this.flowLevel > 0) return;
    let mark: Mark = { ...scan, index: scan.index - 1 };
    while (this.indent > column) {
      mark = this.#beforeFootComments(mark);
      this.#tokens.push(token('block-end', mark, mark));
      this.indent = this.#indents.pop() ?? -1;
    }
  }

  /**
   * Comments in the column of the block that ends belong behind it: its end moves before the first of them, so
   * far back as comments follow each other without anything between them.
   */
  #beforeFootComments(mark: Mark): Mark {
    let found = mark;
    let stop = mark.index;
    for (let i = this.#comments.length - 1; i >= this.#commentsTaken; i--) {
      const comment = this.#comments[i];
      if (comment === undefined || comment.end < stop) break;
      if (comment.start.column === this.indent + 1) found = comment.start;
      stop = comment.scan;
    }
    return found;
  }
}

function missingColon(mark: Mark): Error {
  return badDocument("expected ':' after a key", mark);
}
