import { formatOfPath } from '../../sops/formats/of-path.ts';
import { isClearByName, isPlaceholder, mayBeClear } from '../../workspace/in-clear.ts';
import type { Inventory } from '../../workspace/model.ts';
import { listSecrets, type ManagedFile } from '../../workspace/secrets.ts';
import { CONFIG_NAME } from '../drift/configs.ts';
import type { Governance, TreeConfigs } from '../guard/configs.ts';
import { managedFile } from '../scan-files.ts';
import type { Reader } from './access-model.ts';
import type { NamesOfBoth } from './access-names.ts';
import { type FileMarks, fileMarks, type LeafMark } from './marks.ts';

/** A secret on one side. */
export interface SideSecret {
  /** As the side itself calls it. */
  readonly secret: string;
  readonly file: string;
  /** Without the folder; `null` outside of our own tree. */
  readonly ownName: string | null;
  readonly key: string | null;
  readonly leaves: readonly LeafMark[];
  readonly readers: readonly Reader[];
}

/** A file on one side. */
export type SideFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'in-clear' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'sops'; readonly secrets: readonly SideSecret[]; readonly leaves: readonly LeafMark[] };

const NONE: SideFile = { kind: 'none' };

/** A file of one side before its secrets are known. */
interface Read {
  readonly path: string;
  readonly marks: FileMarks;
  readonly governance: Governance;
}

/**
 * What files are on one side of a comparison; what has nothing to do with secrets is left out.
 *
 * @param files each is read once, one after the other; `null`: it is not there
 */
export async function sideFiles(
  files: readonly { readonly path: string; readonly read: () => Promise<Uint8Array | null> }[],
  configs: TreeConfigs,
  names: NamesOfBoth,
): Promise<Map<string, SideFile>> {
  const found = new Map<string, SideFile>();
  const read: Read[] = [];
  const managed = new Map<Inventory, { folder: string; files: ManagedFile[] }>();
  for (const { path, read: readBytes } of files) {
    const bytes = path === CONFIG_NAME || path.endsWith(`/${CONFIG_NAME}`) ? null : await readBytes();
    if (bytes === null) continue;
    const governance = configs.governing(path);
    const marks = await fileMarks(path, bytes);
    if (marks === null) found.set(path, unencrypted(path, bytes, governance));
    else {
      read.push({ path, marks, governance });
      await addManaged(managed, path, bytes, governance);
    }
  }
  const secrets = secretsByFile(managed);
  for (const each of read) found.set(each.path, encrypted(each, secrets.get(each.path) ?? [], names));
  return found;
}

async function addManaged(
  managed: Map<Inventory, { folder: string; files: ManagedFile[] }>,
  path: string,
  bytes: Uint8Array,
  { config, inventory, rule }: Governance,
): Promise<void> {
  if (inventory === null || rule === null) return;
  const folder = (config ?? '').slice(0, -CONFIG_NAME.length);
  const file = await managedFile(path.slice(folder.length), bytes);
  const those = managed.get(inventory) ?? { folder, files: [] };
  managed.set(inventory, those);
  if (file !== null) those.files.push(file);
}

/** All secrets of one config at once: each listing goes through all that the config says. */
function secretsByFile(
  managed: ReadonlyMap<Inventory, { readonly folder: string; readonly files: readonly ManagedFile[] }>,
): Map<string, Found[]> {
  const byFile = new Map<string, Found[]>();
  for (const [inventory, { folder, files }] of managed)
    for (const { name, address, key, emitted, file, pending } of listSecrets(inventory, files)) {
      if (pending === true) continue;
      const path = folder + file;
      const place = key === null ? path : `${path}#${key}`;
      const secret = emitted && folder === '' ? address : place;
      const those = byFile.get(path) ?? [];
      byFile.set(path, those);
      those.push({ secret, ownName: emitted ? name : null, key });
    }
  return byFile;
}

/** A file whose secrets nobody can name is one as a whole. */
function encrypted({ path, marks }: Read, found: readonly Found[], names: NamesOfBoth): SideFile {
  const { leaves, recipients } = marks;
  const readers = [...new Set(recipients)].map(recipient => names.reader(recipient, path));
  const those = found.length > 0 ? found : [{ secret: path, ownName: null, key: null }];
  const byKey = new Map<string, LeafMark[]>();
  for (const leaf of leaves) byKey.set(leaf.key, [...(byKey.get(leaf.key) ?? []), leaf]);
  const secrets = those.map(each => ({
    ...each,
    file: path,
    readers,
    leaves: each.key === null ? leaves : (byKey.get(each.key) ?? []),
  }));
  return { kind: 'sops', secrets, leaves };
}

type Found = Pick<SideSecret, 'secret' | 'ownName' | 'key'>;

/** What a rule governs and nothing encrypts can be read by whoever has the repository. */
function unencrypted(path: string, bytes: Uint8Array, { rule }: Governance): SideFile {
  if (rule === null || rule.pathRegex === null || bytes.length === 0) return NONE;
  const inside = /(?:^|\/)secrets\/(.*)$/.exec(path)?.[1] ?? null;
  if (isPlaceholder(path) || isClearByName(path, true) || mayBeClear(path, inside, rule)) return NONE;
  const hasMark = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('ENC[AES256_GCM,');
  return { kind: hasMark && formatOfPath(path) !== 'binary' ? 'unreadable' : 'in-clear' };
}
