import { shortRecipient } from '../../age/recipient.ts';
import type { Applied, Plan } from '../../ops/plan.ts';
import type { Reader } from '../../ops/secrets/add-request.ts';
import { table } from './table.ts';

/** Nobody reads more lines, or a longer list of names; `--json` has all of them. */
const MOST_STEPS = 60;
const MOST_NAMES = 12;

/** The steps of a plan as aligned lines; of very many, the first. */
export function renderPlan(plan: Plan): string {
  const shown = plan.steps.slice(0, MOST_STEPS);
  const lines = table(shown.map(step => [`  ${step.action}`, step.file, step.detail])).trimEnd();
  const more = plan.steps.length - shown.length;
  return more === 0 ? lines : `${lines}\n  … and ${more} more (--json shows all)`;
}

/** `kamov, megumu (new)`: who will be able to read, new ones marked. */
export function renderReaders(readers: readonly Reader[]): string {
  return readers
    .map(({ name, recipient, isNew }) => {
      const shown = name ?? `${shortRecipient(recipient)} (no name in keys:)`;
      return isNew ? `${shown} (new)` : shown;
    })
    .join(', ');
}

/** What happened to git's index. */
export function renderApplied(applied: Applied): string[] {
  const { staged } = applied;
  const names = staged.length > MOST_NAMES ? `${staged.length} files` : staged.join(', ');
  const lines = staged.length > 0 ? [`staged in git: ${names}`] : [];
  if (applied.left.length > 0) {
    lines.push(`not staged, because of other edits of yours in it: git add ${applied.left.join(' ')}`);
  }
  return lines;
}
