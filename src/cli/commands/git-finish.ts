import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { findMergeHead, mergeTrees } from '../../git/merge-sides.ts';
import { amendMerge, isNewMerge } from '../../git/new-merge.ts';
import { findGitTop } from '../../git/repository.ts';
import { Draft } from '../../ops/draft.ts';
import { finishMerge } from '../../ops/drivers/finish-merge.ts';
import { quietIdentities } from '../../ops/drivers/quiet-identities.ts';
import { applyPlan } from '../../ops/plan.ts';
import type { Surroundings } from '../../ops/ports.ts';
import { findRoot, openWorkspace } from '../../ops/workspace.ts';
import { renderPlan } from '../render/plan.ts';
import { locked, newSession, surroundings } from '../session.ts';
import type { Talk } from '../talk.ts';
import type { World } from '../world.ts';

/** Holds the paths that were staged for a merge commit which git had already written the tree of. */
const NOTE = 'finished-merge.json';

interface FinishOptions {
  /** After the merge: put what was staged before it into the commit. */
  readonly amend?: boolean | undefined;
}

/**
 * `secrets git-finish`, for the hooks pre-merge-commit and pre-commit, before they look at anything: brings to the
 * merged config what no merge driver saw, and stages it. `git merge` has made the tree of its commit by then, so the
 * hook post-merge runs it again with `--amend`. Never stops the merge: what it cannot do the guard finds.
 */
export async function runGitFinish(world: World, options: FinishOptions): Promise<number> {
  const { talk } = newSession(world, {});
  try {
    await (options.amend === true ? putIntoCommit(world, talk) : finish(world, talk));
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    await talk.note(`after the merge: ${error.file === undefined ? '' : `${error.file}: `}${error.message}`);
  }
  return ExitCode.ok;
}

async function finish(world: World, talk: Talk): Promise<void> {
  const { cwd, env } = world;
  const top = await findGitTop(cwd, env);
  const sides = top === null || usesOtherIndex(world) ? null : await findMergeHead(top, env);
  const root = sides === null ? null : await findRoot(cwd, top);
  if (top === null || root === null || sides === null) return;
  const given = await surroundings(world, root);
  const around: Surroundings = {
    ...given,
    identities: async () => quietIdentities(await given.identities()),
  };
  await locked(world, root, around, async () => {
    const workspace = await openWorkspace(root, around);
    const draft = new Draft(workspace);
    const prefix = around.versionControl?.prefix ?? '';
    const { synced, left } = await finishMerge(draft, mergeTrees(top, env, sides), prefix);
    const plan = draft.toPlan();
    if (plan.steps.length > 0) {
      await talk.note('what the merge left to be done:');
      await talk.say(renderPlan(plan));
      const { staged } = await applyPlan(workspace, plan);
      const paths = staged.map(path => prefix + path);
      await writeFile(join(workspace.stateDir, NOTE), JSON.stringify({ paths }));
    }
    const open = [
      ...synced.unreadable.map(({ path }) => path),
      ...synced.left.map(({ path }) => path),
      ...left,
    ];
    if (open.length > 0) await talk.note(`not as .sops.yaml says: ${open.join(', ')}; run \`secrets sync\``);
  });
}

/** `git commit -a` and `git commit PATH` hand their hook an index of their own, and hold the real one. */
function usesOtherIndex({ env }: World): boolean {
  const index = env['GIT_INDEX_FILE'];
  return index !== undefined && basename(index) !== 'index';
}

async function putIntoCommit(world: World, talk: Talk): Promise<void> {
  const { cwd, env } = world;
  const top = await findGitTop(cwd, env);
  const root = top === null ? null : await findRoot(cwd, top);
  if (top === null || root === null) return;
  const { versionControl } = await surroundings(world, root);
  const file = join(versionControl?.stateDir ?? root, NOTE);
  const paths = pathsIn(await readFile(file, 'utf8').catch(() => ''));
  if (paths.length === 0) return;
  await rm(file, { force: true });
  if (!(await isNewMerge(top, env))) return;
  const amended = await amendMerge(top, env, paths);
  if (amended === 'done') await talk.note('it is part of the merge commit');
  if (amended === 'left')
    await talk.note('it is staged, and not part of the merge commit: git commit --amend --no-edit');
}

function pathsIn(text: string): string[] {
  try {
    const { paths } = JSON.parse(text);
    return Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : [];
  } catch {
    return [];
  }
}
