import type { Token } from './tokens.ts';

/** Words that are no values. */
export const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'assert',
  'with',
  'let',
  'in',
  'rec',
  'inherit',
  'or',
]);
/** Signs that end an expression. */
export const ENDS = new Set([';', ')', ']', '}', ',']);

/** Goes through tokens, and passes over what nobody can read. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  /** Of the next token. */
  index = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The next token, or one behind it. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.index + ahead];
  }

  /** True before `x:`, `x@`, `{ a, b ? c, ... }:`. */
  isFunction(): boolean {
    const [first, second, third] = [this.peek(), this.peek(1), this.peek(2)];
    if (first?.kind === 'name')
      return second?.kind === 'sign' && (second.text === ':' || second.text === '@');
    if (first?.text !== '{' || first.kind !== 'sign') return false;
    if (second?.text === '...') return true;
    if (second?.text === '}') return third?.text === ':' || third?.text === '@';
    return second?.kind === 'name' && third?.kind === 'sign' && /^[,?}]$/.test(third.text);
  }

  /** The arguments of a function, with the colon; what it calls them. */
  readHead(): string[] {
    const names: string[] = [];
    let open = 0;
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      const before = this.peek(-1)?.text ?? '';
      if (token.kind === 'name' && (open === 0 || (open === 1 && /^[{,]$/.test(before))))
        names.push(token.text);
      this.index++;
      if (token.kind === 'antiquote' || (token.kind === 'sign' && /^[{([]$/.test(token.text))) open++;
      else if (token.kind === 'unquote' || (token.kind === 'sign' && /^[})\]]$/.test(token.text))) open--;
      else if (open === 0 && token.kind === 'sign' && token.text === ':') return names;
      if (open < 0) return names;
    }
    return names;
  }

  atEnd(): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === 'unquote' || token.kind === 'close') return true;
    if (token.kind === 'name') return token.text === 'in' || token.text === 'then' || token.text === 'else';
    return token.kind === 'sign' && ENDS.has(token.text);
  }

  /** Passes over the rest of an expression, brackets and `let … in` inside it included. */
  skip(): void {
    let open = 0;
    let pending = 0;
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      const { kind, text } = token;
      if (open === 0 && pending === 0 && kind !== 'name' && this.atEnd()) break;
      if (open === 0 && pending === 0 && kind === 'name' && text === 'in') break;
      if (opens(token)) open++;
      else if (closes(token)) {
        if (open === 0) break;
        open--;
      } else if (kind === 'name' && text === 'let') open++;
      else if (kind === 'name' && text === 'in' && open > 0) open--;
      else if (open === 0 && kind === 'name' && (text === 'with' || text === 'assert')) pending++;
      else if (open === 0 && kind === 'sign' && text === ';') pending--;
      this.index++;
    }
  }

  /** Goes behind the bracket that ends what was read; `null`: the `}` of an interpolation. */
  close(bracket: string | null): void {
    const isEnd = (token: Token | undefined): boolean =>
      bracket === null ? token?.kind === 'unquote' : token?.kind === 'sign' && token.text === bracket;
    while (this.peek() !== undefined && !isEnd(this.peek())) {
      const before = this.index;
      this.skip();
      if (this.index === before && !isEnd(this.peek())) this.index++;
    }
    this.index++;
  }
}

function opens({ kind, text }: Token): boolean {
  return kind === 'antiquote' || kind === 'open' || (kind === 'sign' && /^[{([]$/.test(text));
}

function closes({ kind, text }: Token): boolean {
  return kind === 'unquote' || kind === 'close' || (kind === 'sign' && /^[})\]]$/.test(text));
}
