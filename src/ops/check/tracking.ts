import { SecretsError } from '../../errors.ts';
import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { modulePath } from '../modules.ts';
import type { IgnoreRule, VersionControl } from '../ports.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import { type CheckFinding, finding } from './finding.ts';

/** A flake sees what git tracks, and nothing else. */
export async function checkTracking(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const { versionControl } = draft.workspace.around;
  if (versionControl === null) return [];
  const modules = [...draft.inventory.hosts.keys()].map(host => modulePath(draft.inventory, host));
  const needed = states.filter(({ state }) => state === 'ok' || state === 'drifted').map(({ path }) => path);
  const configs = draft.workspace.config === null ? [] : [INVENTORY_FILE];
  // what git ignores is on the disk all the same
  const present: string[] = [];
  for (const path of modules) if ((await draft.read(path)) !== null) present.push(path);
  const paths = [...new Set([...configs, ...needed, ...present])];
  return [...(await unseenByNix(draft, paths)).values()];
}

/**
 * Those of the files that git does not track, and the findings for them; none without git, and none for what lies in
 * another repository or behind a link.
 */
export async function unseenByNix(
  draft: Draft,
  paths: readonly string[],
): Promise<Map<string, CheckFinding>> {
  const { versionControl } = draft.workspace.around;
  if (versionControl === null) return new Map();
  const own = await ownPaths(versionControl, draft.paths, paths);
  const tracked = await versionControl.tracked(own);
  const missing = own.filter(path => !tracked.has(path));
  const ignored = await versionControl.ignored(missing);
  return new Map(missing.map(path => [path, unseen(path, ignored.get(path))]));
}

/** What git lists is of this repository; of any other path it is asked by itself, because it may refuse all for one. */
async function ownPaths(
  versionControl: VersionControl,
  listed: readonly string[],
  paths: readonly string[],
): Promise<string[]> {
  const known = new Set(listed);
  const own: string[] = [];
  for (const path of paths) if (known.has(path) || (await isOwn(versionControl, path))) own.push(path);
  return own;
}

async function isOwn(versionControl: VersionControl, path: string): Promise<boolean> {
  try {
    await versionControl.ignored([path]);
    return true;
  } catch (error) {
    if (error instanceof SecretsError && error.code === 'BAD_PATH') return false;
    throw error;
  }
}

function unseen(path: string, rule: IgnoreRule | undefined): CheckFinding {
  if (rule === undefined) {
    const message = 'git does not track it, so a flake does not see it';
    return finding('untracked', { file: path }, message, `git add ${path}`);
  }
  const message = `git ignores it (${rule.source}:${rule.line}, ${rule.pattern}), so a flake does not see it`;
  return finding('ignored', { file: path }, message, `take the pattern out, then git add ${path}`);
}
