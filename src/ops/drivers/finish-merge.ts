import { SecretsError } from '../../errors.ts';
import { readSopsFile } from '../../sops/document.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { configText } from '../../workspace/config-bytes.ts';
import { driftOf, isDrifted } from '../../workspace/drift.ts';
import type { Inventory } from '../../workspace/model.ts';
import { parseInventory } from '../../workspace/parse.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import { type FileState, fileStates } from '../drift/governed.ts';
import { NOTHING_SYNCED, type Synced, syncDraft } from '../drift/sync.ts';
import { emitModules } from '../modules.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import type { MergeTrees } from './merge-policy.ts';

/** What a merge leaves to be done. */
export interface Finished {
  readonly synced: Synced;
  /** Files that differ from their rule and were not touched, because one of the sides had left them so. */
  readonly left: readonly string[];
}

/**
 * A merge driver sees only files that both sides changed. This brings the others to the merged config: a secret that
 * one side added, of which the other changed the readers, and the modules. Only what was in order on each side is
 * touched; where a side changed a rule and left files behind, nothing under that rule is.
 *
 * @param draft the merged workspace; gets the changes
 * @param prefix the workspace root as git's top sees it: empty, or ending in `/`
 */
export async function finishMerge(draft: Draft, trees: MergeTrees, prefix: string): Promise<Finished> {
  const drifted = (await fileStates(draft)).filter(({ state }) => state === 'drifted');
  const found: { state: FileState; sound: boolean }[] = [];
  if (drifted.length > 0) {
    const sides = [await sideOf(trees, 'ours', prefix), await sideOf(trees, 'theirs', prefix)];
    for (const state of drifted) {
      const sound = await Promise.all(sides.map(side => wasSound(side, state.path)));
      found.push({ state, sound: !sound.includes(false) });
    }
  }
  const spoilt = new Set(found.filter(({ sound }) => !sound).map(({ state }) => ruleId(state)));
  const paths = found.filter(({ state }) => !spoilt.has(ruleId(state))).map(({ state }) => state.path);
  const synced =
    paths.length === 0 ? NOTHING_SYNCED : await syncDraft(draft, { only: paths, skipUnreadable: true });
  await emitModules(draft);
  const left = found.filter(({ state }) => !paths.includes(state.path)).map(({ state }) => state.path);
  return { synced, left };
}

function ruleId({ config, rule }: FileState): string {
  return JSON.stringify([config, rule?.pathRegex]);
}

interface SideTree {
  readonly inventory: Inventory | null;
  read(path: string): Promise<Uint8Array | null>;
}

async function sideOf(trees: MergeTrees, side: 'ours' | 'theirs', prefix: string): Promise<SideTree> {
  const config = await trees.read(side, prefix + INVENTORY_FILE);
  return {
    inventory: config === null ? null : parsed(config),
    read: path => trees.read(side, prefix + path),
  };
}

function parsed(bytes: Uint8Array): Inventory | null {
  try {
    return parseInventory(configText(bytes, INVENTORY_FILE), INVENTORY_FILE);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

/** True for a file that a side did not have, or had as its own rule said. */
async function wasSound({ inventory, read }: SideTree, path: string): Promise<boolean> {
  const bytes = await read(path);
  if (bytes === null) return true;
  const rule = inventory === null ? null : ruleFor(inventory, path);
  if (rule === null) return false;
  try {
    const format = formatOfPath(path);
    return !isDrifted(driftOf((await readSopsFile(bytes, format)).metadata, format, rule));
  } catch (error) {
    if (error instanceof SecretsError) return false;
    throw error;
  }
}
