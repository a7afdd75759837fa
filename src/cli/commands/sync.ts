import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { Draft } from '../../ops/draft.ts';
import { describeDrift } from '../../ops/drift/describe-drift.ts';
import { type FileState, fileStates } from '../../ops/drift/governed.ts';
import { noteRemovedReaders } from '../../ops/drift/removed-readers.ts';
import { isWhole, leftNotes, syncDraft } from '../../ops/drift/sync.ts';
import { configInRepository, inRepository } from '../../ops/paths.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Inventory } from '../../workspace/model.ts';
import { confirmAndApply } from '../confirmed.ts';
import { pathsBelow } from '../paths-below.ts';
import { progress } from '../progress.ts';
import { newSession, readAnyWorkspace, type Session, type WriteOptions } from '../session.ts';
import type { World } from '../world.ts';

interface SyncCommandOptions extends WriteOptions {
  readonly check?: boolean | undefined;
  readonly skipUnreadable?: boolean | undefined;
}

/** `secrets sync` */
export async function runSync(
  world: World,
  paths: readonly string[],
  options: SyncCommandOptions,
): Promise<number> {
  const session = newSession(world, options);
  return options.check === true ? check(session, paths) : sync(session, paths, options);
}

/** Writes nothing, takes no lock and needs no key. */
async function check(session: Session, paths: readonly string[]): Promise<number> {
  const { talk } = session;
  const workspace = await readAnyWorkspace(session);
  const below = existingPaths(session, workspace, paths);
  const states = await fileStates(new Draft(workspace), below);
  if (talk.json) await talk.outJson({ files: states.map(state => describe(workspace, state)) });
  else for (const state of states) await sayState(session, state);
  const bad = states.filter(isFinding);
  const unruled = states.filter(state => state.state === 'no-rule').length;
  if (unruled > 0) await talk.note(`${count(unruled, 'encrypted file')} without a rule in .sops.yaml`);
  if (bad.length === 0) await talk.note(`${count(states.length - unruled, 'file')} as .sops.yaml says`);
  return bad.length === 0 ? ExitCode.ok : ExitCode.findings;
}

/** A misspelt path would be a check that is always content. `.` is everything. */
function existingPaths(session: Session, workspace: Workspace, paths: readonly string[]): string[] {
  const below = pathsBelow(session.world, workspace, paths);
  const known = [...workspace.paths, ...workspace.files.map(({ path }) => path)];
  for (const path of below) {
    const isThere = known.some(other => other === path || other.startsWith(`${path}/`));
    if (!isThere && !existsSync(join(workspace.root, path)))
      throw new SecretsError('BAD_PATH', 'there is no such file or folder', { file: path });
  }
  return below.length < paths.length ? [] : below;
}

function isFinding({ state }: FileState): boolean {
  return state === 'drifted' || state === 'plaintext' || state === 'broken';
}

async function sayState({ talk }: Session, state: FileState): Promise<void> {
  if (state.state === 'drifted')
    await talk.outLine(`${state.path}: differs from its rule: ${describeDrift(state, false)}`);
  if (state.state === 'plaintext')
    await talk.outLine(`${state.path}: is not encrypted, though a rule governs it`);
  if (state.state === 'broken')
    await talk.outLine(`${state.path}: cannot be read as a sops file: ${state.problem}`);
}

function describe(workspace: Workspace, state: FileState) {
  const { inventory, rule, drift } = state;
  const named = (recipients: readonly string[] | undefined) =>
    (recipients ?? []).map(recipient => ({ name: nameIn(inventory, recipient), recipient }));
  return {
    file: inRepository(workspace, state.path),
    config: configInRepository(workspace, state.config),
    rule: rule?.index ?? null,
    state: state.state,
    add: named(drift?.add),
    remove: named(drift?.remove),
    reasons: [...(drift?.reasons ?? []), ...(state.problem === null ? [] : [state.problem])],
  };
}

function nameIn(inventory: Inventory | null, recipient: string): string | null {
  return inventory?.nameOf(recipient) ?? null;
}

async function sync(
  session: Session,
  paths: readonly string[],
  options: SyncCommandOptions,
): Promise<number> {
  const { talk, world } = session;
  const { made } = await confirmAndApply(
    session,
    async workspace => {
      const draft = new Draft(workspace);
      const synced = await syncDraft(draft, {
        only: existingPaths(session, workspace, paths),
        skipUnreadable: options.skipUnreadable,
        onProgress: progress(world, 'reading', options),
      });
      const rekey = noteRemovedReaders(draft, synced).map(path => inRepository(workspace, path));
      draft.note(...leftNotes(synced));
      return { plan: draft.toPlan(), synced, rekey };
    },
    options,
    {
      ask: ({ synced }) => `change ${count(synced.changed.length, 'file')}?`,
      unattended: 'to see the plan: secrets sync --dry-run; to carry it out: secrets sync --yes',
      json: ({ rekey }) => ({ rekey }),
    },
  );
  const { synced, plan } = made;
  if (plan.steps.length === 0)
    await talk.note('every file that can be brought to its rule is as .sops.yaml says');
  return isWhole(synced) ? ExitCode.ok : ExitCode.findings;
}

/** `1 file`, `2 files` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
