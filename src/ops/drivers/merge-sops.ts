import { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import type { Redacted } from '../../redacted.ts';
import { type SopsFile, writeSopsFile } from '../../sops/document.ts';
import { isEncryptedValue } from '../../sops/encrypted-text.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { type Metadata, recipientsOf } from '../../sops/metadata.ts';
import { reseal } from '../../sops/reseal.ts';
import type { Selection } from '../../sops/selection.ts';
import { Stash } from '../../sops/stash.ts';
import { TreeMap } from '../../sops/tree.ts';
import { leaves, setPath } from '../../sops/tree-path.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { type Decide, type Merged, mergeTrees, sameDocuments } from '../edit/merge-trees.ts';
import type { Surroundings } from '../ports.ts';
import { writeSealed } from '../sealing/write-sealed.ts';
import { mergeReaders, type Policy } from './merge-readers.ts';
import { type OpenedSides, openSides, readSides, type Sides } from './open-sides.ts';

/** A sops file that both sides of a merge changed. */
export interface MergeRequest {
  readonly format: FormatName;
  readonly sides: Sides<Uint8Array>;
  readonly policy: Policy;
  /** Who wins where both changed a value; left out: nobody. */
  readonly decide?: Decide | undefined;
  /** Values that take the place of both, by name. */
  readonly values?: ReadonlyMap<string, Redacted<string>> | undefined;
}

export type MergeOutcome =
  /** `gained`: recipients that our side did not have. */
  | { readonly kind: 'merged'; readonly bytes: Uint8Array; readonly gained: readonly string[] }
  /** Both sides changed what bears these names, and nobody decided; `single`: those that are one value. */
  | { readonly kind: 'conflict'; readonly names: readonly string[]; readonly single: ReadonlySet<string> }
  /** An identity is needed, for the MAC at least; `names` as far as conflicts can be told without. */
  | { readonly kind: 'locked'; readonly names: readonly string[] };

/**
 * Merges a sops file value by value. Ciphertext of values that do not change is kept byte for byte where both sides
 * have the same data key; where one of them has a new one, the result gets its own, which nobody had before. Plaintext
 * exists in memory alone. What is returned was read back and verified.
 *
 * @param set the identities that may be tried
 * @throws SecretsError `MAC_MISMATCH`, `BAD_CIPHERTEXT`, `NOT_ENCRYPTED`, `BAD_DOCUMENT`, `BAD_METADATA` (a side is
 * no sound sops file, and the message says which), `RULE_CONFLICT`, `UNSUPPORTED`, `LAST_READER`
 */
export async function mergeSopsFiles(
  request: MergeRequest,
  set: IdentitySet,
  around: Surroundings,
): Promise<MergeOutcome> {
  const files = await readSides(request.sides, request.format);
  const opened = await openSides(files, set);
  return opened === null ? mergeKeyless(files, request, around) : mergeOpened(files, opened, request, around);
}

async function mergeOpened(
  files: Sides<SopsFile>,
  { base, ours, theirs }: OpenedSides,
  request: MergeRequest,
  around: Surroundings,
): Promise<MergeOutcome> {
  const chosen = request.values ?? new Map<string, Redacted<string>>();
  const shown = (name: string) => (request.format === 'binary' ? WHOLE_FILE : name);
  const decide: Decide = name => (chosen.has(name) ? 'mine' : (request.decide?.(shown(name)) ?? null));
  const start = base ?? ours.opened.documents.map(() => new TreeMap());
  const merged = mergeTrees(start, ours.opened.documents, theirs.opened.documents, decide);
  const settings = mergeSettings(files, decide);
  const names = [...merged.conflicts.map(shown), ...(settings === null ? [SETTINGS_NAME] : [])];
  if (settings === null || names.length > 0)
    return { kind: 'conflict', names, single: singleValues(names, [ours, theirs]) };
  putValues(merged, chosen);
  const shared = Buffer.compare(ours.dataKey, theirs.dataKey) === 0;
  const dataKey = shared ? ours.dataKey : around.random(32);
  const wrapped = await mergeReaders(metadataOf(files), request.policy, { dataKey, shared }, around);
  if (wrapped === null) throw new SecretsError('INTERNAL', 'the data key was known and not used');
  const metadata = {
    ...ours.file.metadata,
    ...settings,
    groups: wrapped.groups,
    shamirThreshold: wrapped.threshold,
    version: newer(files, 'version'),
  };
  const stash = new Stash();
  if (shared) {
    stash.include(ours.opened.stash);
    stash.include(theirs.opened.stash);
  }
  const now = new Date(newer(files, 'lastModified'));
  const next = reseal({ ...ours.file, metadata }, merged.documents, {
    dataKey,
    stash,
    now,
    random: around.random,
  });
  refuseRevealed(next, files);
  const former = { ...ours.file, documents: [...ours.file.documents, ...theirs.file.documents] };
  const bytes = await writeSealed(next, dataKey, former);
  return { kind: 'merged', bytes, gained: gainedBy(next.metadata, ours.file.metadata) };
}

/** Without a key there is no new MAC: one side must have left the values alone, and no reader may be missing. */
async function mergeKeyless(
  files: Sides<SopsFile>,
  { policy }: MergeRequest,
  around: Surroundings,
): Promise<MergeOutcome> {
  const { base, ours, theirs } = files;
  if (base === null || !sameDataKey(ours, theirs) || !sameDataKey(base, ours))
    return { kind: 'locked', names: [] };
  const settings = mergeSettings(files, () => null);
  const side = [theirs, ours].find((_, index) => sameValues([ours, theirs][index] ?? ours, base));
  const merged = mergeTrees(base.documents, ours.documents, theirs.documents);
  if (side === undefined || settings === null) return { kind: 'locked', names: merged.conflicts };
  const { mac, lastModified, selection, macOnlyEncrypted, version } = side.metadata;
  if (JSON.stringify(settings) !== JSON.stringify({ selection, macOnlyEncrypted }))
    return { kind: 'locked', names: [] };
  const wrapped = await mergeReaders(metadataOf(files), policy, { dataKey: null, shared: true }, around);
  if (wrapped === null) return { kind: 'locked', names: [] };
  const metadata = {
    ...ours.metadata,
    ...{ mac, lastModified, selection, macOnlyEncrypted, version },
    groups: wrapped.groups,
    shamirThreshold: wrapped.threshold,
  };
  const bytes = await writeSopsFile({ ...side, metadata });
  return { kind: 'merged', bytes, gained: gainedBy(metadata, ours.metadata) };
}

/** A reader that both have with the same stanza, byte for byte, was given the same data key. */
function sameDataKey(a: SopsFile, b: SopsFile): boolean {
  const stanzas = new Map(
    a.metadata.groups.flatMap(({ age }) =>
      age.map(({ recipient, enc }) => [canonicalRecipient(recipient), enc]),
    ),
  );
  return b.metadata.groups.some(({ age }) =>
    age.some(({ recipient, enc }) => stanzas.get(canonicalRecipient(recipient))?.trim() === enc.trim()),
  );
}

function sameValues(side: SopsFile, base: SopsFile): boolean {
  return side.metadata.mac === base.metadata.mac && sameDocuments(side.documents, base.documents);
}

/** What a file as a whole is called in a conflict. */
export const WHOLE_FILE = 'the whole file';

/** How {@link mergeSettings} calls a conflict. */
const SETTINGS_NAME = 'which values are encrypted';

type Settings = Pick<Metadata, 'selection' | 'macOnlyEncrypted'>;

/** `null`: both sides changed in different ways what is encrypted. */
function mergeSettings({ base, ours, theirs }: Sides<SopsFile>, decide: Decide): Settings | null {
  const settings = ({ metadata }: SopsFile): Settings => ({
    selection: plainSelection(metadata.selection),
    macOnlyEncrypted: metadata.macOnlyEncrypted,
  });
  const [was, mine, other] = [base === null ? null : settings(base), settings(ours), settings(theirs)];
  const text = (value: Settings | null) => JSON.stringify(value);
  if (text(mine) === text(other) || text(other) === text(was)) return mine;
  if (text(mine) === text(was)) return other;
  const winner = decide(SETTINGS_NAME);
  if (winner === null) return null;
  return winner === 'mine' ? mine : other;
}

function plainSelection(selection: Selection): Selection {
  return Object.fromEntries(
    Object.entries(selection).filter(([, text]) => text !== undefined && text !== ''),
  );
}

function metadataOf({ base, ours, theirs }: Sides<SopsFile>): Sides<Metadata> {
  return { base: base?.metadata ?? null, ours: ours.metadata, theirs: theirs.metadata };
}

/** Dates in this form, and versions of the same length, are in the order of their text. */
function newer({ ours, theirs }: Sides<SopsFile>, field: 'lastModified' | 'version'): string {
  const [mine, other] = [ours.metadata[field], theirs.metadata[field]];
  if (field === 'lastModified') return Date.parse(other) > Date.parse(mine) ? other : mine;
  return mine.localeCompare(other, 'en', { numeric: true }) < 0 ? other : mine;
}

/**
 * What our side has encrypted stays so, whatever their side says of the selection; what only theirs has may be as it
 * is there.
 */
function refuseRevealed(next: SopsFile, { ours, theirs }: Sides<SopsFile>): void {
  const mine = new Map(ours.documents.flatMap(clearness));
  const other = new Map(theirs.documents.flatMap(clearness));
  for (const [id, isClear] of next.documents.flatMap(clearness)) {
    if (!isClear || (mine.get(id) ?? other.get(id)) === true) continue;
    const name = JSON.parse(id).join('/');
    throw new SecretsError(
      'RULE_CONFLICT',
      `${JSON.stringify(name)} would stand in clear in the merged file`,
      {
        hint: 'their side changed which values are encrypted: look at its encrypted_regex and at .sops.yaml',
      },
    );
  }
}

function clearness(document: TreeMap): [id: string, isClear: boolean][] {
  return Array.from(leaves(document), ({ path, value }) => [
    JSON.stringify(path),
    !(value === null || value === '' || (typeof value === 'string' && isEncryptedValue(value))),
  ]);
}

function gainedBy(after: Metadata, before: Metadata): string[] {
  const had = new Set(recipientsOf(before).map(canonicalRecipient));
  return recipientsOf(after).filter(recipient => !had.has(canonicalRecipient(recipient)));
}

/** Names that stand for one text, number or the like on each side that has them. */
function singleValues(
  names: readonly string[],
  sides: readonly { opened: { documents: readonly TreeMap[] } }[],
) {
  const found = new Set<string>();
  const branches = new Set<string>();
  for (const { opened } of sides) {
    opened.documents.forEach((document, index) => {
      const place = opened.documents.length === 1 ? '' : `document ${index + 1}: `;
      for (const { path } of leaves(document)) {
        found.add(place + path.join('/'));
        for (let depth = 1; depth < path.length; depth++)
          branches.add(place + path.slice(0, depth).join('/'));
      }
    });
  }
  return new Set(names.filter(name => found.has(name) && !branches.has(name)));
}

/** Puts values where the conflict of that name was. */
function putValues({ documents }: Merged, values: ReadonlyMap<string, Redacted<string>>): void {
  for (const [name, value] of values) {
    const [, number, inside = ''] = /^(?:document (\d+): )?(.*)$/s.exec(name) ?? [];
    const document = documents[number === undefined ? 0 : Number(number) - 1];
    if (document === undefined) continue;
    const present = Array.from(leaves(document)).find(({ path }) => path.join('/') === inside);
    setPath([document], present?.path ?? inside.split('/'), value.reveal());
  }
}
