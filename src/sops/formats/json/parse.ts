import { SecretsError } from '../../../errors.ts';
import { checkDepth } from '../../limits.ts';
import { parseInt64 } from '../../numbers.ts';
import { strictText } from '../../text.ts';
import { Float, type Item, TreeList, TreeMap, type Value } from '../../tree.ts';

const SPACE = /[ \t\r\n]*/y;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const HEX = /[0-9a-fA-F]{4}/y;
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const WORDS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Parses a JSON object as sops does: order and duplicate keys are kept, integers are exact in 64 bits and
 * floats beyond, lone surrogates become U+FFFD, and what follows the closing brace is ignored.
 *
 * @throws SecretsError `BAD_DOCUMENT` with line and column, without any text of the document
 */
export function parseJson(bytes: Uint8Array): TreeMap {
  const text = strictText(bytes);
  if (text === null) throw new SecretsError('BAD_DOCUMENT', 'the file is not valid UTF-8');
  return new Parser(text).document();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TreeMap {
    this.#skip(SPACE);
    if (this.#at === this.#text.length) throw this.#error('the file is empty');
    if (this.#text[this.#at] !== '{')
      throw this.#error('a JSON file must have an object at the top, starting with {');
    return this.#object();
  }

  #value(): Value | null {
    const next = this.#text[this.#at];
    if (next === '{') return this.#object();
    if (next === '[') return this.#array();
    if (next === '"') return this.#string();
    for (const [word, meaning] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return meaning;
      }
    }
    return this.#number();
  }

  #object(): TreeMap {
    const items: Item[] = [];
    this.#sequence('}', () => {
      if (this.#text[this.#at] !== '"') throw this.#error('a key in double quotes is missing');
      const key = this.#string();
      this.#skip(SPACE);
      if (!this.#take(':')) throw this.#error('a colon is missing after a key');
      this.#skip(SPACE);
      items.push({ key, value: this.#value() });
    });
    return new TreeMap(items);
  }

  #array(): TreeList {
    const elements: (Value | null)[] = [];
    this.#sequence(']', () => {
      elements.push(this.#value());
    });
    return new TreeList(elements);
  }

  /** Everything between the bracket that stands here and its partner. */
  #sequence(close: string, member: () => void): void {
    checkDepth(++this.#depth);
    this.#at++;
    this.#skip(SPACE);
    if (!this.#take(close)) {
      do {
        this.#skip(SPACE);
        member();
        this.#skip(SPACE);
      } while (this.#take(','));
      if (!this.#take(close)) throw this.#error(`a comma or ${close} is missing`);
    }
    this.#depth--;
  }

  #string(): string {
    const parts: string[] = [];
    this.#at++;
    for (;;) {
      parts.push(this.#skip(PLAIN_TEXT));
      if (this.#take('"')) return parts.join('').replace(LONE_SURROGATE, '\ufffd');
      if (!this.#take('\\')) throw this.#error('a text is not closed, or holds a raw control character');
      parts.push(this.#escape());
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? '';
    const meaning = ESCAPES.get(letter);
    this.#at++;
    if (meaning !== undefined) return meaning;
    const digits = letter === 'u' ? this.#skip(HEX) : '';
    if (digits === '') throw this.#error('a text holds an unknown escape');
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): bigint | Float {
    const start = this.#at;
    const text = this.#skip(NUMBER);
    if (text === '') throw this.#error('a value is missing, or is none of JSON');
    const exact = parseInt64(text);
    if (exact !== null) return exact;
    const value = Number(text);
    if (Number.isFinite(value)) return new Float(value);
    this.#at = start;
    throw this.#error('a number is too large');
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  /** Moves over what a sticky pattern matches here, and gives it. */
  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }

  #error(message: string): SecretsError {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    return new SecretsError('BAD_DOCUMENT', message, { line, column: this.#at - before.lastIndexOf('\n') });
  }
}
