import { SecretsError } from '../errors.ts';
import { applyPlan, type Plan } from '../ops/plan.ts';
import type { Workspace } from '../ops/workspace.ts';
import { renderApplied, renderPlan } from './render/plan.ts';
import { readWorkspace, type Session, stepsJson, type WriteOptions, writeWorkspace } from './session.ts';

/** A plan, and what a command wants to say of it afterwards. */
export interface Planned {
  readonly plan: Plan;
}

/** How a plan is confirmed. */
export interface Question<T> {
  /** `apply?`; `null` where nothing has to be asked. */
  readonly ask: (made: T) => string | null;
  /** The command line that needs no answer, for a hint. */
  readonly unattended: string;
  /** More fields for `--json`. */
  readonly json?: (made: T) => Readonly<Record<string, unknown>>;
  /** Runs once, under the lock, right before a plan that changes something is carried out. */
  readonly before?: (made: T) => Promise<void>;
}

/**
 * Shows a plan, asks once, carries it out. While the question is open nobody is kept from writing: afterwards the
 * plan is made again under the lock, and where it is no longer the one that was shown, nothing is done.
 *
 * @returns what was planned, and whether it was carried out
 * @throws SecretsError `USAGE` where nobody is there to be asked, `CHANGED_UNDERNEATH`
 */
export async function confirmAndApply<T extends Planned>(
  session: Session,
  make: (workspace: Workspace) => Promise<T>,
  options: WriteOptions,
  question: Question<T>,
): Promise<{ made: T; applied: boolean }> {
  if (options.dryRun === true) return dryRun(session, make, question);
  if (options.yes === true)
    return writeWorkspace(session, workspace => once(session, workspace, make, question));
  const made = await make(await readWorkspace(session));
  const text = question.ask(made);
  if (text === null || made.plan.steps.length === 0)
    return writeWorkspace(session, workspace => once(session, workspace, make, question));
  await show(session, made.plan);
  await confirm(session, text, question.unattended);
  return writeWorkspace(session, async workspace => {
    const again = await make(workspace);
    if (textOf(again.plan) !== textOf(made.plan)) throw changedUnderneath();
    await carryOut(session, workspace, again, question);
    return { made: again, applied: true };
  });
}

async function dryRun<T extends Planned>(
  session: Session,
  make: (workspace: Workspace) => Promise<T>,
  question: Question<T>,
) {
  const workspace = await readWorkspace(session);
  const made = await make(workspace);
  await show(session, made.plan);
  await session.talk.say('  dry run: nothing was written');
  if (session.talk.json)
    await session.talk.outJson({
      plan: stepsJson(workspace, made.plan),
      applied: false,
      ...question.json?.(made),
    });
  return { made, applied: false };
}

async function once<T extends Planned>(
  session: Session,
  workspace: Workspace,
  make: (workspace: Workspace) => Promise<T>,
  question: Question<T>,
) {
  const made = await make(workspace);
  await show(session, made.plan);
  await carryOut(session, workspace, made, question);
  return { made, applied: true };
}

async function show({ talk }: Session, plan: Plan): Promise<void> {
  if (plan.steps.length > 0) await talk.say(renderPlan(plan));
  for (const note of plan.notes) await talk.say(`  note: ${note}`);
}

async function carryOut<T extends Planned>(
  { talk }: Session,
  workspace: Workspace,
  made: T,
  question: Question<T>,
): Promise<void> {
  const { plan } = made;
  if (plan.steps.length > 0) {
    await question.before?.(made);
    const applied = await applyPlan(workspace, plan);
    for (const line of renderApplied(applied)) await talk.say(`  ${line}`);
  }
  if (talk.json)
    await talk.outJson({ plan: stepsJson(workspace, plan), applied: true, ...question.json?.(made) });
}

async function confirm(session: Session, text: string, unattended: string): Promise<void> {
  if (session.world.stdin.isTTY !== true) {
    throw new SecretsError('USAGE', 'nothing was changed: nobody is there to confirm it', {
      hint: unattended,
    });
  }
  if (await (await session.world.terminal()).confirm(text)) return;
  throw new SecretsError('INTERRUPTED', 'nothing was changed');
}

function textOf(plan: Plan): string {
  return JSON.stringify(plan.steps);
}

function changedUnderneath(): SecretsError {
  return new SecretsError('CHANGED_UNDERNEATH', 'the repository changed while the question was open', {
    hint: 'nothing was written; run the command again to see the new plan',
  });
}
