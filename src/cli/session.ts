import { join, relative } from 'node:path';
import { findGitTop, openRepository } from '../git/repository.ts';
import { loadIdentities } from '../keys/sources.ts';
import { nodeKeysWorld } from '../keys/world.ts';
import { declaredByHand } from '../nix/declared.ts';
import { emitModule, isEmitted } from '../nix/module.ts';
import { inRepository } from '../ops/paths.ts';
import { applyPlan, type Plan, type PlanStep } from '../ops/plan.ts';
import type { Surroundings } from '../ops/ports.ts';
import { withLock } from '../ops/transaction/lock.ts';
import {
  findRoot,
  nestedFolders,
  noInventory,
  openWorkspace,
  stateDirOf,
  type Workspace,
} from '../ops/workspace.ts';
import { pluginsOf } from './plugins.ts';
import { renderApplied, renderPlan } from './render/plan.ts';
import { Talk } from './talk.ts';
import { vaultOf } from './vault.ts';
import type { World } from './world.ts';

/** Options that every writing command has. */
export interface WriteOptions {
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** One run of a command: the world, and how to speak. */
export interface Session {
  readonly world: World;
  readonly talk: Talk;
}

/** How long a second writer waits for the first. */
const LOCK_WAIT_MS = 20_000;

/** A run of a command; `--json` decides what goes to stdout. */
export function newSession(world: World, options: { readonly json?: boolean | undefined }): Session {
  return { world, talk: new Talk(world, options.json === true) };
}

/** The implementations that the use cases get in a real run; identities are read once, when first needed. */
export async function surroundings(world: World, root: string): Promise<Surroundings> {
  let identities: ReturnType<Surroundings['identities']> | undefined;
  const plugins = pluginsOf(world);
  return {
    now: world.now,
    random: world.random,
    versionControl: await openRepository(root, world.env),
    modules: { emit: emitModule, isEmitted, declaredByHand },
    identities: () => {
      identities ??= loadIdentities({ ...nodeKeysWorld(world), plugins }, vaultOf(world));
      return identities;
    },
    plugins,
  };
}

/** The workspace around the current folder, for reading. */
export async function readWorkspace(session: Session): Promise<Workspace> {
  const root = await rootOrFail(session);
  const around = await surroundings(session.world, root);
  return openWorkspace(root, around);
}

/** The same for what only answers: where folders below git's top have configs, and the top has none, that is one too. */
export async function readAnyWorkspace(session: Session): Promise<Workspace> {
  const { cwd, env } = session.world;
  const top = await findGitTop(cwd, env);
  const root = (await findRoot(cwd, top)) ?? top;
  if (root === null) throw noInventory();
  return openWorkspace(root, await surroundings(session.world, root), true);
}

/** Runs `work` under the lock of the workspace, which is read afresh inside it. */
export async function writeWorkspace<T>(
  session: Session,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const root = await rootOrFail(session);
  const around = await surroundings(session.world, root);
  return locked(session.world, root, around, async () => work(await openWorkspace(root, around)));
}

/** Runs `work` under the lock of a folder that may not be a workspace yet. */
export function locked<T>(
  world: World,
  root: string,
  around: Surroundings,
  work: () => Promise<T>,
): Promise<T> {
  return withLock(stateDirOf(root, around), work, { waitMs: LOCK_WAIT_MS, command: world.command });
}

async function rootOrFail(session: Session): Promise<string> {
  const { cwd, env } = session.world;
  const top = await findGitTop(cwd, env);
  const root = await findRoot(cwd, top);
  if (root !== null) return root;
  const repository = top === null ? null : await openRepository(top, env);
  const nested = nestedFolders((await repository?.listFiles()) ?? []);
  throw noInventory(nested.map(folder => relative(cwd, join(top ?? cwd, folder))));
}

/**
 * Shows a plan and carries it out. `true` where it was applied (or there was nothing to do).
 */
export async function showAndApply(
  session: Session,
  workspace: Workspace,
  plan: Plan,
  options: WriteOptions,
): Promise<boolean> {
  const { talk } = session;
  if (plan.steps.length > 0) await talk.say(renderPlan(plan));
  for (const note of plan.notes) await talk.say(`  note: ${note}`);
  const wanted = options.dryRun !== true;
  if (wanted && plan.steps.length > 0) {
    const applied = await applyPlan(workspace, plan);
    for (const line of renderApplied(applied)) await talk.say(`  ${line}`);
  }
  if (options.dryRun === true) await talk.say('  dry run: nothing was written');
  if (talk.json) await talk.outJson({ plan: stepsJson(workspace, plan), applied: wanted });
  return wanted;
}

/** The steps as other programs see them: with paths relative to git's top. */
export function stepsJson(workspace: Workspace, plan: Plan): PlanStep[] {
  return plan.steps.map(step => ({ ...step, file: inRepository(workspace, step.file) }));
}
