import type { Draft } from '../draft.ts';
import { readerName } from './describe-drift.ts';
import type { Synced } from './sync.ts';

/** How many files are named. */
const SHOWN = 8;

/**
 * Says of files that lost readers, but kept their data key, that it is known: a reader of an earlier commit opens
 * with it what is written from now on.
 *
 * @returns their paths
 */
export function noteRemovedReaders(draft: Draft, { changed }: Synced): string[] {
  const files = changed.filter(({ drift }) => (drift?.remove.length ?? 0) > 0);
  if (files.length === 0) return [];
  const readers = files.flatMap(({ drift, inventory }) =>
    (drift?.remove ?? []).map(recipient => readerName(inventory, recipient)),
  );
  const paths = new Set(files.map(({ path }) => path));
  const addresses = draft.secrets.filter(({ file }) => paths.has(file)).map(({ address }) => address);
  const isLong = addresses.length === 0 || addresses.length > SHOWN;
  const names = isLong ? '--all' : addresses.map(quoted).join(' ');
  draft.note(
    `${[...new Set(readers)].join(', ')} no longer reads ${count(files.length)}, but the data key is the same, and git keeps it: \`secrets rekey ${names}\` makes new ones`,
  );
  return [...paths];
}

/** `file.yaml#key` would be a comment in some shells. */
function quoted(address: string): string {
  return /[#\s]/.test(address) ? `'${address}'` : address;
}

function count(number: number): string {
  return number === 1 ? 'this file' : `these ${number} files`;
}
