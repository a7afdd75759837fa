import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from '../errors.ts';
import type { GitResult } from './run.ts';

/**
 * Refuses paths that lie in a submodule or in another repository inside this one: git would take them silently
 * for nothing of its business.
 *
 * @param root the workspace root, absolute
 * @throws SecretsError `BAD_PATH`
 */
export function assertOwnPaths(root: string, paths: readonly string[]): void {
  const own = new Set<string>();
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= folders.length; depth++) {
      const folder = folders.slice(0, depth).join('/');
      if (own.has(folder)) continue;
      if (isThere(join(root, folder, '.git'))) throw inAnother(path, folder);
      own.add(folder);
    }
  }
}

/** The error for a path that git itself refuses for that reason; `null` for every other complaint. */
export function foreignPath(result: GitResult): SecretsError | null {
  const linked = /pathspec '(?:\.\/)?(.*)' is beyond a symbolic link/s.exec(result.stderr)?.[1];
  if (linked !== undefined) {
    return new SecretsError('BAD_PATH', 'the way to the file leads through a symbolic link', {
      file: linked,
      hint: 'replace the link by the folder itself',
    });
  }
  const match = /Pathspec '(.*)' is in submodule '(.*)'/s.exec(result.stderr);
  return match === null ? null : inAnother(match[1] ?? '', match[2] ?? '');
}

/** True where anything stands at a path, a dangling link too. */
export function isThere(absolute: string): boolean {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function inAnother(path: string, folder: string): SecretsError {
  const message = `${JSON.stringify(path)} lies in ${JSON.stringify(folder)}, which is a git repository of its own`;
  return new SecretsError('BAD_PATH', message, {
    file: path,
    hint: `run the command inside ${JSON.stringify(folder)}`,
  });
}
