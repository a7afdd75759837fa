/** Numbers as Go's `strconv` writes and reads them; all of these are pure text rules. */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Shortest digits that read back as the same float64, never with an exponent (`FormatFloat 'f', -1`). */
export function positional(value: number): string {
  return special(value) ?? place(digitsOf(value));
}

/**
 * Go's `%G` with shortest digits, and with at least one decimal where it would look like an integer
 * (`stores.go`, ValToString): `1.0`, `100000.0`, `1E+06`.
 */
export function upperG(value: number): string {
  const named = special(value);
  if (named !== null) return named === '-0' ? '-0.0' : named;
  const parts = digitsOf(value);
  const exponent = parts.point - 1;
  if (exponent < -4 || exponent >= 6) return scientific(parts, exponent);
  const text = place(parts);
  return text.includes('.') ? text : `${text}.0`;
}

/** A float other than -0 as Go's `encoding/json` prints it; `null` for NaN and infinities, which JSON lacks. */
export function jsonFloat(value: number): string | null {
  return Number.isFinite(value) ? String(value) : null;
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Object.is(value, -0) ? '-0' : null;
}

interface Digits {
  readonly sign: string;
  /** Without leading or trailing zeros, `"0"` for zero. */
  readonly digits: string;
  /** Where the decimal point stands, counted from the left of `digits`. */
  readonly point: number;
}

function digitsOf(value: number): Digits {
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { sign: value < 0 ? '-' : '', digits: whole + fraction, point: Number(exponent) + 1 };
}

function place({ sign, digits, point }: Digits): string {
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function scientific({ sign, digits }: Digits, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${digits.slice(0, 1)}${fraction}E${exponent < 0 ? '-' : '+'}${power}`;
}

/** Decimal text as a 64-bit integer (`strconv.Atoi`: sign and leading zeros allowed), `null` where it is none. */
export function parseInt64(text: string): bigint | null {
  const match = /^([+-]?)0*(\d{1,19})$/.exec(text);
  if (match === null) return null;
  const value = BigInt(match[2] ?? '0') * (match[1] === '-' ? -1n : 1n);
  return value >= INT64_MIN && value <= INT64_MAX ? value : null;
}

/**
 * Text as a float64 (`strconv.ParseFloat`), `null` where it is none or out of range. Hexadecimal floats, which
 * no sops ever wrote, are not read.
 */
export function parseFloat64(text: string): number | null {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : null;
  }
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : null;
}

/** Text as a boolean (`strconv.ParseBool`), `null` where it is none. */
export function parseGoBool(text: string): boolean | null {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : null;
}
