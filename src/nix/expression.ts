import { joined, type NixBinding, type NixNode } from './node.ts';
import { ENDS, KEYWORDS, TokenReader } from './token-reader.ts';
import { type Token, tokenize } from './tokens.ts';

/** Deeper nesting is unknown. */
const MAX_DEPTH = 100;

/** Reads the one expression of a file. Never throws; linear in the length of the text. */
export function parseNix(text: string): NixNode {
  return new Parser(tokenize(text)).expression(0);
}

class Parser {
  readonly #tokens: TokenReader;

  constructor(tokens: readonly Token[]) {
    this.#tokens = new TokenReader(tokens);
  }

  /** Up to the token that ends it, which is left. */
  expression(depth: number): NixNode {
    const at = this.#tokens.peek()?.at ?? 0;
    if (depth > MAX_DEPTH) return this.#unread(at);
    if (this.#tokens.isFunction()) {
      const names = this.#tokens.readHead();
      return { kind: 'function', names, body: this.expression(depth + 1), at };
    }
    const word = this.#tokens.peek()?.kind === 'name' ? this.#tokens.peek()?.text : undefined;
    if (word === 'let') {
      this.#tokens.index++;
      const bindings = this.#bindings(depth + 1, 'in');
      return { kind: 'let', bindings, body: this.expression(depth + 1), at };
    }
    if (word === 'with' || word === 'assert') {
      this.#tokens.index++;
      this.expression(depth + 1);
      if (this.#tokens.peek()?.text === ';') this.#tokens.index++;
      return this.expression(depth + 1);
    }
    const value = this.#application(depth + 1);
    if (this.#tokens.atEnd()) return value;
    return this.#operation(value, depth, at);
  }

  /** `a + "text"`, and what stands before `++` in a list of which more is computed; nothing else is read. */
  #operation(left: NixNode, depth: number, at: number): NixNode {
    const sign = this.#tokens.peek();
    const isPlus = sign?.kind === 'sign' && (sign.text === '+' || sign.text === '++');
    if (!isPlus || depth > MAX_DEPTH) return this.#unread(at);
    this.#tokens.index++;
    const right = this.#application(depth + 1);
    if (sign.text === '++') {
      const rest = this.#tokens.atEnd() ? right : this.#operation(right, depth + 1, at);
      const items = [left, rest].flatMap(each => (each.kind === 'list' ? each.items : []));
      return { kind: 'list', items: [...items, { kind: 'unknown', at }], at };
    }
    if (!this.#tokens.atEnd()) return this.#unread(at);
    return joined(left, right, at);
  }

  /** `f a b`, or one value. */
  #application(depth: number): NixNode {
    const at = this.#tokens.peek()?.at ?? 0;
    const head = this.#value(depth);
    const args: NixNode[] = [];
    while (this.#startsValue()) args.push(this.#value(depth));
    return args.length === 0 ? head : { kind: 'call', head, args, at };
  }

  #startsValue(): boolean {
    const token = this.#tokens.peek();
    if (token === undefined) return false;
    if (token.kind === 'name') return !KEYWORDS.has(token.text) || token.text === 'rec';
    if (token.kind === 'open' || token.kind === 'number') return true;
    return token.kind === 'sign' && (token.text === '{' || token.text === '[' || token.text === '(');
  }

  /** One value with what is selected from it. */
  #value(depth: number): NixNode {
    const token = this.#tokens.peek();
    const at = token?.at ?? 0;
    if (token === undefined || !this.#startsValue() || depth > MAX_DEPTH) return this.#unread(at);
    this.#tokens.index++;
    let value = this.#primary(token, depth);
    while (this.#tokens.peek()?.text === '.' && this.#tokens.peek()?.kind === 'sign') {
      this.#tokens.index++;
      const name = this.#attribute(depth);
      value = value.kind === 'name' ? { ...value, names: [...value.names, name] } : { kind: 'unknown', at };
      if (this.#tokens.peek()?.kind !== 'name' || this.#tokens.peek()?.text !== 'or') continue;
      this.#tokens.index++;
      this.#value(depth + 1);
      value = { kind: 'unknown', at };
    }
    return value;
  }

  #primary({ kind, text, at }: Token, depth: number): NixNode {
    if (kind === 'number') return { kind: 'number', text, at };
    if (kind === 'open') return this.#literal(text, at, depth);
    if (kind === 'name') {
      if (text !== 'rec') return { kind: 'name', names: [text], at };
      this.#tokens.index++;
      return { kind: 'set', bindings: this.#bindings(depth + 1, '}'), at };
    }
    if (text === '{') return { kind: 'set', bindings: this.#bindings(depth + 1, '}'), at };
    if (text === '[') {
      const items: NixNode[] = [];
      while (!this.#tokens.atEnd())
        items.push(this.#startsValue() ? this.#value(depth + 1) : this.#skipOne());
      this.#tokens.close(']');
      return { kind: 'list', items, at };
    }
    const inner = this.expression(depth + 1);
    this.#tokens.close(')');
    return inner;
  }

  /** A string or path whose opening was read. */
  #literal(quote: string, at: number, depth: number): NixNode {
    const parts: (string | NixNode)[] = [];
    for (
      let token = this.#tokens.peek();
      token !== undefined && token.kind !== 'close';
      token = this.#tokens.peek()
    ) {
      this.#tokens.index++;
      if (token.kind === 'text') parts.push(token.text);
      else if (token.kind === 'antiquote') {
        parts.push(this.expression(depth + 1));
        this.#tokens.close(null);
      }
    }
    this.#tokens.index++;
    const [first, second = '', ...more] = parts;
    const rest = typeof second === 'string' && more.length === 0 ? second : null;
    if (first === undefined) return { kind: 'text', text: '', at };
    if (typeof first === 'string') {
      if (parts.length > 1 || quote === '<') return { kind: 'unknown', at };
      return { kind: quote === '/' ? 'path' : 'text', text: first, at };
    }
    if (rest === null) return { kind: 'unknown', at };
    return joined(first, { kind: 'text', text: rest, at }, at);
  }

  /** Bindings up to the token that ends them, which is read too. */
  #bindings(depth: number, end: '}' | 'in'): NixBinding[] {
    const found: NixBinding[] = [];
    for (let token = this.#tokens.peek(); token !== undefined; token = this.#tokens.peek()) {
      if (token.text === end && (token.kind === 'sign' || token.kind === 'name')) {
        this.#tokens.index++;
        break;
      }
      const before = this.#tokens.index;
      if (token.kind === 'name' && token.text === 'inherit') found.push(...this.#inherited(depth));
      else found.push(this.#binding(depth));
      if (this.#tokens.peek()?.text === ';') this.#tokens.index++;
      else if (this.#tokens.index === before || this.#tokens.peek()?.text !== end) {
        if (ENDS.has(this.#tokens.peek()?.text ?? '') && this.#tokens.peek()?.text !== ',') break;
        this.#tokens.index++;
      }
    }
    return found;
  }

  #binding(depth: number): NixBinding {
    const at = this.#tokens.peek()?.at ?? 0;
    const names: (string | null)[] = [];
    const bad = this.#badName();
    if (bad !== null) return { names, value: bad, at };
    names.push(this.#attribute(depth));
    while (this.#tokens.peek()?.text === '.' && this.#tokens.peek()?.kind === 'sign') {
      this.#tokens.index++;
      const wrong = this.#badName();
      if (wrong !== null) return { names, value: wrong, at };
      names.push(this.#attribute(depth));
    }
    if (this.#tokens.peek()?.text !== '=') {
      const stray = this.#tokens.peek();
      if (stray?.kind === 'open' && stray.text === '/')
        return { names, value: this.#badName() ?? this.#unread(at), at };
      return { names, value: this.#unread(at), at };
    }
    this.#tokens.index++;
    return { names, value: this.expression(depth + 1), at };
  }

  /** A path, a number or a keyword where a name has to stand: Nix reads `a/b` and `2fa` as something else. */
  #badName(): NixNode | null {
    const token = this.#tokens.peek();
    if (token === undefined) return null;
    const next = this.#tokens.peek(1);
    let text: string | null = null;
    if (token.kind === 'open' && token.text === '/') text = next?.kind === 'text' ? next.text : '';
    else if (token.kind === 'number') text = token.text + (next?.kind === 'name' ? next.text : '');
    else if (token.kind === 'name' && KEYWORDS.has(token.text) && token.text !== 'or') text = token.text;
    if (text === null) return null;
    this.#tokens.skip();
    return { kind: 'bad-name', text, at: token.at };
  }

  #inherited(depth: number): NixBinding[] {
    const found: NixBinding[] = [];
    this.#tokens.index++;
    const isFrom = this.#tokens.peek()?.text === '(';
    if (isFrom) {
      this.#tokens.index++;
      this.expression(depth + 1);
      this.#tokens.close(')');
    }
    while (!this.#tokens.atEnd()) {
      const at = this.#tokens.peek()?.at ?? 0;
      const before = this.#tokens.index;
      const name = this.#attribute(depth);
      if (this.#tokens.index === before) this.#tokens.index++;
      else {
        const value: NixNode = isFrom ? { kind: 'unknown', at } : { kind: 'name', names: [name], at };
        found.push({ names: [name], value, at });
      }
    }
    return found;
  }

  /** A name, a string or `${…}` in an attribute path. */
  #attribute(depth: number): string | null {
    const token = this.#tokens.peek();
    if (token?.kind === 'name') {
      this.#tokens.index++;
      return token.text;
    }
    if (token?.kind === 'open' && token.text !== '/') {
      this.#tokens.index++;
      const value = this.#literal(token.text, token.at, depth);
      return value.kind === 'text' ? value.text : null;
    }
    if (token?.kind === 'antiquote') {
      this.#tokens.index++;
      const value = this.expression(depth + 1);
      this.#tokens.close(null);
      return value.kind === 'text' ? value.text : null;
    }
    return null;
  }

  /** The rest of an expression that cannot be read. */
  #unread(at: number): NixNode {
    this.#tokens.skip();
    return { kind: 'unknown', at };
  }

  /** One token that begins no value, in a list. */
  #skipOne(): NixNode {
    const at = this.#tokens.peek()?.at ?? 0;
    this.#tokens.index++;
    return { kind: 'unknown', at };
  }
}
