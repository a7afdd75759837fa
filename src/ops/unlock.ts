import { unwrapDataKey } from '../age/data-key.ts';
import { type Identity, identityText } from '../age/identity.ts';
import { mayOpen, pluginOfIdentity } from '../age/plugin.ts';
import { shortRecipient } from '../age/recipient.ts';
import { SecretsError } from '../errors.ts';
import type { IdentitySet } from '../keys/sources.ts';
import { readSopsFile, type SopsFile } from '../sops/document.ts';
import type { FormatName } from '../sops/formats/format.ts';
import { type KeyGroup, recipientsOf } from '../sops/metadata.ts';
import { type Opened, open } from '../sops/open.ts';
import { combineShares } from '../sops/shamir.ts';
import type { Inventory } from '../workspace/model.ts';
import { readWorkFile, type WorkFile } from './files.ts';
import type { Workspace } from './workspace.ts';

const DATA_KEY_BYTES = 32;

/** A sops file that one of the identities opened; its MAC was verified. */
export interface UnlockedFile {
  readonly path: string;
  readonly before: WorkFile;
  readonly file: SopsFile;
  readonly dataKey: Uint8Array;
  readonly opened: Opened;
}

/**
 * Reads a sops file of the workspace and decrypts all of it.
 *
 * @param known what stands at the path, where that was read (or planned) already
 * @throws SecretsError `NO_IDENTITY` (exit 4, names the readers), `NOT_ENCRYPTED`, `BAD_CIPHERTEXT`, `MAC_MISMATCH`
 */
export async function unlock(
  workspace: Workspace,
  path: string,
  format: FormatName,
  known?: WorkFile,
): Promise<UnlockedFile> {
  const before = known ?? (await readWorkFile(workspace.root, path));
  if (before === null) throw new SecretsError('READ_FAILED', 'the file is gone', { file: path });
  try {
    const file = await readSopsFile(before.bytes, format);
    const dataKey = await findDataKey(workspace, path, file);
    return { path, before, file, dataKey, opened: open(file, dataKey) };
  } catch (error) {
    throw error instanceof SecretsError ? error.inFile(path) : error;
  }
}

async function findDataKey(workspace: Workspace, path: string, file: SopsFile): Promise<Uint8Array> {
  const set = await workspace.around.identities();
  const dataKey = await unwrapWith(file, set);
  if (dataKey === null) throw noIdentity(workspace.inventory, path, file, set);
  return dataKey;
}

/**
 * The data key of a file, `null` where none of the identities opens it. Those in the keychain and behind a passphrase
 * are unlocked only where no other opens the file, and only those that the file names as its readers.
 *
 * @throws SecretsError as {@link unwrapAny}, and what unlocking throws where nothing else opens the file:
 * `KEYCHAIN_UNAVAILABLE`, `BAD_PASSPHRASE`, `NO_IDENTITY`, `BAD_IDENTITY`, `INTERRUPTED`
 */
export async function unwrapWith(file: SopsFile, set: IdentitySet): Promise<Uint8Array | null> {
  const readers = new Set(recipientsOf(file.metadata));
  const guarded = (set.guarded ?? []).filter(({ recipient }) => recipient !== null && readers.has(recipient));
  if (guarded.length === 0) return unwrapAny(file, set.identities);
  const identities = [...set.identities];
  let problem: SecretsError | null = null;
  const attempt = async (work: () => Promise<Uint8Array | null>) => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SecretsError) || FINAL.has(error.code)) throw error;
      problem ??= error;
      return null;
    }
  };
  const dataKey = await attempt(() => unwrapAny(file, identities));
  if (dataKey !== null) return dataKey;
  for (const { unlock } of guarded) {
    const found = await attempt(async () => {
      identities.push(await unlock());
      return unwrapAny(file, identities);
    });
    if (found !== null) return found;
  }
  if (problem !== null) throw problem;
  return null;
}

/** After these nobody wants to be asked for the next passphrase. */
const FINAL: ReadonlySet<string> = new Set(['INTERRUPTED', 'BAD_PASSPHRASE']);

/**
 * The data key of a file, by the first stanza that one of the identities opens; where it is split over several
 * key groups, by one stanza of as many groups as are needed. `null` where the identities do not suffice.
 *
 * @throws SecretsError `BAD_METADATA`, `BAD_CIPHERTEXT` where nothing opens it and a stanza is damaged
 */
async function unwrapAny(file: SopsFile, identities: readonly Identity[]): Promise<Uint8Array | null> {
  const { groups, shamirThreshold } = file.metadata;
  const [only] = groups;
  if (groups.length === 1 && only !== undefined) return unwrapGroup(only, identities, DATA_KEY_BYTES);
  const needed = shamirThreshold === 0 ? groups.length : shamirThreshold;
  const shares: Uint8Array[] = [];
  for (const group of groups) {
    if (shares.length === needed) break;
    const share = await unwrapGroup(group, identities, DATA_KEY_BYTES + 1);
    if (share !== null) shares.push(share);
  }
  return shares.length < needed || needed < 2 ? null : combineShares(shares);
}

/**
 * Keys at hand are tried on every stanza before a plugin is asked for one, which may want a touch for each.
 *
 * @param length of the data key or of a share, in bytes
 */
async function unwrapGroup(
  group: KeyGroup,
  identities: readonly Identity[],
  length: number,
): Promise<Uint8Array | null> {
  let damaged: SecretsError | null = null;
  for (const [enc, those] of attempts(group, identities)) {
    try {
      const part = await unwrapDataKey(enc, those);
      if (part?.length === length) return part;
    } catch (error) {
      // One broken stanza must not hide the good one behind it, as in sops.
      if (!(error instanceof SecretsError) || FINAL.has(error.code)) throw error;
      damaged ??= error;
    }
  }
  if (damaged !== null) throw damaged;
  return null;
}

function* attempts(group: KeyGroup, identities: readonly Identity[]): Generator<[string, Identity[]]> {
  const atHand = identities.filter(identity => identity.kind !== 'plugin');
  for (const { enc } of group.age) yield [enc, atHand];
  for (const identity of identities) {
    if (identity.kind !== 'plugin') continue;
    const plugin = pluginOfIdentity(identityText(identity).reveal());
    for (const { enc, recipient } of group.age) {
      if (plugin !== null && mayOpen(plugin, recipient)) yield [enc, [identity]];
    }
  }
}

function noIdentity(inventory: Inventory, path: string, file: SopsFile, set: IdentitySet): SecretsError {
  const readers = recipientsOf(file.metadata).map(recipient => displayName(inventory, recipient));
  const message =
    set.identities.length + (set.guarded?.length ?? 0) === 0
      ? `no identity found, and ${path} is read by ${readers.join(', ')}`
      : `none of your keys opens ${path}, it is read by ${readers.join(', ')}`;
  const failed = set.sources
    .filter(source => source.error !== null)
    .map(source => `${source.name}: ${source.error}`);
  const first = readers[0] ?? 'a reader';
  const hint = `use a key of ${first}: SOPS_AGE_KEY_FILE=/path/to/its/key secrets …, or let ${first} add you to the rule in .sops.yaml`;
  return new SecretsError('NO_IDENTITY', message, { hint: [...failed, hint].join('; ') });
}

/** The name of a recipient, else its first and last characters. */
export function displayName(inventory: Inventory, recipient: string): string {
  return inventory.nameOf(recipient) ?? shortRecipient(recipient);
}
