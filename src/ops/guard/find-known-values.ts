import { Redacted } from '../../redacted.ts';
import { BytePlaces } from './byte-places.ts';
import type { KnownValues } from './known-table.ts';
import { pathName } from './names.ts';
import type { Sighting } from './needles.ts';

/** Lines of a file, from 1, the last one included. */
export interface ChangedLines {
  readonly first: number;
  readonly last: number;
}

/** The value of a managed secret in a place where it does not belong. */
export interface KnownValueFinding {
  readonly rule: 'known-value';
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly message: string;
  readonly fix: string;
  readonly secret: Redacted<string>;
}

/**
 * Looks for the values of managed secrets in the bytes of any file, a binary or an encrypted one too.
 *
 * @param changed only findings that touch one of these lines are reported; `null`: all
 */
export function findKnownValues(
  known: KnownValues,
  path: string,
  bytes: Uint8Array,
  changed: readonly ChangedLines[] | null,
): KnownValueFinding[] {
  if (known.size === 0 || (changed !== null && changed.length === 0)) return [];
  const text = decoded(bytes);
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const sightings = known.needles.find(buffer);
  if (sightings.length === 0) return [];
  const places = new BytePlaces(buffer);
  return reported(known, sightings, places)
    .filter(({ line, endLine }) => touches(changed, line, endLine))
    .map(({ secret, start, end, line, endLine }) => ({
      rule: 'known-value',
      line,
      column: places.columnAt(start),
      endLine,
      message: `it holds the value of ${known.nameOf(secret)}`,
      fix: `take it out of ${pathName([path])} and read the secret at run time; if it was ever pushed, rotate the secret`,
      secret: new Redacted(buffer.toString('latin1', start, end)),
    }));
}

function touches(changed: readonly ChangedLines[] | null, line: number, endLine: number): boolean {
  return changed === null || changed.some(({ first, last }) => first <= endLine && line <= last);
}

interface Place {
  readonly secret: number;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  endLine: number;
}

/** One place for each run of lines of a secret; lines that may well stand elsewhere count where there are several. */
function reported(known: KnownValues, sightings: readonly Sighting[], places: BytePlaces): Place[] {
  const unsure = new Map<number, Set<number>>();
  for (const { value: piece } of sightings) {
    const { secret, sure } = known.pieceAt(piece);
    if (!sure) unsure.set(secret, (unsure.get(secret) ?? new Set<number>()).add(piece));
  }
  const last = new Map<number, Place>();
  const found: Place[] = [];
  for (const { value: piece, start, end } of sightings) {
    const { secret, sure } = known.pieceAt(piece);
    if (!sure && (unsure.get(secret)?.size ?? 0) < 2) continue;
    const [line, endLine] = [places.lineAt(start), places.lineAt(end - 1)];
    const before = last.get(secret);
    if (before !== undefined && line <= before.endLine + 1) {
      before.endLine = Math.max(before.endLine, endLine);
      continue;
    }
    const place = { secret, start, end, line, endLine };
    last.set(secret, place);
    found.push(place);
  }
  return found;
}

/** UTF-16 with a byte order mark as UTF-8, so that the other spellings are found in it too. */
function decoded(bytes: Uint8Array): Uint8Array {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  if (!isLittle && !(first === 0xfe && second === 0xff)) return bytes;
  const even = Buffer.from(bytes.subarray(2, 2 + ((bytes.length - 2) & ~1)));
  return Buffer.from((isLittle ? even : even.swap16()).toString('utf16le'), 'utf8');
}
