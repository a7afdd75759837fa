import { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import type { SopsFile } from '../../sops/document.ts';
import { open } from '../../sops/open.ts';
import { compileSelection } from '../../sops/selection.ts';
import { mapLeaves } from '../../sops/walk.ts';
import { insideSecrets, isCatchAll, mayBeClear } from '../../workspace/in-clear.ts';
import { ConfigTexts, type TreeConfigs } from './configs.ts';
import { inTurns } from './in-turns.ts';
import { KnownValues } from './known-table.ts';
import { pathName } from './names.ts';
import { quietDataKey, quietIdentities } from './quiet-key.ts';
import { readManaged } from './read-managed.ts';
import type { Tree } from './snapshot.ts';

export { findKnownValues } from './find-known-values.ts';
export type { KnownValues } from './known-table.ts';

const AT_ONCE = 8;
/** Under a rule that governs everything, only names and kinds like these are read. */
const LIKELY = /\.(?:ya?ml|json|env|ini)$|sops|secret|\.enc(?:\.|$)/i;
const MARK = Buffer.from('ENC[AES256_GCM,');

/** A tree of which values are known. */
export interface KnownTree {
  readonly tree: Tree;
  /** The paths that count; `null`: all of them. */
  readonly only: ReadonlySet<string> | null;
}

/**
 * Decrypts every managed file of some trees, as far as identities open it without asking anybody.
 *
 * @throws nothing for files that do not parse or open: {@link KnownValues.note} counts them
 */
export async function loadKnownValues(
  trees: readonly KnownTree[],
  identities: () => Promise<IdentitySet>,
): Promise<KnownValues> {
  const known = new KnownValues();
  const files: EncryptedFile[] = [];
  for (const each of trees) files.push(...(await encryptedFiles(each)));
  if (files.length === 0) return known;
  const quiet = quietIdentities(await identities());
  const opened = quiet.length === 0 ? [] : await inTurns(files, AT_ONCE, file => valuesOf(file, quiet));
  for (const value of opened.flatMap(values => values ?? [])) known.add(value.name, value.file, value.text);
  const missing = files.length - opened.filter(values => values !== null).length;
  if (missing > 0) known.note = noteFor(missing, files.length, quiet.length > 0);
  return known;
}

async function encryptedFiles({ tree, only }: KnownTree): Promise<EncryptedFile[]> {
  const governed = async () => {
    const configs = await (await ConfigTexts.of(tree)).load();
    const folders = new Set(configs.folders());
    return (path: string) => isManaged(path, configs, folders, tree);
  };
  const read = async (paths: readonly string[]) => {
    const files = await inTurns(paths, AT_ONCE, path => encryptedFile(tree, path));
    return files.filter(file => file !== null);
  };
  if (only === null) return read(tree.paths.filter(await governed()));
  // of the few that changed most are not encrypted at all, and then no config has to be read
  const files = await read(tree.paths.filter(path => only.has(path)));
  if (files.length === 0) return [];
  const isGoverned = await governed();
  return files.filter(({ path }) => isGoverned(path));
}

function isManaged(path: string, configs: TreeConfigs, folders: ReadonlySet<string>, tree: Tree): boolean {
  if (tree.links?.has(path) === true) return false;
  const { rule } = configs.governing(path);
  const inside = insideSecrets(path, folders);
  if (mayBeClear(path, inside, rule)) return false;
  if (inside !== null || (rule !== null && !isCatchAll(rule))) return true;
  return rule !== null && LIKELY.test(path);
}

interface EncryptedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface OpenedValue {
  readonly name: string;
  readonly file: string;
  readonly text: string | Uint8Array;
}

async function encryptedFile(tree: Tree, path: string): Promise<EncryptedFile | null> {
  const bytes = await tree.read(path);
  if (bytes === null) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK)
    ? { path, bytes }
    : null;
}

/**
 * The values of a file, `null` where it does not open. A wrong MAC does not matter here: what can be decrypted is
 * known.
 */
async function valuesOf(
  { path, bytes }: EncryptedFile,
  identities: Parameters<typeof quietDataKey>[1],
): Promise<OpenedValue[] | null> {
  try {
    const { format, documents, metadata } = await readManaged(path, bytes);
    const file: SopsFile = { format, documents, metadata };
    const dataKey = await quietDataKey(file, identities);
    return dataKey === null ? null : openedValues(path, file, dataKey);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

function openedValues(path: string, file: SopsFile, dataKey: Uint8Array): OpenedValue[] {
  const values: OpenedValue[] = [];
  const rule = compileSelection(file.metadata.selection);
  for (const document of open(file, dataKey, { ignoreMac: true }).documents) {
    mapLeaves(document, rule, (leaf, place) => {
      const isText = typeof leaf === 'string' || leaf instanceof Uint8Array;
      if (isText && place.selected) values.push({ name: nameOf(file, place.path), file: path, text: leaf });
      return leaf;
    });
  }
  return values;
}

function nameOf({ format }: SopsFile, path: readonly string[]): string {
  return format === 'binary' ? 'the content' : pathName(path);
}

function noteFor(missing: number, all: number, hasIdentity: boolean): string {
  const files = all === 1 ? 'the 1 managed file' : `${missing} of ${all} managed files`;
  const why = hasIdentity ? 'none of your identities opens' : 'no identity opens';
  return `values of ${files} were not looked for elsewhere: ${why} ${all === 1 ? 'it' : 'them'} without asking`;
}
