import { SecretsError } from '../../../errors.ts';
import { checkDepth } from '../../limits.ts';
import { jsonFloat } from '../../numbers.ts';
import { looseText } from '../../text.ts';
import { Comment, Float, type Scalar, Time, TreeList, TreeMap, type Value } from '../../tree.ts';

const SPECIAL = /[\u0000-\u001f"\\<>&\u2028\u2029]|[\uDC80-\uDCFF](?<![\uD800-\uDBFF][\uDC80-\uDCFF])/g;
const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** How JSON is laid out. */
export interface JsonStyle {
  /** One level; the empty string still breaks lines, `null` writes one line. */
  readonly indent: string | null;
  /** How the float -0 is written: Go writes `-0`, which it then reads back as the integer 0. */
  readonly negativeZero: '-0' | '-0.0';
}

/**
 * JSON text as Go's encoder and indenter write it, without a final line break. Comments are left out.
 *
 * @throws SecretsError `BAD_DOCUMENT` for infinities and NaN
 */
export function printJson(value: Value | null, style: JsonStyle): string {
  return new Printer(style).print(value);
}

class Printer {
  readonly #style: JsonStyle;
  readonly #parts: string[] = [];
  #depth = 0;

  constructor(style: JsonStyle) {
    this.#style = style;
  }

  print(value: Value | null): string {
    this.#value(value);
    return this.#parts.join('');
  }

  #value(value: Value | null): void {
    if (value instanceof TreeMap) this.#map(value);
    else if (value instanceof TreeList) this.#list(value);
    else this.#parts.push(value === null ? 'null' : this.#scalar(value));
  }

  #map(map: TreeMap): void {
    const colon = this.#style.indent === null ? ':' : ': ';
    const members = map.items.flatMap(({ key, value }) => (typeof key === 'string' ? [{ key, value }] : []));
    this.#brackets('{', '}', members, ({ key, value }) => {
      this.#parts.push(quote(key), colon);
      this.#value(value);
    });
  }

  #list(list: TreeList): void {
    const elements = list.elements.flatMap(element => (element instanceof Comment ? [] : [element]));
    this.#brackets('[', ']', elements, element => this.#value(element));
  }

  #brackets<T>(open: string, close: string, members: readonly T[], each: (member: T) => void): void {
    checkDepth(++this.#depth);
    this.#parts.push(open);
    for (const [index, member] of members.entries()) {
      this.#parts.push(index === 0 ? '' : ',');
      this.#breakLine();
      each(member);
    }
    this.#depth--;
    if (members.length > 0) this.#breakLine();
    this.#parts.push(close);
  }

  #breakLine(): void {
    if (this.#style.indent !== null) this.#parts.push(`\n${this.#style.indent.repeat(this.#depth)}`);
  }

  #scalar(value: Scalar): string {
    if (typeof value === 'string') return quote(value);
    if (value instanceof Uint8Array) return quote(looseText(value));
    if (value instanceof Time) return quote(value.text);
    if (!(value instanceof Float)) return String(value);
    if (Object.is(value.value, -0)) return this.#style.negativeZero;
    const text = jsonFloat(value.value);
    if (text === null) throw new SecretsError('BAD_DOCUMENT', 'JSON cannot hold an infinite number or NaN');
    return text;
  }
}

/** Go escapes the characters that mean something in HTML, and prints a broken byte as the escape of U+FFFD. */
function quote(text: string): string {
  return `"${text.replace(SPECIAL, escapeChar)}"`;
}

function escapeChar(char: string): string {
  const short = SHORT.get(char);
  if (short !== undefined) return short;
  const code = char.charCodeAt(0);
  return code >= 0xdc80 && code <= 0xdcff ? '\\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}
