import { SecretsError } from '../errors.ts';
import { parseGoBool, parseInt64, positional } from './numbers.ts';
import { Comment, Float, Time, TreeList, TreeMap, type Value } from './tree.ts';

/**
 * The loose typing with which sops reads its metadata (mapstructure, WeaklyTypedInput): a number where text is
 * expected becomes text, text becomes a number, one map becomes a list of one, null is the zero value.
 */

type Found = Value | null;

/** The files with the most readers have some fifty. */
const MOST_ENTRIES = 10_000;

/** A field by its exact name, else by its name without regard to case; of duplicates the last. */
export function field(tree: TreeMap, name: string): Found {
  let loose: Found = null;
  let exact: Found | undefined;
  for (const { key, value } of tree.items) {
    if (key instanceof Comment) continue;
    if (key === name) exact = value;
    else if (key.toLowerCase() === name) loose = value;
  }
  return exact !== undefined ? exact : loose;
}

/** @throws SecretsError `BAD_METADATA` where it cannot be text; an unquoted date in YAML is the usual cause */
export function weakText(value: Found, name: string): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Float) return positional(value.value);
  const hint =
    value instanceof Time ? 'put it in quotes: sops takes an unquoted date for a timestamp' : undefined;
  throw wrong(name, 'text', hint);
}

/** @throws SecretsError `BAD_METADATA` where it is no small whole number */
export function weakCount(value: Found, name: string): number {
  if (value === null || value === '' || value === false) return 0;
  if (value === true) return 1;
  const number =
    typeof value === 'string' ? parseInt64(value) : value instanceof Float ? fromFloat(value.value) : value;
  if (typeof number !== 'bigint' || number < 0n || number > 255n) throw wrong(name, 'a number from 0 to 255');
  return Number(number);
}

function fromFloat(value: number): bigint | null {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
}

/** @throws SecretsError `BAD_METADATA` where it is no truth value */
export function weakFlag(value: Found, name: string): boolean {
  if (value === null || value === '') return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (value instanceof Float) return value.value !== 0;
  const flag = typeof value === 'string' ? parseGoBool(value) : null;
  if (flag === null) throw wrong(name, 'true or false');
  return flag;
}

/** @throws SecretsError `BAD_METADATA` where it is no list of maps, or longer than any that is needed */
export function weakMaps(value: Found, name: string): TreeMap[] {
  if (value === null || value === '') return [];
  if (value instanceof TreeMap) return value.items.length === 0 ? [] : [value];
  if (!(value instanceof TreeList)) throw wrong(name, 'a list');
  if (value.elements.length > MOST_ENTRIES) throw wrong(name, `a list of ${MOST_ENTRIES} entries at most`);
  return value.elements.flatMap(element => {
    if (element instanceof Comment) return [];
    if (element instanceof TreeMap) return [element];
    throw wrong(name, 'a list of maps');
  });
}

function wrong(name: string, expected: string, hint?: string): SecretsError {
  return new SecretsError('BAD_METADATA', `${name} in the sops metadata is not ${expected}`, { hint });
}
