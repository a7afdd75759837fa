import { parseFloat64, parseGoBool, parseInt64, positional } from './numbers.ts';
import { normalTime } from './rfc3339.ts';
import { bytesOfText, textOf } from './text.ts';
import { Comment, Float, type Scalar, Time } from './tree.ts';

/** The type tags that sops writes (`aes/cipher.go`, Encrypt). */
export type TypeTag = 'str' | 'int' | 'float' | 'bool' | 'time' | 'comment';

/** The type tag of a leaf. */
export function typeTag(value: Scalar | Comment): TypeTag {
  if (typeof value === 'string' || value instanceof Uint8Array) return 'str';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Float) return 'float';
  return value instanceof Time ? 'time' : 'comment';
}

/** The bytes that are encrypted for a leaf; for everything but comments the MAC is fed the same bytes. */
export function plainBytes(value: Scalar | Comment): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return bytesOfText(plainText(value));
}

/** {@link plainBytes} as text, for every leaf that is text. */
export function plainText(value: Exclude<Scalar, Uint8Array> | Comment): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Float) return positional(value.value);
  return value.text;
}

/**
 * What decrypted bytes mean under a type tag; `null` where the tag is unknown or the bytes do not fit it.
 * The tag `bytes`, which no sops wrote, is unknown here too.
 */
export function parsePlainBytes(tag: string, bytes: Uint8Array): Scalar | Comment | null {
  const text = textOf(bytes);
  if (tag === 'str') return text;
  if (typeof text !== 'string') return null;
  switch (tag) {
    case 'comment':
      return new Comment(text);
    case 'int':
      return parseInt64(text);
    case 'bool':
      return parseGoBool(text);
    case 'float':
      return orNull(parseFloat64(text), value => new Float(value));
    case 'time':
      return orNull(normalTime(text), value => new Time(value));
    default:
      return null;
  }
}

function orNull<T, U>(value: T | null, make: (value: T) => U): U | null {
  return value === null ? null : make(value);
}
