import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SecretsError } from '../errors.ts';
import { configText } from '../workspace/config-bytes.ts';
import type { Inventory, Secret } from '../workspace/model.ts';
import { parseInventory } from '../workspace/parse.ts';
import { listSecrets, type ManagedFile } from '../workspace/secrets.ts';
import { isStagingPath, MAX_FILE_BYTES, readWorkFile, type WorkFile } from './files.ts';
import type { Surroundings } from './ports.ts';
import { scanManagedFiles } from './scan-files.ts';
import { errnoOf } from './transaction/system-error.ts';
import { settle } from './transaction.ts';

export const INVENTORY_FILE = '.sops.yaml';

/** An open workspace: the inventory and what lies below it, read once. */
export interface Workspace {
  /** Absolute path of the folder that holds `.sops.yaml`. */
  readonly root: string;
  /** Absolute path of the folder for the lock and the journal. */
  readonly stateDir: string;
  readonly around: Surroundings;
  readonly inventory: Inventory;
  /** `.sops.yaml` as it was read; `null` while `init` is about to make it, and where only folders below have one. */
  readonly config: WorkFile | null;
  /** Every path below the root that git knows or could add; without git, every file. */
  readonly paths: readonly string[];
  readonly files: readonly ManagedFile[];
  readonly secrets: readonly Secret[];
}

/**
 * The nearest folder at or above `from` that holds a `.sops.yaml`, `null` where there is none.
 *
 * @param top git's top: what lies above it is another repository, or nobody's. `null` without git
 */
export async function findRoot(from: string, top: string | null = null): Promise<string | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    if (await isThere(join(folder, INVENTORY_FILE))) return folder;
    if (folder === top || dirname(folder) === folder) return null;
  }
}

/**
 * Reads the config of a folder as sops does, through links, where nothing is going to be written.
 *
 * @param name how it is called in errors
 * @throws SecretsError `BAD_INVENTORY`, `BAD_PATH` (a folder or a pipe)
 */
export async function readInventory(root: string, name = INVENTORY_FILE): Promise<Inventory> {
  const path = join(root, INVENTORY_FILE);
  const found = await stat(path);
  if (!found.isFile()) throw new SecretsError('BAD_PATH', 'it is not a regular file', { file: name });
  if (found.size > MAX_FILE_BYTES)
    throw new SecretsError('BAD_INVENTORY', 'it is larger than 4 MiB', { file: name });
  return parseInventory(configText(await readFile(path), name), name);
}

/** Whatever it is: a folder or a broken link of that name is to be told, not passed over for a config further up. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR';
  }
}

/** Where the lock and the journal of a workspace lie. */
export function stateDirOf(root: string, around: Surroundings): string {
  return around.versionControl?.stateDir ?? join(root, '.secrets-state');
}

/**
 * Settles what a former run left, then reads `.sops.yaml` and every file that it governs. Needs no key.
 *
 * @param nestedOnly for reading: where the root has no `.sops.yaml`, but folders below it have, the inventory is empty
 * @throws SecretsError `NO_INVENTORY`, `BAD_INVENTORY`, `PENDING_JOURNAL`
 */
export async function openWorkspace(
  root: string,
  around: Surroundings,
  nestedOnly = false,
): Promise<Workspace> {
  const stateDir = stateDirOf(root, around);
  await settle(root, stateDir, async paths => around.versionControl?.stage(paths));
  const config = await readWorkFile(root, INVENTORY_FILE);
  const paths = await listPaths(root, around);
  // people keep one config for each part of the tree, and none above them
  if (config === null && !(nestedOnly && paths.some(isNestedConfig))) throw noInventory(nestedFolders(paths));
  const text = config === null ? '' : configText(config.bytes, INVENTORY_FILE);
  const inventory = parseInventory(text, INVENTORY_FILE);
  const files = await scanManagedFiles(root, inventory, paths);
  return { root, stateDir, around, inventory, config, paths, files, secrets: listSecrets(inventory, files) };
}

function isNestedConfig(path: string): boolean {
  return path.endsWith(`/${INVENTORY_FILE}`);
}

/** Folders that have a config of their own, among the paths of a work tree. */
export function nestedFolders(paths: readonly string[]): string[] {
  return paths.filter(isNestedConfig).map(path => dirname(path));
}

/**
 * The error of every command that needs a workspace and finds none.
 *
 * @param nested folders below that have one, and in which the command would work
 */
export function noInventory(nested: readonly string[] = []): SecretsError {
  const [first] = nested;
  const others = nested.length > 1 ? ` (or one of ${nested.length - 1} more)` : '';
  const hint =
    first === undefined
      ? 'run `secrets init` at the top of your flake'
      : `run it in ${first}${others}, which has a .sops.yaml`;
  return new SecretsError('NO_INVENTORY', 'no .sops.yaml here or in a folder above', { hint });
}

/** Every path that git knows or could add; without git every file below the root. */
export async function listPaths(root: string, around: Surroundings): Promise<string[]> {
  return around.versionControl === null ? walk(root) : around.versionControl.listFiles();
}

/** Every file below a folder, for a workspace without git. Links and hidden folders are not entered. */
async function walk(root: string, folder = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile() && !isStagingPath(path)) found.push(path);
    else if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
      found.push(...(await walk(root, path)));
    }
  }
  return found.sort();
}
