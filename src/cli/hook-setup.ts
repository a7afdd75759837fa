import { relative, sep } from 'node:path';
import { SecretsError } from '../errors.ts';
import { shellQuote } from '../git/hooks/block.ts';
import { applyHookChanges, configureLaunch, planInstall } from '../git/hooks/change.ts';
import { findHooksFolder } from '../git/hooks/folder.ts';
import { lookAtHooks } from '../git/hooks/look.ts';
import { configLines, configPlace } from '../git/hooks/managers.ts';
import type { HookChange, HookFile, HookName, HooksFolder, Launch, Manager } from '../git/hooks/model.ts';
import { table } from './render/table.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

/** What an installation is about to do. */
export interface HookSetup {
  readonly folder: HooksFolder;
  readonly changes: readonly HookChange[];
  /** Hooks that we do not write into. */
  readonly refused: readonly HookFile[];
}

/**
 * Plans the installation of the hooks around a folder.
 *
 * @param force also into a folder that other repositories use
 * @throws SecretsError `NO_REPOSITORY`, `HOOK_IN_THE_WAY` (the folder serves other repositories), `PROGRAM_FAILED`
 */
export async function planHooks(world: World, force: boolean): Promise<HookSetup> {
  const folder = await findHooksFolder(world.cwd, world.env);
  if (folder.outside && !force) throw elsewhere(folder, world.launch);
  const hooks = await lookAtHooks(folder);
  return {
    folder,
    changes: planInstall(folder, hooks, world.launch),
    refused: hooks.filter(({ state }) => state === 'in-the-way'),
  };
}

/** Carries the plan out. @throws SecretsError `WRITE_FAILED`, `PROGRAM_FAILED` */
export async function installHooks(world: World, { folder, changes }: HookSetup): Promise<void> {
  // First: a hook without it would find no program.
  if (folder.shared) await configureLaunch(folder, world.launch);
  await applyHookChanges(changes);
}

/** A path as people and `--json` see it: relative to git's top, absolute where it lies outside. */
export function shownPath(folder: HooksFolder, path: string): string {
  const way = relative(folder.top, path).split(sep).join('/');
  return way === '..' || way.startsWith('../') ? path : way;
}

/** The changes as lines. */
export function changeLines(folder: HooksFolder, changes: readonly HookChange[]): string {
  const rows = changes.map(({ action, file, detail }) => [`  ${action}`, shownPath(folder, file), detail]);
  return table(rows).trimEnd();
}

/** The changes as other programs see them. */
export function changesJson(folder: HooksFolder, changes: readonly HookChange[]) {
  return changes.map(({ action, file, hook, detail }) => ({
    action,
    file: shownPath(folder, file),
    hook,
    detail,
  }));
}

/** The command that a hook which is not ours has to run first. */
export function callFor(folder: HooksFolder, hook: HookName, launch: Launch): string {
  const words = folder.shared
    ? ['secrets']
    : [launch.node, launch.script].flatMap(path => (path === null ? [] : [shellQuote(path)]));
  return `${words.join(' ')} hook run ${hook}`;
}

/** Says of every hook that is in the way what to add to it, or to the configuration that it is made from. */
export async function sayRefused(session: Session, setup: HookSetup): Promise<void> {
  const { talk, world } = session;
  const { folder, refused } = setup;
  for (const { hook, reason, manager, file } of refused) {
    const lead = `${hook} is left as it is: ${reason}`;
    await talk.say(
      manager === null
        ? `  ${lead}; have ${shownPath(folder, file)} run this first, and fail where it fails:`
        : `  ${lead}`,
    );
    if (manager === null) await talk.say(`      ${callFor(folder, hook, world.launch)}`);
  }
  for (const manager of new Set(refused.map(hook => hook.manager))) {
    if (manager !== null) await sayConfig(session, setup, manager);
  }
}

async function sayConfig({ talk }: Session, { folder, refused }: HookSetup, manager: Manager): Promise<void> {
  const hooks = refused.filter(hook => hook.manager === manager).map(({ hook }) => hook);
  await talk.say(`  add to ${configPlace(folder.top, manager)}:`);
  for (const line of configLines(manager, hooks)) await talk.say(`      ${line}`);
}

function elsewhere(folder: HooksFolder, launch: Launch): SecretsError {
  const message = `git takes its hooks from ${folder.path}, which is outside of this repository`;
  return new SecretsError('HOOK_IN_THE_WAY', message, {
    hint:
      'to write there, for every repository that uses it: secrets hook install --force; for hooks of this ' +
      'repository alone: git config core.hooksPath "$(git rev-parse --path-format=absolute --git-common-dir)/hooks"; by hand, at the top of ' +
      `its pre-commit: ${callFor(folder, 'pre-commit', launch)}`,
  });
}
