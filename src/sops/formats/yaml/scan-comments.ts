import { code, END, isBlank, isBreak, isBreakOrEnd, isWideBreak } from './chars.ts';
import { type Mark, START } from './cursor.ts';
import type { ScanState } from './scan-state.ts';

const HASH = code('#');
/** go-yaml looks this far over blanks and line breaks for a comment. */
const LOOKAHEAD = 512;
/** Stands for the inner bytes of a line break of several bytes: neither blank nor break. */
const INSIDE_BREAK = -1;

/** Queues the comment behind a token on the same line, if there is one (`yaml_parser_scan_line_comment`). */
export function scanLineComment(state: ScanState, owner: Mark): void {
  const { cursor } = state;
  if (cursor.newlines > 0) return;
  let blanks = 0;
  while (blanks < LOOKAHEAD && isBlank(cursor.peek(blanks))) blanks += 1;
  if (blanks === LOOKAHEAD || cursor.peek(blanks) !== HASH) return;
  cursor.advance(blanks);
  const start = cursor.mark();
  const text = cursor.takeWhile(c => !isBreakOrEnd(c));
  state.addComment({ kind: 'line', text, scan: 0, owner, start, end: 0 });
}

/**
 * Queues the comment lines that begin at the cursor, and splits them into what belongs to the token before
 * (foot) and what belongs to the one that follows (head): `yaml_parser_scan_comments`.
 *
 * @param scan - where the search for the next token began
 */
export function scanComments(state: ScanState, scan: Mark): void {
  new CommentLines(state, scan).read();
}

/** One run of comment lines. `column` and `line` follow the lookahead; columns count from 1 here. */
class CommentLines {
  readonly #state: ScanState;
  readonly #afterValue: boolean;
  readonly #footLine: number;
  #scan: number;
  #owner: Mark;
  #start: Mark = START;
  #text = '';
  #line: number;
  #column: number;
  #peek = 0;
  #insideBreak = false;
  #recentEmpty = false;
  #firstEmpty: boolean;

  constructor(state: ScanState, scan: Mark) {
    const { cursor } = state;
    const last = state.recent(0);
    const before = last?.type === 'flow-entry' ? (state.recent(1) ?? last) : last;
    this.#state = state;
    this.#scan = scan.index;
    this.#owner = before?.start ?? START;
    this.#afterValue = before?.type === 'value';
    this.#firstEmpty = cursor.newlines <= 1;
    this.#line = cursor.line;
    this.#column = cursor.column;
    this.#footLine = footLine(state, scan);
  }

  read(): void {
    for (; this.#peek < LOOKAHEAD; this.#peek++) {
      this.#column += 1;
      const c = this.#insideBreak ? INSIDE_BREAK : this.#state.cursor.peek(this.#peek);
      if (isBlank(c)) continue;
      const closesFlow = this.#state.flowLevel > 0 && (c === code(']') || c === code('}'));
      if (closesFlow || isBreakOrEnd(c)) {
        this.#endLine(c, closesFlow);
        if (!isBreak(c)) break;
        continue;
      }
      const dedented = this.#column - 1 < this.#nextIndent && this.#column !== this.#start.column;
      if (this.#text !== '' && dedented) this.#pushFoot();
      if (c !== HASH) break;
      this.#takeLine();
    }
    if (this.#text === '') return;
    this.#push('head', this.#start, this.#state.cursor.index + this.#peek - 1);
  }

  get #nextIndent(): number {
    return Math.max(0, this.#state.indent);
  }

  /** An empty line, the end of a flow collection, or the end of the text. */
  #endLine(c: number, closesFlow: boolean): void {
    if (closesFlow || !this.#recentEmpty) this.#settle(c, closesFlow);
    if (!isBreak(c)) return;
    this.#firstEmpty = false;
    this.#recentEmpty = true;
    this.#column = 0;
    this.#line += 1;
    this.#insideBreak = isWideBreak(c);
  }

  #settle(c: number, closesFlow: boolean): void {
    const dedented = this.#start.column - 1 < this.#nextIndent;
    const touching = this.#start.line === this.#footLine && !this.#afterValue;
    if (closesFlow || (this.#firstEmpty && (touching || dedented))) {
      if (this.#text === '') return;
      // What is dedented has nothing to do with the token before.
      if (dedented) this.#owner = this.#start;
      this.#pushFoot();
    } else if (this.#text !== '' && c !== END) {
      this.#text += '\n';
    }
  }

  #takeLine(): void {
    const { cursor } = this.#state;
    if (this.#text === '') this.#start = this.#here();
    else this.#text += '\n';
    this.#recentEmpty = false;
    const begin = cursor.index + this.#peek;
    while (cursor.index < begin) {
      if (isBreak(cursor.peek())) cursor.takeBreak();
      else cursor.advance();
    }
    this.#text += cursor.takeWhile(c => !isBreakOrEnd(c));
    // The lookahead goes on behind the first byte of the line break.
    this.#peek = 0;
    this.#insideBreak = isWideBreak(cursor.peek());
    this.#column = 0;
    this.#line = cursor.line;
  }

  #here(): Mark {
    return { index: this.#state.cursor.index + this.#peek, line: this.#line, column: this.#column };
  }

  #pushFoot(): void {
    const end = this.#here();
    this.#push('foot', this.#owner, end.index);
    this.#scan = end.index;
    this.#owner = end;
    this.#text = '';
  }

  #push(kind: 'head' | 'foot', owner: Mark, end: number): void {
    this.#state.addComment({ kind, text: this.#text, scan: this.#scan, owner, start: this.#start, end });
  }
}

/** The line in which a comment must start to still belong to what stands above it. */
function footLine({ cursor }: ScanState, scan: Mark): number {
  if (scan.line === 0) return -1;
  const line = cursor.line - cursor.newlines + 1;
  return cursor.newlines === 0 && cursor.column > 1 ? line + 1 : line;
}
