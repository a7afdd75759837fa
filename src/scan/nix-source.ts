/** A piece of Nix code. Offsets are of the text. */
export interface NixToken {
  readonly kind: 'name' | 'sign' | 'path' | 'string';
  /** Of a string: what is between its quotes, as it is written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** In how many strings it stands, as code of `${…}`. */
  readonly depth: number;
}

/** Nix text taken apart. */
export interface NixSource {
  /** In the order in which they begin; what is inside of a string's `${…}` follows the string. */
  readonly tokens: readonly NixToken[];
  readonly comments: readonly { readonly start: number; readonly end: number }[];
}

interface OpenString {
  readonly index: number;
  readonly start: number;
  readonly indented: boolean;
  /** Braces that are open in the code of its present `${…}`. */
  braces: number;
}

const NAME = /[A-Za-z_][\w'-]{0,200}/y;
const BLANK = /\s{1,2000}/y;
const PATH = /(?:~|\.{1,2})?\/[\w.+-]{1,200}(?:\/[\w.+-]{1,200}){0,60}|<[\w.+/-]{1,200}>/y;
const SIGN = /\.\.\.|==|!=|<=|>=|&&|\|\||->|\/\/|\+\+|\$\{|[\s\S]/y;
const TEXT = /[^"\\$']{1,4000}/y;

/**
 * Takes Nix text apart, as far as it takes to know what is a string and what it is bound to. Never throws; what is
 * broken ends at the end of the text. Every character is looked at a bounded number of times.
 */
export function readNix(text: string): NixSource {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #tokens: NixToken[] = [];
  readonly #comments: { start: number; end: number }[] = [];
  /** Strings whose `${…}` are being read, the innermost last. */
  readonly #open: OpenString[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): NixSource {
    while (this.#at < this.#text.length) this.#code();
    for (const string of this.#open.splice(0).toReversed()) this.#finish(string, this.#text.length);
    return { tokens: this.#tokens, comments: this.#comments };
  }

  #code(): void {
    const char = this.#text.charAt(this.#at);
    if (this.#take(BLANK) !== null || this.#comment(char)) return;
    if (char === '"') this.#begin(1, false);
    else if (this.#text.startsWith("''", this.#at)) this.#begin(2, true);
    else if (!this.#word('name', NAME) && !this.#word('path', PATH)) this.#sign();
  }

  #word(kind: 'name' | 'path', pattern: RegExp): boolean {
    const start = this.#at;
    const word = this.#take(pattern);
    if (word !== null) this.#push(kind, word, start);
    return word !== null;
  }

  #sign(): void {
    const start = this.#at;
    const sign = this.#take(SIGN) ?? '';
    const string = this.#open.at(-1);
    if (string !== undefined && sign === '}' && string.braces === 0) {
      this.#open.pop();
      this.#string(string);
      return;
    }
    if (string !== undefined && (sign === '{' || sign === '${')) string.braces += 1;
    if (string !== undefined && sign === '}') string.braces -= 1;
    this.#push('sign', sign, start);
  }

  #comment(char: string): boolean {
    const block = this.#text.startsWith('/*', this.#at);
    if (char !== '#' && !block) return false;
    const found = this.#text.indexOf(block ? '*/' : '\n', this.#at);
    const end = found < 0 ? this.#text.length : found + (block ? 2 : 0);
    this.#comments.push({ start: this.#at, end });
    this.#at = end;
    return true;
  }

  #begin(quotes: number, indented: boolean): void {
    this.#at += quotes;
    // Its place is kept, so that what is inside follows it.
    this.#push('string', '', this.#at);
    this.#string({ index: this.#tokens.length - 1, start: this.#at, indented, braces: 0 });
  }

  /** Reads on in a string, up to its end or to the code of a `${…}`. */
  #string(string: OpenString): void {
    const text = this.#text;
    while (this.#at < text.length) {
      if (this.#take(TEXT) !== null) continue;
      if (text.startsWith('${', this.#at)) {
        this.#at += 2;
        string.braces = 0;
        this.#open.push(string);
        return;
      }
      const end = string.indented ? this.#indentedStep() : this.#plainStep();
      if (end === null) continue;
      this.#finish(string, end);
      return;
    }
    this.#finish(string, text.length);
  }

  /** @returns where the string ends, if it does here */
  #plainStep(): number | null {
    const char = this.#text.charAt(this.#at);
    const end = this.#at;
    this.#at += char === '\\' ? 2 : 1;
    return char === '"' ? end : null;
  }

  #indentedStep(): number | null {
    const text = this.#text;
    const end = this.#at;
    if (!text.startsWith("''", end)) {
      this.#at += 1;
      return null;
    }
    const next = text.charAt(end + 2);
    const escapes = next === '$' || next === "'" || next === '\\';
    this.#at += !escapes ? 2 : next === '\\' ? 4 : 3;
    return escapes ? null : end;
  }

  #finish(string: OpenString, end: number): void {
    const token = this.#tokens[string.index];
    if (token === undefined) return;
    const stop = Math.min(end, this.#text.length);
    this.#tokens[string.index] = { ...token, text: this.#text.slice(string.start, stop), end: stop };
  }

  #push(kind: NixToken['kind'], text: string, start: number): void {
    this.#tokens.push({ kind, text, start, end: this.#at, depth: this.#open.length });
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }
}
