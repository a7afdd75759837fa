import { inspect } from 'node:util';

const SHOWN = '[redacted]';

/**
 * Holds a value that must not be printed. Every way in which JavaScript turns a value into text
 * (`String`, template literals, `JSON.stringify`, `console.log`, `util.inspect`) gives `[redacted]`.
 * The value comes out through {@link Redacted.reveal} alone, which is easy to search for in a review.
 */
export class Redacted<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it as late and in as few places as possible. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
