/**
 * The pieces of Nix text. Strings and paths come as `open`, then `text` and `${` … `}` in turn, then `close`,
 * so that code inside an interpolation is code, and text is not.
 */
type TokenKind =
  /** A word, keywords included. */
  | 'name'
  /** One or two characters of punctuation, with `{`, `}` of sets. */
  | 'sign'
  | 'number'
  /** Begins a string or a path; `text` is `"`, `''` or `/`. */
  | 'open'
  /** A stretch of a string or path, escapes resolved. */
  | 'text'
  | 'close'
  /** `${`, inside a string, a path, or an attribute path. */
  | 'antiquote'
  /** The `}` that ends it. */
  | 'unquote';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Index of the first character. */
  readonly at: number;
}

/** What the lexer is inside of. */
type Mode = 'code' | 'set' | 'antiquote' | 'string' | 'indented' | 'path';

const NAME = /[a-zA-Z_][a-zA-Z0-9_'-]*/y;
const NUMBER = /[0-9]+/y;
const BLANK = /[ \t\r\n\uFEFF]+/y;
const SIGN = /\.\.\.|==|!=|<=|>=|&&|\|\||->|\/\/|\+\+|\|>|<\|/y;
const SEARCH_PATH = /<[a-zA-Z0-9._+-]+(?:\/[a-zA-Z0-9._+-]+)*>/y;
const PATH_CHARACTERS = /[a-zA-Z0-9._+-]+/y;
const PATH_REST = /[a-zA-Z0-9._+/-]+/y;
const SCHEME = /[a-zA-Z][a-zA-Z0-9+.-]*/y;
const URI_REST = /[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+/y;
const STRING_TEXT = /[^$"\\]+/y;
const INDENTED_TEXT = /[^$']+/y;

/**
 * Splits Nix text into tokens, without comments and blanks. Never throws: what is broken gives the tokens up
 * to the end of the text. Each character is looked at a bounded number of times, whatever the text is.
 */
export function tokenize(text: string): Token[] {
  const lexer = new Lexer(text);
  while (lexer.step());
  return lexer.tokens;
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #text: string;
  readonly #modes: Mode[] = ['code'];
  #at = 0;
  /** Where the present run of path or scheme characters ends, so that no run is measured twice. */
  #pathRun = 0;
  #schemeRun = 0;
  #pending = '';
  #pendingAt = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads one piece; `false` at the end of the text. */
  step(): boolean {
    if (this.#at >= this.#text.length) {
      if (this.#modes.at(-1) === 'path') this.#leave('/', 0);
      this.#flush();
      return false;
    }
    switch (this.#modes.at(-1)) {
      case 'string':
        this.#string();
        break;
      case 'indented':
        this.#indented();
        break;
      case 'path':
        this.#path();
        break;
      default:
        this.#code();
    }
    return true;
  }

  #code(): void {
    if (this.#match(BLANK) !== null || this.#comment()) return;
    if (this.#startsPath() || this.#uri() || this.#word('name', NAME) || this.#word('number', NUMBER)) return;
    if (this.#startsString() || this.#bracket() || this.#searchPath()) return;
    const sign = this.#match(SIGN) ?? this.#take(1);
    this.#push('sign', sign);
  }

  #word(kind: TokenKind, pattern: RegExp): boolean {
    const word = this.#match(pattern);
    if (word !== null) this.#push(kind, word);
    return word !== null;
  }

  #comment(): boolean {
    if (this.#text[this.#at] === '#') {
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end === -1 ? this.#text.length : end;
      return true;
    }
    if (!this.#text.startsWith('/*', this.#at)) return false;
    const end = this.#text.indexOf('*/', this.#at + 2);
    this.#at = end === -1 ? this.#text.length : end + 2;
    return true;
  }

  #startsString(): boolean {
    if (this.#text[this.#at] === '"') return this.#enter('string', '"');
    if (this.#text.startsWith("''", this.#at)) return this.#enter('indented', "''");
    return false;
  }

  /** `a/b`, `./a`, `../a`, `/a`, `~/a`; a word before a slash belongs to the path, as in Nix. */
  #startsPath(): boolean {
    const text = this.#text;
    const start = text[this.#at] === '~' ? this.#at + 1 : this.#at;
    if (start >= this.#pathRun || start !== this.#at) this.#pathRun = runEnd(PATH_CHARACTERS, text, start);
    const slash = start === this.#at ? this.#pathRun : start;
    if (text[slash] !== '/' || !(isPathCharacter(text[slash + 1]) || text.startsWith('${', slash + 1)))
      return false;
    this.#push('open', '/', 0);
    this.#modes.push('path');
    this.#pendingAt = this.#at;
    this.#pending = text.slice(this.#at, slash + 1);
    this.#at = slash + 1;
    return true;
  }

  #path(): void {
    const rest = this.#match(PATH_REST);
    if (rest !== null) this.#pending += rest;
    else if (this.#text.startsWith('${', this.#at)) this.#antiquote();
    else this.#leave('/', 0);
  }

  /** `https:…` without quotes, and `x:x`, which Nix reads as an address too. */
  #uri(): boolean {
    if (!isLetter(this.#text[this.#at])) return false;
    if (this.#at >= this.#schemeRun) this.#schemeRun = runEnd(SCHEME, this.#text, this.#at);
    if (this.#text[this.#schemeRun] !== ':') return false;
    const end = runEnd(URI_REST, this.#text, this.#schemeRun + 1);
    if (end === this.#schemeRun + 1) return false;
    this.#push('open', '"', 0);
    this.#push('text', this.#take(end - this.#at));
    this.#push('close', '"', 0);
    return true;
  }

  #searchPath(): boolean {
    const end = runEnd(SEARCH_PATH, this.#text, this.#at);
    if (end === this.#at) return false;
    this.#push('open', '<', 0);
    this.#push('text', this.#take(end - this.#at));
    this.#push('close', '>', 0);
    return true;
  }

  #bracket(): boolean {
    if (this.#text.startsWith('${', this.#at)) {
      this.#antiquote();
      return true;
    }
    if (this.#text[this.#at] === '{') {
      this.#modes.push('set');
    } else if (this.#text[this.#at] === '}') {
      const mode = this.#modes.length > 1 ? this.#modes.pop() : undefined;
      if (mode === 'antiquote') {
        this.#push('unquote', this.#take(1));
        this.#pendingAt = this.#at;
        return true;
      }
    } else return false;
    this.#push('sign', this.#take(1));
    return true;
  }

  #string(): void {
    const first = this.#text[this.#at];
    if (first === '"') this.#leave('"', 1);
    else if (first === '$') this.#dollar('"\\');
    else if (first === '\\') {
      this.#pending += escaped(this.#text[this.#at + 1] ?? '');
      this.#take(2);
    } else this.#pending += this.#match(STRING_TEXT) ?? this.#take(1);
  }

  #indented(): void {
    const text = this.#text;
    if (text[this.#at] === '$') this.#dollar("'");
    else if (text.startsWith("''", this.#at)) this.#twoQuotes();
    else this.#pending += this.#match(INDENTED_TEXT) ?? this.#take(1);
  }

  /** In an indented string: its end, or the start of an escape. */
  #twoQuotes(): void {
    const next = this.#text[this.#at + 2];
    if (next === "'" || next === '$') {
      this.#pending += next === '$' ? '$' : "''";
      this.#take(3);
    } else if (next === '\\') {
      this.#pending += escaped(this.#text[this.#at + 3] ?? '');
      this.#take(4);
    } else this.#leave("''", 2);
  }

  /** `${` begins code; any other `$` takes the character behind it along, so `$${` is plain text. */
  #dollar(stops: string): void {
    const next = this.#text[this.#at + 1] ?? '';
    if (next === '{') this.#antiquote();
    else this.#pending += this.#take(stops.includes(next) ? 1 : 2);
  }

  #antiquote(): void {
    this.#flush();
    this.#push('antiquote', this.#take(2));
    this.#modes.push('antiquote');
  }

  #enter(mode: Mode, quote: string): boolean {
    this.#push('open', this.#take(quote.length), quote.length);
    this.#modes.push(mode);
    this.#pendingAt = this.#at;
    return true;
  }

  #leave(quote: string, length: number): void {
    this.#flush();
    this.#modes.pop();
    this.#push('close', quote, 0);
    this.#at += length;
  }

  #flush(): void {
    if (this.#pending === '') return;
    this.tokens.push({ kind: 'text', text: this.#pending, at: this.#pendingAt });
    this.#pending = '';
  }

  #push(kind: TokenKind, text: string, taken = text.length): void {
    this.tokens.push({ kind, text, at: this.#at - taken });
  }

  #take(count: number): string {
    const taken = this.#text.slice(this.#at, this.#at + count);
    this.#at += taken.length;
    return taken;
  }

  #match(pattern: RegExp): string | null {
    const end = runEnd(pattern, this.#text, this.#at);
    return end === this.#at ? null : this.#take(end - this.#at);
  }
}

/** Where a match of a sticky pattern at `at` ends, `at` itself where it does not match. */
function runEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function isPathCharacter(character: string | undefined): boolean {
  return character !== undefined && /[a-zA-Z0-9._+-]/.test(character);
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[a-zA-Z]/.test(character);
}

function escaped(character: string): string {
  switch (character) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return character;
  }
}
