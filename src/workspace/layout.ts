import type { ManagedFile } from './managed-file.ts';
import type { Inventory } from './model.ts';
import { addressOf, namesOfFolder, pathRegexOf, SECRETS_FOLDER, secretNameProblem } from './names.ts';

/** Where a file stands in the tree that the tool lays out. */
export interface TreePlace {
  readonly folder: string;
  readonly name: string;
  readonly address: string;
  /** The key inside a YAML file, `null` where the whole file is the secret. */
  readonly key: string | null;
}

const TREE_PATH = /^secrets\/([^/]+)\/(.+)\.(yaml|env|bin)$/;
/** Deeper keys than this belong to no secret of ours. */
const DEEPEST_LEAF = 64;

/**
 * The place of a file in the tree `secrets/FOLDER/NAME.{yaml,env,bin}`; `null` for every other file, and for a
 * YAML file that holds anything but the one value of its name.
 */
export function treePlace(inventory: Inventory, file: ManagedFile): TreePlace | null {
  const [, folder = '', name = '', extension = ''] = TREE_PATH.exec(file.path) ?? [];
  if (name === '' || secretNameProblem(name) !== null || !isOurFolder(inventory, folder)) return null;
  const address = addressOf(folder, name);
  if (extension !== 'yaml') return { folder, name, address, key: null };
  if (file.leaves !== null && !holdsOnly(file.leaves, name.split('/'))) return null;
  return { folder, name, address, key: name };
}

/** A folder is ours if it is named after known hosts and groups, or if a rule of our making claims it. */
function isOurFolder(inventory: Inventory, folder: string): boolean {
  const names = namesOfFolder(folder);
  if (names === null) return false;
  if (names.every(name => inventory.hosts.has(name) || inventory.groups.has(name))) return true;
  const regex = pathRegexOf(folder);
  return inventory.rules.some(rule => rule.pathRegex === regex);
}

function holdsOnly(leaves: readonly (readonly string[])[], path: readonly string[]): boolean {
  const [leaf, ...others] = cleanLeaves(leaves);
  if (leaf === undefined || leaf.length !== path.length) return false;
  return others.every(other => same(other, leaf)) && same(leaf, path);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/**
 * The leaves that can be values: a path that leads on to another leaf is that of a map (a comment in it was
 * taken for a leaf), and an empty path is none.
 */
export function cleanLeaves(leaves: readonly (readonly string[])[]): (readonly string[])[] {
  const maps = new Set<string>();
  const usable = leaves.filter(leaf => leaf.length > 0 && leaf.length <= DEEPEST_LEAF);
  for (const leaf of usable) {
    for (let length = 1; length < leaf.length; length++) maps.add(JSON.stringify(leaf.slice(0, length)));
  }
  return usable.filter(leaf => !maps.has(JSON.stringify(leaf)));
}

/** The path of a secret in the tree. */
export function treePath(folder: string, name: string, extension: string): string {
  return `${SECRETS_FOLDER}/${folder}/${name}${extension}`;
}
