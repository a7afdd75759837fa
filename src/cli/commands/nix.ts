import { ExitCode } from '../../errors.ts';
import { Draft } from '../../ops/draft.ts';
import { emitModules } from '../../ops/modules.ts';
import { pendingSecrets } from '../../ops/secrets/pending.ts';
import { checkHost } from '../../workspace/secrets.ts';
import {
  newSession,
  readAnyWorkspace,
  showAndApply,
  stepsJson,
  type WriteOptions,
  writeWorkspace,
} from '../session.ts';
import type { World } from '../world.ts';

interface NixOptions extends WriteOptions {
  readonly host?: string | undefined;
  readonly check?: boolean | undefined;
}

/** `secrets nix` */
export async function runNix(world: World, options: NixOptions): Promise<number> {
  return options.check === true ? check(world, options) : emit(world, options);
}

async function emit(world: World, options: NixOptions): Promise<number> {
  const session = newSession(world, options);
  return writeWorkspace(session, async workspace => {
    const plan = await planned(new Draft(workspace), options.host);
    await showAndApply(session, workspace, plan, options);
    if (plan.steps.length === 0) await session.talk.note('every module is up to date');
    return ExitCode.ok;
  });
}

/** Writes nothing and takes no lock, so that it runs in a read-only checkout. */
async function check(world: World, options: NixOptions): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readAnyWorkspace(session);
  const plan = await planned(new Draft(workspace), options.host);
  if (options.json === true) await session.talk.outJson({ plan: stepsJson(workspace, plan), applied: false });
  for (const step of plan.steps) await session.talk.outLine(`${step.file}: out of date, run \`secrets nix\``);
  const waiting = pendingSecrets(workspace.secrets).filter(
    ({ hosts }) => options.host === undefined || hosts.includes(options.host),
  );
  for (const { address } of waiting)
    await session.talk.outLine(`${address}: has no value yet, run \`secrets fill ${address}\``);
  if (plan.steps.length === 0) await session.talk.note('every module is up to date');
  return plan.steps.length + waiting.length === 0 ? ExitCode.ok : ExitCode.findings;
}

async function planned(draft: Draft, host: string | undefined) {
  if (host !== undefined) checkHost(draft.inventory, host);
  await emitModules(draft, host === undefined ? undefined : [host]);
  return draft.toPlan();
}
