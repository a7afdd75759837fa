import type { Scope } from './scope.ts';
import type { Token } from './tokens.ts';

/** A string or path: its text, with `null` where something is interpolated. */
export interface Literal {
  /** `path` also for a path to which text is joined (`./. + "/x"`, `"${./x}/y"`). */
  readonly kind: 'path' | 'string' | 'search';
  readonly parts: readonly (string | null)[];
  /** Index of its first character. */
  readonly at: number;
}

export type FrameKind = 'code' | 'set' | 'let' | '(' | '[' | 'antiquote' | 'open';

/** `a.b.c` as far as it has been read. */
export interface Chain {
  readonly names: (string | null)[];
  readonly at: number;
}

/** How many parts `a + "b" + "c" + …` is followed for. */
const JOINED_PARTS = 16;

/** One open bracket, `let`, string or interpolation. */
export class Frame {
  readonly kind: FrameKind;
  readonly scope: Scope;
  readonly at: number;
  /** What stood before it. */
  readonly before: Token | undefined;
  /** Of a string or path: how it began. */
  readonly quote: string;
  /** Of a string or path: what it holds so far. */
  readonly parts: (string | null)[] = [];
  /** True where a string begins with an interpolated path. */
  fromPath = false;

  /** Of a set or `let`: what the present statement is. */
  state: 'start' | 'name' | 'dot' | 'value' | 'inherit' | 'other' = 'start';
  names: (string | null)[] = [];
  /** Scope of the binding whose value is being read. */
  current: Scope | null = null;
  /** `with` and `assert` end in a semicolon that ends no statement. */
  pending = 0;

  chain: Chain | null = null;
  afterDot = false;
  /** The last string or path in this frame, and the index of the token after it. */
  last: { readonly literal: Literal; readonly end: number } | null = null;

  constructor(kind: FrameKind, scope: Scope, at: number, quote: string, before: Token | undefined) {
    this.kind = kind;
    this.scope = scope;
    this.at = at;
    this.quote = quote;
    this.before = before;
  }

  /** True where bindings stand. */
  get isStatement(): boolean {
    return this.kind === 'set' || this.kind === 'let';
  }

  /** The scope of what stands at the present place. */
  get inner(): Scope {
    return this.current ?? this.scope;
  }

  /** Takes the name that follows a dot; `false` where none is due. */
  select(name: string | null): boolean {
    if (!this.afterDot || this.chain === null) return false;
    this.chain.names.push(name);
    this.afterDot = false;
    return true;
  }

  /** Adds an interpolation to a string: a path that stands alone at its beginning is kept. */
  interpolate(content: Literal | null): void {
    if (content?.kind !== 'path' || this.parts.length > 0 || content.parts.length > JOINED_PARTS) {
      this.parts.push(null);
      return;
    }
    this.parts.push(...content.parts);
    this.fromPath = true;
  }

  /** The text of a string or path, `null` where something is interpolated. */
  get plain(): string | null {
    if (this.parts.length > 1) return null;
    const [only = ''] = this.parts;
    return only;
  }

  /** What a closed string or path is. */
  toLiteral(): Literal {
    const { parts, at } = this;
    if (this.fromPath || this.quote === '/') return { kind: 'path', parts, at };
    return { kind: this.quote === '<' ? 'search' : 'string', parts, at };
  }
}

/** `base + literal`; a base that is no literal itself is unknown, which is `null`. */
export function join(base: Literal | null, literal: Literal): Literal {
  const parts = base === null ? [null, ...literal.parts] : [...base.parts, ...literal.parts];
  if (parts.length > JOINED_PARTS) return { kind: 'string', parts: [null], at: literal.at };
  return { kind: base?.kind ?? 'string', parts, at: base?.at ?? literal.at };
}
