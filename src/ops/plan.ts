import { SecretsError } from '../errors.ts';
import { applyChanges, type FileChange } from './transaction.ts';
import type { Workspace } from './workspace.ts';

/** One line of a plan, as people and `--json` see it. */
export interface PlanStep {
  readonly action: 'create' | 'update' | 'delete';
  /** Relative to the workspace root. */
  readonly file: string;
  readonly detail: string;
}

/** What a command is about to do: pure data until {@link applyPlan}. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly changes: readonly FileChange[];
  /** What a person should know; never a value. */
  readonly notes: readonly string[];
}

export interface Applied {
  /** Paths that were put into git's index. */
  readonly staged: readonly string[];
  /** Changed paths that hold other edits of the user and so were left for them to stage. */
  readonly left: readonly string[];
}

/**
 * Files that hold edits of the person: changed since they were staged, or never staged at all. A module that we
 * emitted is ours.
 */
async function withOwnEdits({ around }: Workspace, { changes }: Plan): Promise<Set<string>> {
  const git = around.versionControl;
  if (git === null) return new Set();
  const paths = changes.map(change => change.path);
  const [edited, tracked] = await Promise.all([git.withUnstagedEdits(paths), git.tracked(paths)]);
  const untracked = changes.filter(({ path, before }) => before !== null && !tracked.has(path));
  return new Set([...edited, ...untracked.map(({ path }) => path).filter(path => !path.endsWith('.nix'))]);
}

/** Before anything is written: a flake sees no file that git ignores. */
async function refuseIgnoredPaths({ around }: Workspace, { changes }: Plan): Promise<void> {
  const kept = changes.filter(change => change.after !== null).map(change => change.path);
  const [ignored] = (await around.versionControl?.ignored(kept)) ?? [];
  if (ignored === undefined) return;
  const [path, rule] = ignored;
  throw new SecretsError(
    'IGNORED_TARGET',
    `git ignores ${path} (${rule.source}:${rule.line}, pattern ${rule.pattern}), so a flake would not see it`,
    { file: rule.source, line: rule.line, hint: 'nothing was written; take the pattern out of that file' },
  );
}

/** Runs right after the files are in place and verified, still under the lock. */
export type StepHook = (step: string) => void | Promise<void>;

/**
 * Carries a plan out: all of it or nothing, then stages what it wrote. The caller holds the lock.
 *
 * @throws SecretsError `CHANGED_UNDERNEATH`, `WRITE_FAILED`, `IGNORED_TARGET` (staging failed, the files are written)
 */
export async function applyPlan(workspace: Workspace, plan: Plan, onStep?: StepHook): Promise<Applied> {
  const { root, stateDir, around } = workspace;
  const paths = plan.changes.map(change => change.path);
  await refuseIgnoredPaths(workspace, plan);
  const edited = await withOwnEdits(workspace, plan);
  const git = around.versionControl;
  const staged = git === null ? [] : paths.filter(path => !edited.has(path));
  await applyChanges({
    root,
    stateDir,
    changes: plan.changes,
    stage: staged,
    onSwapped: async wanted => git?.stage(wanted),
    onStep,
  });
  return { staged, left: [...edited].sort() };
}
