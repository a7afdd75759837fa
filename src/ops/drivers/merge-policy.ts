import { SecretsError } from '../../errors.ts';
import { configText } from '../../workspace/config-bytes.ts';
import { type MergedConfig, mergeConfigs } from '../../workspace/merge-config.ts';
import type { Inventory } from '../../workspace/model.ts';
import { parseInventory } from '../../workspace/parse.ts';
import { ruleFor } from '../../workspace/rules.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import type { Policy } from './merge-readers.ts';

type Side = 'base' | 'ours' | 'theirs';

/** The trees of the commits that are merged; paths relative to git's top. */
export interface MergeTrees {
  /** `null`: the file is not there. */
  read(side: Side, path: string): Promise<Uint8Array | null>;
  paths(side: Side): Promise<readonly string[]>;
}

/** Who may read a file, and by which config. */
export interface FilePolicy extends Policy {
  /** For names; `null`: there is no config that can be read. */
  readonly inventory: Inventory | null;
}

/**
 * The rule that governs a file once the merge is done. While git merges one file the others are not merged yet, so the
 * configs of both sides are merged here as their own driver will merge them.
 *
 * @param trees `null` where the commits are not known
 * @param ours the config of our side, for that case
 */
export async function mergedPolicy(
  path: string,
  trees: MergeTrees | null,
  ours: () => Promise<{ inventory: Inventory; path: string } | null>,
): Promise<FilePolicy> {
  if (trees !== null) {
    const found = await governing(path, trees);
    if (found !== null) return found;
  }
  const config = await ours().catch(() => null);
  if (config === null) return { rule: null, certain: trees !== null, inventory: null };
  return { rule: ruleFor(config.inventory, config.path), certain: false, inventory: config.inventory };
}

/** The nearest folder whose config the merge will have; `null`: there is none. */
async function governing(path: string, trees: MergeTrees): Promise<FilePolicy | null> {
  for (const folder of foldersAbove(path)) {
    const [ours, theirs] = await Promise.all([
      trees.read('ours', folder + INVENTORY_FILE),
      trees.read('theirs', folder + INVENTORY_FILE),
    ]);
    if (ours === null && theirs === null) continue;
    const matched = path.slice(folder.length);
    const merged = await mergedConfigOf(folder, trees);
    if (merged?.kind === 'merged')
      return { rule: ruleFor(merged.inventory, matched), certain: true, inventory: merged.inventory };
    const inventory = ours === null ? null : readable(ours, folder);
    return { rule: inventory === null ? null : ruleFor(inventory, matched), certain: false, inventory };
  }
  return null;
}

function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at >= 0; at = path.lastIndexOf('/', at - 1)) {
    yield path.slice(0, at + 1);
    if (at === 0) break;
  }
  yield '';
}

/**
 * The merged config of a folder; `null` where one side has none and it is not told what becomes of it.
 *
 * @param folder empty, or ending in `/`
 */
async function mergedConfigOf(folder: string, trees: MergeTrees): Promise<MergedConfig | null> {
  const file = folder + INVENTORY_FILE;
  const [base, ours, theirs] = await Promise.all(
    (['base', 'ours', 'theirs'] as const).map(side => trees.read(side, file)),
  );
  try {
    const texts = [base, ours, theirs].map(bytes => (bytes == null ? null : configText(bytes, file)));
    const [was = null, mine = null, other = null] = texts;
    if (mine === null || other === null) {
      const kept = mine ?? other;
      return kept === null || was !== null
        ? null
        : merge({ base: kept, ours: kept, theirs: kept }, folder, trees);
    }
    return await merge({ base: was ?? '', ours: mine, theirs: other }, folder, trees);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

/** Merges three texts of a config, with the paths of both sides to check its rules by. */
export async function merge(
  versions: { readonly base: string; readonly ours: string; readonly theirs: string },
  folder: string,
  trees: MergeTrees | null,
): Promise<MergedConfig> {
  const below = async (side: Side) =>
    ((await trees?.paths(side)) ?? [])
      .filter(path => path.startsWith(folder))
      .map(path => path.slice(folder.length));
  const paths = { ours: await below('ours'), theirs: await below('theirs') };
  return mergeConfigs(versions, paths, folder + INVENTORY_FILE);
}

function readable(bytes: Uint8Array, folder: string): Inventory | null {
  try {
    return parseInventory(configText(bytes, folder + INVENTORY_FILE), folder + INVENTORY_FILE);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
