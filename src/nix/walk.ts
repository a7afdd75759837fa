import { Frame, type FrameKind, join, type Literal } from './frame.ts';
import { extend, type Scope, TOP } from './scope.ts';
import type { Token } from './tokens.ts';

/** What the walk tells of a Nix file. All of it is code: comments and the text of strings are not. */
export interface Visitor {
  /** `a.b = …`; the scope ends in the names. `plainSet`: the value begins with a brace. */
  binding(scope: Scope, at: number, plainSet: boolean): void;
  /** `inherit name;` in a set; the scope ends in the name. */
  inherited(scope: Scope, at: number): void;
  /** `a.b.c` as an expression; `null` for what is computed. */
  selection(names: readonly (string | null)[], scope: Scope, at: number): void;
  /** A string or path as an expression. */
  literal(literal: Literal, scope: Scope, context: LiteralContext): void;
}

export interface LiteralContext {
  /** True for an element of a list. */
  readonly inList: boolean;
  /** The word right before it, as in `readDir ./x`. */
  readonly appliedTo: string | null;
}

const CLOSERS: Readonly<Record<string, FrameKind>> = { '}': 'set', ')': '(', ']': '[' };
const OPENERS: Readonly<Record<string, FrameKind>> = { '{': 'set', '(': '(', '[': '[' };

/**
 * Walks through the tokens of a file once and reports what it meets. It knows enough of the grammar to tell a
 * binding from a use and to follow attribute paths through functions, `let`, `with` and `mkIf`; broken text
 * is read as far as brackets go. Uses no recursion.
 */
export function walk(tokens: readonly Token[], visitor: Visitor): void {
  new Walk(tokens, visitor).run();
}

class Walk {
  readonly #tokens: readonly Token[];
  readonly #visitor: Visitor;
  readonly #frames: Frame[] = [];
  readonly #open = new Map<FrameKind, number>();
  #top: Frame;
  #index = 0;

  constructor(tokens: readonly Token[], visitor: Visitor) {
    this.#tokens = tokens;
    this.#visitor = visitor;
    this.#top = new Frame('code', TOP, 0, '', undefined);
    this.#frames.push(this.#top);
  }

  run(): void {
    for (const token of this.#tokens) {
      this.#read(token);
      this.#index++;
    }
    this.#endChain();
  }

  #read(token: Token): void {
    switch (token.kind) {
      case 'name':
        this.#name(token);
        break;
      case 'sign':
        this.#sign(token);
        break;
      case 'open':
      case 'antiquote':
        if (!this.#top.afterDot) this.#endChain();
        this.#push(token.kind, this.#top.inner, token);
        break;
      case 'text':
        this.#top.parts.push(token.text);
        break;
      case 'close':
        this.#close();
        break;
      case 'unquote':
        this.#unquote();
        break;
      default:
        this.#endChain();
    }
  }

  #name(token: Token): void {
    if (this.#keyword(token) || this.#attributeName(token.text, token.at)) return;
    if (this.#top.select(token.text)) return;
    this.#endChain();
    this.#top.chain = { names: [token.text], at: token.at };
  }

  /** Words that are never names. */
  #keyword(token: Token): boolean {
    const top = this.#top;
    if (top.afterDot) return false;
    switch (token.text) {
      case 'let':
        this.#endChain();
        this.#push('let', extend(top.inner, [null]), token);
        return true;
      case 'in':
        this.#endChain();
        if (top.kind === 'let') this.#pop();
        return true;
      case 'with':
      case 'assert':
        this.#endChain();
        top.pending++;
        return true;
      case 'inherit':
        if (!top.isStatement || top.state !== 'start') return false;
        top.state = 'inherit';
        return true;
      case 'if':
      case 'then':
      case 'else':
      case 'rec':
        this.#endChain();
        return true;
      default:
        return false;
    }
  }

  /** A name on the left of `=`, or behind `inherit`; `false` where the name is part of an expression. */
  #attributeName(name: string | null, at: number): boolean {
    const top = this.#top;
    if (!top.isStatement) return false;
    if (top.state === 'start' || top.state === 'dot') {
      top.names.push(name);
      top.state = 'name';
      return true;
    }
    if (top.state !== 'inherit') return false;
    this.#visitor.inherited(extend(top.scope, [name]), at);
    return true;
  }

  #sign(token: Token): void {
    const closed = CLOSERS[token.text];
    const opened = OPENERS[token.text];
    if (token.text === '.') {
      this.#dot(token);
      return;
    }
    this.#endChain();
    if (closed !== undefined) this.#closeBracket(closed);
    else if (opened !== undefined) this.#push(opened, this.#top.inner, token);
    else if (token.text === '=') this.#equals(token);
    else if (token.text === ';') this.#semicolon();
    else if (this.#top.isStatement && this.#top.state !== 'value') this.#top.state = 'other';
  }

  #dot(token: Token): void {
    const top = this.#top;
    if (top.isStatement && top.state === 'name') {
      top.state = 'dot';
      return;
    }
    top.chain ??= { names: [null], at: token.at };
    top.afterDot = true;
  }

  #equals(token: Token): void {
    const top = this.#top;
    if (!top.isStatement || top.state !== 'name') return;
    top.current = extend(top.scope, top.names);
    top.state = 'value';
    this.#visitor.binding(top.current, token.at, this.#tokens[this.#index + 1]?.text === '{');
  }

  #semicolon(): void {
    const top = this.#top;
    if (top.pending > 0) {
      top.pending--;
      return;
    }
    top.state = 'start';
    top.names = [];
    top.current = null;
  }

  /** Closes the innermost bracket of that kind and what was left open inside it; a stray one is passed over. */
  #closeBracket(kind: FrameKind): void {
    if ((this.#open.get(kind) ?? 0) === 0) return;
    while (this.#top.kind !== kind) this.#pop();
    this.#pop();
  }

  #unquote(): void {
    if ((this.#open.get('antiquote') ?? 0) === 0) return;
    while (this.#top.kind !== 'antiquote') this.#pop();
    this.#endChain();
    const { last, at } = this.#top;
    this.#pop();
    const top = this.#top;
    if (top.kind === 'open') {
      const alone = last?.end === this.#index && last.literal.at === at + 2;
      top.interpolate(alone ? last.literal : null);
    } else if (!this.#attributeName(null, at)) top.select(null);
  }

  #close(): void {
    const frame = this.#top;
    if (frame.kind !== 'open') return;
    this.#pop();
    if (frame.quote !== '/' && this.#attributeName(frame.plain, frame.at)) return;
    if (!this.#top.select(frame.plain)) this.#literal(frame);
  }

  #literal(frame: Frame): void {
    const top = this.#top;
    const { before } = frame;
    let literal = frame.toLiteral();
    if (before?.kind === 'sign' && before.text === '+') {
      const isBase = top.last !== null && this.#tokens[top.last.end] === before;
      literal = join(isBase ? (top.last?.literal ?? null) : null, literal);
    }
    top.last = { literal, end: this.#index + 1 };
    const appliedTo = before?.kind === 'name' ? before.text : null;
    this.#visitor.literal(literal, top.inner, { inList: top.kind === '[', appliedTo });
  }

  #endChain(): void {
    const top = this.#top;
    const { chain } = top;
    top.chain = null;
    top.afterDot = false;
    if (chain !== null) this.#visitor.selection(chain.names, top.inner, chain.at);
  }

  #push(kind: FrameKind, scope: Scope, token: Token): void {
    this.#top = new Frame(kind, scope, token.at, token.text, this.#tokens[this.#index - 1]);
    this.#frames.push(this.#top);
    this.#open.set(kind, (this.#open.get(kind) ?? 0) + 1);
  }

  #pop(): void {
    const below = this.#frames.at(-2);
    if (below === undefined) return;
    this.#endChain();
    this.#open.set(this.#top.kind, (this.#open.get(this.#top.kind) ?? 1) - 1);
    this.#frames.pop();
    this.#top = below;
  }
}
