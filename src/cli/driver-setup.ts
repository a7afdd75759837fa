import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SecretsError } from '../errors.ts';
import { type DriverPlace, driversStatus, installDrivers, uninstallDrivers } from '../git/drivers.ts';
import { findGitTop } from '../git/repository.ts';
import { type AttributeLines, attributeLines } from '../ops/drivers/attributes.ts';
import { scanManagedFiles } from '../ops/scan-files.ts';
import { findRoot, listPaths, readInventory } from '../ops/workspace.ts';
import { surroundings } from './session.ts';
import type { World } from './world.ts';

/**
 * Sets up readable diffs and merges for the workspace around the current folder.
 *
 * @returns what was changed; empty where all of it is there, or this is no workspace in git
 * @throws SecretsError `PROGRAM_FAILED`, `WRITE_FAILED`
 */
export async function setUpDrivers(world: World): Promise<readonly string[]> {
  const place = await placeOf(world);
  return place === null ? [] : installDrivers(place);
}

/** The other way round. */
export async function takeDown(world: World): Promise<readonly string[]> {
  const place = await placeOf(world);
  return place === null ? [] : uninstallDrivers(place);
}

/** How far they are set up; `null` where this is no workspace in git. */
export async function lookAtDrivers(world: World) {
  const place = await placeOf(world);
  return place === null ? null : driversStatus(place);
}

async function placeOf(world: World): Promise<DriverPlace | null> {
  const { cwd, env, launch } = world;
  const top = await findGitTop(cwd, env);
  const root = top === null ? null : await findRoot(cwd, top);
  if (root === null) return null;
  return { root, env, launch, lines: await linesOf(world, root) };
}

/** A config that does not load has no rules and no files for now. */
async function linesOf(world: World, root: string) {
  try {
    const inventory = await readInventory(root);
    const paths = await listPaths(root, await surroundings(world, root));
    return present(root, attributeLines(inventory, await scanManagedFiles(root, inventory, paths)));
  } catch (error) {
    if (error instanceof SecretsError) return present(root, attributeLines({ rules: [] }, []));
    throw error;
  }
}

/** A repository that keeps its secrets elsewhere does not get a folder for the sake of a file in it. */
function present(root: string, lines: AttributeLines): AttributeLines {
  return new Map([...lines].filter(([path]) => existsSync(dirname(join(root, path)))));
}
