import { join } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { findMergeHead, mergeTrees } from '../../git/merge-sides.ts';
import { findGitTop, openRepository } from '../../git/repository.ts';
import { readBlob, unmergedEntries } from '../../git/stages.ts';
import { Draft } from '../../ops/draft.ts';
import { hasConflictMarkers } from '../../ops/drivers/conflict-markers.ts';
import { finishMerge } from '../../ops/drivers/finish-merge.ts';
import { merge } from '../../ops/drivers/merge-policy.ts';
import {
  isSopsConflict,
  refuseEdited,
  ruleInWorkTree,
  type UnmergedFile,
} from '../../ops/drivers/resolve.ts';
import { readWorkFile } from '../../ops/files.ts';
import { emitModules, modulePath } from '../../ops/modules.ts';
import { replaceFile } from '../../ops/replace-file.ts';
import { findRoot, INVENTORY_FILE, noInventory, type Workspace } from '../../ops/workspace.ts';
import { configText } from '../../workspace/config-bytes.ts';
import { type Choices, chooser } from '../conflict-choices.ts';
import { pathsBelow } from '../paths-below.ts';
import { noteResolved } from '../resolved-conflicts.ts';
import { newSession, type Session, showAndApply, type WriteOptions, writeWorkspace } from '../session.ts';
import type { World } from '../world.ts';

interface ResolveOptions extends WriteOptions {
  readonly ours?: readonly string[] | undefined;
  readonly theirs?: readonly string[] | undefined;
}

/** `secrets resolve` */
export async function runResolve(
  world: World,
  files: readonly string[],
  options: ResolveOptions,
): Promise<number> {
  const session = newSession(world, options);
  await settleConfig(session, options.dryRun === true);
  return writeWorkspace(session, workspace => resolveAll(session, workspace, files, options));
}

async function resolveAll(
  session: Session,
  workspace: Workspace,
  files: readonly string[],
  options: ResolveOptions,
): Promise<number> {
  const { world } = session;
  const wanted = new Set(pathsBelow(world, workspace, files));
  const unmerged = await readUnmerged(world, workspace.root);
  const chosen = unmerged.filter(({ path }) => wanted.size === 0 || wanted.has(path));
  const missing = [...wanted].find(path => !chosen.some(file => file.path === path));
  if (missing !== undefined)
    throw new SecretsError('USAGE', 'the file is not in conflict', {
      file: missing,
      hint: 'see `git status`',
    });
  const draft = new Draft(workspace);
  const choices = chooser(session, options);
  const resolved: string[] = [];
  for (const file of chosen.filter(isSopsConflict)) {
    await resolveOne(draft, file, choices);
    resolved.push(file.path);
  }
  choices.refuseUnused();
  await finish(session, draft);
  const modules = new Set([...draft.inventory.hosts.keys()].map(host => modulePath(draft.inventory, host)));
  resolved.push(...unmerged.map(({ path }) => path).filter(path => modules.has(path)));
  const applied = await showAndApply(session, withResolved(workspace, resolved), draft.toPlan(), options);
  const git = workspace.around.versionControl;
  if (applied && git !== null) {
    await noteResolved(git.stateDir, await decisions(workspace, chosen.filter(isSopsConflict)));
    await git.stage(resolved);
  }
  await report(session, unmerged, resolved);
  return ExitCode.ok;
}

/** What no merge driver sees: files of one side under a rule that the other changed, and the modules. */
async function finish({ world, talk }: Session, draft: Draft): Promise<void> {
  const { root, around } = draft.workspace;
  const top = await findGitTop(root, world.env);
  const sides = top === null ? null : await findMergeHead(top, world.env);
  if (top === null || sides === null) return emitModules(draft);
  const trees = mergeTrees(top, world.env, sides);
  const { left, synced } = await finishMerge(draft, trees, around.versionControl?.prefix ?? '');
  const open = [...left, ...synced.unreadable.map(({ path }) => path)];
  if (open.length > 0) await talk.note(`not as .sops.yaml says: ${open.join(', ')}; run \`secrets sync\``);
}

async function resolveOne(draft: Draft, file: UnmergedFile, choices: Choices): Promise<void> {
  await refuseEdited(draft.workspace, file);
  const bytes = await choices.resolve(draft.workspace, file, await ruleInWorkTree(draft, file.path));
  if (bytes === null) await draft.remove(file.path, 'as one side has it');
  else await draft.writeSops(file.path, bytes, 'merged value by value');
}

async function report(
  { talk }: Session,
  unmerged: readonly UnmergedFile[],
  resolved: readonly string[],
): Promise<void> {
  const left = unmerged.map(({ path }) => path).filter(path => !resolved.includes(path));
  if (unmerged.length === 0) await talk.note('nothing is in conflict');
  else if (resolved.length > 0) await talk.note(`resolved: ${resolved.join(', ')}`);
  if (left.length > 0) await talk.note(`still in conflict: ${left.join(', ')}`);
  else if (resolved.length > 0) await talk.note('next: git commit (in a rebase: git rebase --continue)');
}

async function readUnmerged({ env }: World, root: string): Promise<UnmergedFile[]> {
  const entries = await unmergedEntries(root, env);
  return Promise.all(
    entries.map(async ({ path, base, ours, theirs }) => ({
      path,
      base: await readBlob(root, env, base),
      ours: await readBlob(root, env, ours),
      theirs: await readBlob(root, env, theirs),
    })),
  );
}

async function decisions({ root }: Workspace, files: readonly UnmergedFile[]) {
  return Promise.all(
    files.map(async ({ path, ours, theirs }) => ({
      ours,
      theirs,
      result: (await readWorkFile(root, path))?.bytes ?? null,
    })),
  );
}

/** Everything else needs a config that loads: one that is in conflict is merged first, where that can be done. */
async function settleConfig({ world, talk }: Session, dryRun: boolean): Promise<void> {
  const { cwd, env } = world;
  const root = await findRoot(cwd, await findGitTop(cwd, env));
  if (root === null) throw noInventory();
  const file = (await readUnmerged(world, root)).find(({ path }) => path === INVENTORY_FILE);
  if (file === undefined) return;
  const present = await readWorkFile(root, INVENTORY_FILE);
  const { base, ours, theirs } = file;
  if (present === null || ours === null || theirs === null || !hasConflictMarkers(present.bytes))
    throw unfinishedConfig('it is still marked as in conflict');
  const [was, mine, other] = [base ?? new Uint8Array(), ours, theirs].map(bytes =>
    configText(bytes, INVENTORY_FILE),
  );
  const merged = await merge({ base: was ?? '', ours: mine ?? '', theirs: other ?? '' }, '', null);
  if (merged.kind === 'conflict') throw unfinishedConfig(merged.reasons.join('; '));
  if (dryRun) return;
  await replaceFile(join(root, INVENTORY_FILE), new TextEncoder().encode(merged.text), 0o644);
  await (await openRepository(root, env))?.stage([INVENTORY_FILE]);
  await talk.note(`resolved: ${INVENTORY_FILE}`);
}

function unfinishedConfig(reason: string): SecretsError {
  return new SecretsError('MERGE_CONFLICT', `the config is not merged yet: ${reason}`, {
    file: INVENTORY_FILE,
    hint: `edit ${INVENTORY_FILE}, git add ${INVENTORY_FILE}, then secrets resolve`,
  });
}

/** What is being resolved differs from the index by its nature; it holds no edits of the person. */
function withResolved(workspace: Workspace, resolved: readonly string[]): Workspace {
  const git = workspace.around.versionControl;
  if (git === null) return workspace;
  const versionControl = {
    stateDir: git.stateDir,
    prefix: git.prefix,
    listFiles: () => git.listFiles(),
    listIgnored: () => git.listIgnored(),
    tracked: (paths: readonly string[]) => git.tracked(paths),
    ignored: (paths: readonly string[]) => git.ignored(paths),
    filesThatHeld: (texts: readonly string[]) => git.filesThatHeld(texts),
    formerLines: (path: string) => git.formerLines(path),
    fileMoves: () => git.fileMoves(),
    stage: (paths: readonly string[]) => git.stage(paths),
    withUnstagedEdits: async (paths: readonly string[]) => {
      const edited = await git.withUnstagedEdits(paths);
      for (const path of resolved) edited.delete(path);
      return edited;
    },
  };
  return { ...workspace, around: { ...workspace.around, versionControl } };
}
