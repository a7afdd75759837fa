import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, sep } from 'node:path';
import { SecretsError } from '../../errors.ts';
import type { Environment } from '../places.ts';

/** Where plugins may come from. */
export interface PluginSearch {
  readonly env: Environment;
  /** Absolute: the work trees whose files must never be run, because others write them. */
  readonly untrusted: readonly string[];
}

/**
 * The program of a plugin: the first in the `PATH` that lies neither in the work tree nor in a `node_modules`, not
 * even by a link. A repository that names `age1NAME1…` in its `.sops.yaml` could otherwise bring the program along.
 *
 * @param name checked: no separator is in it
 * @returns absolute
 * @throws SecretsError `PLUGIN_UNAVAILABLE`, which says where it was found and not taken
 */
export async function findPlugin(name: string, search: PluginSearch): Promise<string> {
  const { path, refused } = await findProgram(`age-plugin-${name}`, search);
  if (path === null) throw missing(name, refused);
  return path;
}

/**
 * The first program of that name in the `PATH` that may be run, as {@link findPlugin} decides it.
 *
 * @param file its file name
 * @returns `refused`: where it was found and not taken
 */
export async function findProgram(
  file: string,
  { env, untrusted }: PluginSearch,
): Promise<{ path: string | null; refused: string[] }> {
  const trees = await Promise.all(untrusted.map(realOr));
  const refused: string[] = [];
  for (const folder of foldersOf(env)) {
    const path = join(folder, file);
    if (!(await isProgram(path))) continue;
    const real = await realOr(path);
    const foreign = !isAbsolute(folder) || [path, real].some(each => isUntrusted(each, trees));
    if (!foreign) return { path, refused };
    refused.push(folder === '' ? '.' : folder);
  }
  return { path: null, refused };
}

/** The `PATH` for a program that starts others by it: without relative folders, those of the work tree and of `node_modules`. */
export async function trustedPath({ env, untrusted }: PluginSearch): Promise<string> {
  const trees = await Promise.all(untrusted.map(realOr));
  const kept: string[] = [];
  for (const folder of foldersOf(env)) {
    const foreign = [folder, await realOr(folder)].some(each => isUntrusted(`${each}${sep}`, trees));
    if (isAbsolute(folder) && !foreign) kept.push(folder);
  }
  return kept.join(delimiter);
}

function foldersOf(env: Environment): string[] {
  return (env['PATH'] ?? '').split(delimiter);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function realOr(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function isUntrusted(path: string, trees: readonly string[]): boolean {
  return path.split(sep).includes('node_modules') || trees.some(tree => path.startsWith(`${tree}${sep}`));
}

function missing(name: string, refused: readonly string[]): SecretsError {
  if (refused.length === 0) {
    return new SecretsError('PLUGIN_UNAVAILABLE', `age-plugin-${name} is not installed`, {
      hint: `a key in use is of this plugin: install age-plugin-${name}, so that it is in your PATH`,
    });
  }
  return new SecretsError(
    'PLUGIN_UNAVAILABLE',
    `age-plugin-${name} is only in ${refused.join(', ')}, and is not run from there`,
    {
      hint: 'a plugin is taken from an absolute PATH entry outside of the work tree and of any node_modules',
    },
  );
}
