import { unwrapDataKey } from '../age/data-key.ts';
import type { Identity } from '../age/identity.ts';
import { shortRecipient } from '../age/recipient.ts';
import { SecretsError } from '../errors.ts';
import type { IdentitySet } from '../keys/sources.ts';
import { readSopsFile, type SopsFile } from '../sops/document.ts';
import type { FormatName } from '../sops/formats/format.ts';
import { recipientsOf } from '../sops/metadata.ts';
import { type Opened, open } from '../sops/open.ts';
import type { Inventory } from '../workspace/model.ts';
import { readWorkFile, type WorkFile } from './files.ts';
import type { Workspace } from './workspace.ts';

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
 * @throws SecretsError `NO_IDENTITY` (exit 4, names the readers), `NOT_ENCRYPTED`, `BAD_CIPHERTEXT`, `MAC_MISMATCH`
 */
export async function unlock(workspace: Workspace, path: string, format: FormatName): Promise<UnlockedFile> {
  const before = await readWorkFile(workspace.root, path);
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
  const dataKey = await unwrapAny(file, set.identities);
  if (dataKey === null) throw noIdentity(workspace.inventory, path, file, set);
  return dataKey;
}

/**
 * The data key of a file, by the first stanza that one of the identities opens; `null` where none does.
 *
 * @throws SecretsError `UNSUPPORTED` for a file whose key is split over several key groups
 */
export async function unwrapAny(file: SopsFile, identities: readonly Identity[]): Promise<Uint8Array | null> {
  const [group, ...others] = file.metadata.groups;
  if (others.length > 0) throw severalGroups(file.metadata.groups.length);
  let damaged: SecretsError | null = null;
  for (const stanza of group?.age ?? []) {
    try {
      const dataKey = await unwrapDataKey(stanza.enc, identities);
      if (dataKey?.length === 32) return dataKey;
    } catch (error) {
      // One broken stanza must not hide the good one behind it, as in sops.
      if (!(error instanceof SecretsError)) throw error;
      damaged ??= error;
    }
  }
  if (damaged !== null) throw damaged;
  return null;
}

function severalGroups(count: number): SecretsError {
  return new SecretsError('UNSUPPORTED', `the data key is split over ${count} key groups (Shamir)`, {
    hint: 'sops-nix needs a key of enough groups on the host; write one group in .sops.yaml and run `sops updatekeys`',
  });
}

function noIdentity(inventory: Inventory, path: string, file: SopsFile, set: IdentitySet): SecretsError {
  const readers = recipientsOf(file.metadata).map(recipient => displayName(inventory, recipient));
  const message =
    set.identities.length === 0
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
