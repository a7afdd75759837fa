import { relative, resolve, sep } from 'node:path';
import { SecretsError } from '../errors.ts';
import type { Workspace } from '../ops/workspace.ts';
import type { World } from './world.ts';

/**
 * Paths as the person gave them, from the folder where they stand, as paths below the workspace root; the root
 * itself is left out.
 *
 * @throws SecretsError `BAD_PATH` for one that lies elsewhere
 */
export function pathsBelow(world: World, workspace: Workspace, paths: readonly string[]): string[] {
  return paths
    .map(path => {
      const below = relative(workspace.root, resolve(world.cwd, path)).split(sep).join('/');
      if (below === '..' || below.startsWith('../'))
        throw new SecretsError('BAD_PATH', 'the path lies outside of the repository', { file: path });
      return below;
    })
    .filter(path => path !== '');
}
