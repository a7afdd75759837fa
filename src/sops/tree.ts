/**
 * The in-memory document of sops (`sops.go`, TreeBranch): an ordered list of items, in which comments are
 * items of their own and duplicate keys can be represented. A plain object could do neither, and would
 * reorder keys that look like integers, which changes the MAC.
 */

/** A comment: the text after the comment character, a leading space included. */
export class Comment {
  readonly text: string;
  /** True where it stood behind a value on the same line (YAML only). */
  readonly inline: boolean;

  constructor(text: string, inline = false) {
    this.text = text;
    this.inline = inline;
  }
}

/** A float64. A class of its own because `1.0` and the integer `1` are different values to sops. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A timestamp, held as RFC 3339 text with up to nine fraction digits, trailing zeros dropped, UTC as `Z`. */
export class Time {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** One line of a map. A comment item has a `null` value. */
export interface Item {
  readonly key: string | Comment;
  value: Value | null;
}

/** A map in document order. */
export class TreeMap {
  readonly items: Item[];

  constructor(items: Item[] = []) {
    this.items = items;
  }

  /** The value of the first item with this key, `undefined` where there is none. */
  get(key: string): Value | undefined {
    return this.items.find(item => item.key === key)?.value ?? undefined;
  }

  /** True where an item with this key exists, its value may be null. */
  has(key: string): boolean {
    return this.items.some(item => item.key === key);
  }
}

/** A list in document order; comments stand between the elements. */
export class TreeList {
  readonly elements: (Value | Comment | null)[];

  constructor(elements: (Value | Comment | null)[] = []) {
    this.elements = elements;
  }
}

/**
 * A scalar. Text that is not valid UTF-8 (binary files, odd bytes in dotenv and INI) is a `Uint8Array`;
 * text that is valid UTF-8 is always a `string`, so that equal text is equal.
 */
export type Scalar = string | Uint8Array | bigint | boolean | Float | Time;

/** What a key can hold; `null` is written beside this type where it is allowed. */
export type Value = Scalar | TreeMap | TreeList;

/** True for everything that has no children. */
export function isScalar(value: Value | Comment | null): value is Scalar {
  return (
    value !== null &&
    !(value instanceof TreeMap) &&
    !(value instanceof TreeList) &&
    !(value instanceof Comment)
  );
}
