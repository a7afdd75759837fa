import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import type { SideSecret } from './access-files.ts';
import type { AccessChange, Reader, SecretPlace } from './access-model.ts';
import { type BothSides, readerKeys, type SecretPair } from './access-values.ts';

interface Row {
  readonly who: Reader | null;
  readonly gained: SecretPlace[];
  readonly lost: SecretPlace[];
  readonly otherKey: SecretPlace[];
}

/** Who reads what that they did not read before, and the other way round, by what the files themselves say. */
export function accessChanges(sides: BothSides, pairs: readonly SecretPair[]): AccessChange[] {
  const rows = new Map<string, Row>();
  for (const pair of pairs) compareReaders(rows, pair);
  for (const [file, { kind }] of sides.after)
    if (kind === 'in-clear') rowOf(rows, null).gained.push({ secret: file, file });
  return [...rows.values()].sort((a, b) => (orderOf(a.who) < orderOf(b.who) ? -1 : 1));
}

function compareReaders(rows: Map<string, Row>, { before, after }: SecretPair): void {
  const [had, has] = [readerKeys(before), readerKeys(after)];
  const came = newReaders(after, had);
  const gone = newReaders(before, has);
  const hadNames = new Set(before?.readers.map(({ name }) => name));
  const hasNames = new Set(after?.readers.map(({ name }) => name));
  const [now, then] = [placeOf(after ?? before), placeOf(before ?? after)];
  for (const reader of came) {
    const hadOther = reader.name !== null && hadNames.has(reader.name);
    rowOf(rows, reader)[hadOther ? 'otherKey' : 'gained'].push(now);
  }
  for (const reader of gone)
    if (reader.name === null || !hasNames.has(reader.name)) rowOf(rows, reader).lost.push(then);
}

/** Readers of one side whose keys are not among those of the other. */
function newReaders(secret: SideSecret | null, others: ReadonlySet<string>): Reader[] {
  const seen = new Set(others);
  return (secret?.readers ?? []).filter(({ recipient }) => {
    const key = canonicalRecipient(recipient);
    return !seen.has(key) && seen.add(key).size > 0;
  });
}

function placeOf(secret: SideSecret | null): SecretPlace {
  return { secret: secret?.secret ?? '', file: secret?.file ?? '' };
}

/** One row for each name and key: two keys may claim one name. */
function rowOf(rows: Map<string, Row>, who: Reader | null): Row {
  const id = who === null ? '' : `${who.name ?? ''}\0${canonicalRecipient(who.recipient)}`;
  const row = rows.get(id) ?? { who, gained: [], lost: [], otherKey: [] };
  rows.set(id, row);
  return row;
}

/** Whoever has the repository first, then names, then keys without one. */
function orderOf(who: Reader | null): string {
  if (who === null) return '0';
  return who.name === null ? `2${who.recipient}` : `1${who.name}\0${who.recipient}`;
}
