import { upperG } from '../numbers.ts';
import { wholeSeconds } from '../rfc3339.ts';
import { Float, type Scalar, Time } from '../tree.ts';

/** A scalar as the flat formats print it (`stores.go`, ValToString); bytes that are not UTF-8 stay bytes. */
export function plainScalar(value: Scalar | null): string | Uint8Array {
  if (value === null) return '<nil>';
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (value instanceof Float) return upperG(value.value);
  return value instanceof Time ? wholeSeconds(value.text) : String(value);
}
