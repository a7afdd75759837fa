import { parseFloat64 } from '../../numbers.ts';
import { strictText } from '../../text.ts';
import { Float, type Scalar, Time } from '../../tree.ts';
import { badDocument } from './failure.ts';
import type { ScalarNode } from './nodes.ts';
import { timestampOf } from './timestamp.ts';

type Kind = 'str' | 'null' | 'bool' | 'int' | 'float' | 'timestamp';

interface Resolved {
  readonly kind: Kind;
  readonly value: Scalar | null;
}

const LONG_PREFIX = 'tag:yaml.org,2002:';
const KINDS: ReadonlySet<string> = new Set(['str', 'null', 'bool', 'int', 'float', 'timestamp']);
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const DECIMAL_FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
/** Digits of a number may be parted by single underscores. */
const PARTED_FRACTION = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/;

const WORDS: ReadonlyMap<string, Resolved> = new Map([
  ...words('bool', true, 'true', 'True', 'TRUE'),
  ...words('bool', false, 'false', 'False', 'FALSE'),
  ...words('null', null, '', '~', 'null', 'Null', 'NULL'),
  ...words('float', new Float(Number.NaN), '.nan', '.NaN', '.NAN'),
  ...words('float', new Float(Number.POSITIVE_INFINITY), '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'),
  ...words('float', new Float(Number.NEGATIVE_INFINITY), '-.inf', '-.Inf', '-.INF'),
]);

function words(kind: Kind, value: Scalar | null, ...texts: string[]): [string, Resolved][] {
  return texts.map(text => [text, { kind, value }]);
}

/**
 * The value of a scalar, as go-yaml v3 decodes it (`resolve.go`): plain text by its looks, quoted text as a
 * string, tagged text by its tag.
 *
 * @throws SecretsError `BAD_DOCUMENT` where a tag does not fit the text, or an integer has more than 64 bits with sign
 */
export function resolveScalar(node: ScalarNode): Scalar | null {
  const tag = shortTag(node.tag);
  if (tag === '' || tag === '!')
    return node.style === 'plain' ? inRange(resolvePlain(node.text), node) : node.text;
  if (tag === '!!binary') return decodeBinary(node);
  const kind = tag.slice(2);
  if (!tag.startsWith('!!') || !KINDS.has(kind) || kind === 'str') return node.text;
  return resolveTagged(node, kind);
}

/** True where a scalar without quotes or with a fitting tag says null, and counts as an empty document. */
export function isNull(node: ScalarNode): boolean {
  const tag = shortTag(node.tag);
  if (tag === '' || tag === '!') return node.style === 'plain' && resolvePlain(node.text).kind === 'null';
  return tag === '!!null';
}

/** True for the plain key `<<`. */
export function isMergeKey(node: ScalarNode): boolean {
  if (node.text !== '<<') return false;
  const tag = shortTag(node.tag);
  return tag === '!!merge' || ((tag === '' || tag === '!') && node.style === 'plain');
}

/** True where the text stays a string without quotes. */
export function isPlainString(text: string): boolean {
  return resolvePlain(text).kind === 'str';
}

function shortTag(tag: string): string {
  return tag.startsWith(LONG_PREFIX) ? `!!${tag.slice(LONG_PREFIX.length)}` : tag;
}

/** What unquoted text means. An integer may be beyond the range of int64. */
function resolvePlain(text: string, asTime = true): Resolved {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charAt(0);
  if (first === '.') return resolveFraction(text);
  return /^[-+0-9]/.test(first) ? resolveNumber(text, asTime) : { kind: 'str', value: text };
}

function resolveFraction(text: string): Resolved {
  const value = PARTED_FRACTION.test(text) ? parseFloat64(text.replaceAll('_', '')) : null;
  return value === null ? { kind: 'str', value: text } : { kind: 'float', value: new Float(value) };
}

function resolveNumber(text: string, asTime: boolean): Resolved {
  const time = asTime ? timestampOf(text) : null;
  if (time !== null) return { kind: 'timestamp', value: new Time(time) };
  const plain = text.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== null) return { kind: 'int', value: integer };
  const float = DECIMAL_FLOAT.test(plain) ? parseFloat64(plain) : null;
  if (float !== null) return { kind: 'float', value: new Float(float) };
  const odd = oddInteger(plain);
  return odd === null ? { kind: 'str', value: text } : { kind: 'int', value: odd };
}

/** An integer in Go's notation (`ParseInt` with base 0): `0x`, `0o`, `0b`, and octal after a leading zero. */
function integerOf(text: string): bigint | null {
  const match = /^([-+]?)(?:0([xX])([0-9a-fA-F]+)|0([bB])([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (match === null) return null;
  const [, sign = '', hex, hexDigits, binary, binaryDigits, octalDigits, decimal] = match;
  if (hex !== undefined) return ranged(sign, `0x${hexDigits}`);
  if (binary !== undefined) return ranged(sign, `0b${binaryDigits}`);
  return octalDigits !== undefined ? ranged(sign, `0o${octalDigits}`) : ranged(sign, decimal ?? '');
}

/** A sign may also stand behind `0b` and `0o`. */
function oddInteger(text: string): bigint | null {
  const match = /^(0b|0o)([-+])(\d+)$/.exec(text);
  if (match === null) return null;
  const [, base = '', sign = '', digits = ''] = match;
  if (!(base === '0b' ? /^[01]+$/ : /^[0-7]+$/).test(digits)) return null;
  const value = ranged(sign, base + digits);
  return value !== null && value <= INT64_MAX ? value : null;
}

/** `null` beyond int64, or beyond uint64 where no sign stands. */
function ranged(sign: string, digits: string): bigint | null {
  // More digits than any base needs; keeps hostile numbers cheap.
  if (digits.replace(/^(?:0[xob])?0*/, '').length > 64) return null;
  const value = BigInt(digits) * (sign === '-' ? -1n : 1n);
  const most = sign === '' ? UINT64_MAX : INT64_MAX;
  return value >= INT64_MIN && value <= most ? value : null;
}

function resolveTagged(node: ScalarNode, kind: string): Scalar | null {
  const resolved = resolvePlain(node.text, kind === 'timestamp');
  if (resolved.kind === kind) return inRange(resolved, node);
  const { value } = resolved;
  if (kind === 'float' && typeof value === 'bigint' && value <= INT64_MAX) return new Float(Number(value));
  throw badDocument(`a value does not fit its tag !!${kind}`, node.start);
}

function inRange({ value }: Resolved, node: ScalarNode): Scalar | null {
  if (typeof value !== 'bigint' || value <= INT64_MAX) return value;
  throw badDocument('an integer is too large: sops keeps 64 bits with sign', node.start, 'put it in quotes');
}

/** go-yaml ignores line breaks inside base64, and wants its padding. */
function decodeBinary(node: ScalarNode): Scalar {
  const text = node.text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    throw badDocument('a !!binary value is no base64', node.start);
  const bytes = Buffer.from(text, 'base64');
  return strictText(bytes) ?? Uint8Array.from(bytes);
}
