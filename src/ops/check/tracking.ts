import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { modulePath } from '../modules.ts';
import type { IgnoreRule } from '../ports.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import { type CheckFinding, finding } from './finding.ts';

/** A flake sees what git tracks, and nothing else. */
export async function checkTracking(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const { versionControl } = draft.workspace.around;
  if (versionControl === null) return [];
  const present = new Set(draft.paths);
  const modules = [...draft.inventory.hosts.keys()].map(host => modulePath(draft.inventory, host));
  const needed = states.filter(({ state }) => state === 'ok' || state === 'drifted').map(({ path }) => path);
  const configs = draft.workspace.config === null ? [] : [INVENTORY_FILE];
  const paths = [...new Set([...configs, ...needed, ...modules.filter(path => present.has(path))])];
  return [...(await unseenByNix(draft, paths)).values()];
}

/** Those of the files that git does not track, and the findings for them; none without git. */
export async function unseenByNix(
  draft: Draft,
  paths: readonly string[],
): Promise<Map<string, CheckFinding>> {
  const { versionControl } = draft.workspace.around;
  if (versionControl === null) return new Map();
  const tracked = await versionControl.tracked(paths);
  const missing = paths.filter(path => !tracked.has(path));
  const ignored = await versionControl.ignored(missing);
  return new Map(missing.map(path => [path, unseen(path, ignored.get(path))]));
}

function unseen(path: string, rule: IgnoreRule | undefined): CheckFinding {
  if (rule === undefined) {
    const message = 'git does not track it, so a flake does not see it';
    return finding('untracked', { file: path }, message, `git add ${path}`);
  }
  const message = `git ignores it (${rule.source}:${rule.line}, ${rule.pattern}), so a flake does not see it`;
  return finding('ignored', { file: path }, message, `take the pattern out, then git add ${path}`);
}
