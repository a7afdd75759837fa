import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { World } from './world.ts';

/**
 * True in a hook whose commit ends a merge. Looks at one file alone, because every commit waits for the answer: git
 * tells its hooks where the index is, and `MERGE_HEAD` lies beside it.
 */
export function endsMerge({ cwd, env }: World, hook: string): boolean {
  if (hook === 'pre-merge-commit') return true;
  const index = env['GIT_INDEX_FILE'];
  if (hook !== 'pre-commit' || index === undefined) return false;
  return existsSync(join(dirname(resolve(cwd, index)), 'MERGE_HEAD'));
}
