import { shortRecipient } from '../../age/recipient.ts';
import type { Reader } from '../../ops/add-request.ts';
import type { Applied, Plan } from '../../ops/plan.ts';
import { table } from './table.ts';

/** The steps of a plan as aligned lines. */
export function renderPlan(plan: Plan): string {
  return table(plan.steps.map(step => [`  ${step.action}`, step.file, step.detail])).trimEnd();
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
  const lines = applied.staged.length > 0 ? [`staged in git: ${applied.staged.join(', ')}`] : [];
  if (applied.left.length > 0) {
    lines.push(`not staged, because of other edits of yours in it: git add ${applied.left.join(' ')}`);
  }
  return lines;
}
