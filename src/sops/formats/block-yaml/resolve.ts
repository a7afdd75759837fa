import { SecretsError } from '../../../errors.ts';
import { normalTime } from '../../rfc3339.ts';
import { Float, type Scalar, Time } from '../../tree.ts';

const FIXED = new Map<string, boolean | null | Float>([
  ...['true', 'True', 'TRUE'].map(text => [text, true] as const),
  ...['false', 'False', 'FALSE'].map(text => [text, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map(text => [text, null] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(text => [text, new Float(Infinity)] as const),
  ...['-.inf', '-.Inf', '-.INF'].map(text => [text, new Float(-Infinity)] as const),
  ...['.nan', '.NaN', '.NAN'].map(text => [text, new Float(Number.NaN)] as const),
]);

const DECIMAL_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

/**
 * The kind of a plain scalar (go-yaml v3, `resolve.go`): a mix of YAML 1.1 and 1.2. Text is given back as it is.
 *
 * @throws SecretsError `BAD_DOCUMENT` for an integer that only fits 64 bits without a sign, which sops refuses
 */
export function resolvePlain(text: string): Scalar | null {
  const fixed = FIXED.get(text);
  if (fixed !== undefined) return fixed;
  if (/^[-+0-9]/.test(text)) return number(text) ?? time(text) ?? text;
  if (/^\.[0-9]/.test(text)) return float(text) ?? text;
  return text;
}

/** True where the plain form of this text would not be read as the text itself. */
export function looksTyped(text: string): boolean {
  try {
    return resolvePlain(text) !== text;
  } catch {
    return true;
  }
}

function number(text: string): Scalar | null {
  const compact = text.replaceAll('_', '');
  return integer(compact) ?? float(compact);
}

function integer(text: string): bigint | null {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  const digits = match?.[2];
  if (digits === undefined) return null;
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = match?.[1] === '-' ? -size : size;
  if (value >= MIN_INT && value <= MAX_INT) return value;
  if (value > 0 && value <= MAX_UINT) {
    throw new SecretsError('BAD_DOCUMENT', 'an integer does not fit into 64 bits with a sign', {
      hint: 'write it in quotes, as text',
    });
  }
  return null;
}

function float(text: string): Float | null {
  if (!DECIMAL_FLOAT.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? new Float(value) : null;
}

const TIME = /^(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)(\.\d+)?(Z|[-+]\d\d:\d\d)?)?$/;

/** The layouts that go-yaml tries: a date, `T` with a zone, a blank without one. */
function time(text: string): Time | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [
    ,
    year = '',
    month = '',
    day = '',
    mark,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    zone,
  ] = match;
  if (mark !== undefined && (mark === ' ') !== (zone === undefined)) return null;
  const two = (part: string) => part.padStart(2, '0');
  const full = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone ?? 'Z'}`;
  const normal = normalTime(full);
  return normal === null ? null : new Time(normal);
}
