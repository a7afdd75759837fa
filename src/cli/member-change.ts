import { ExitCode } from '../errors.ts';
import { isWhole, leftNotes } from '../ops/drift/sync.ts';
import type { MemberChange, MemberOptions } from '../ops/members/loss.ts';
import type { Workspace } from '../ops/workspace.ts';
import { confirmAndApply } from './confirmed.ts';
import { progress } from './progress.ts';
import type { Session, WriteOptions } from './session.ts';

/** Options of every command that changes who exists. */
export interface MemberCommandOptions extends WriteOptions {
  readonly skipUnreadable?: boolean | undefined;
}

/**
 * Plans, shows, asks and applies a change of who exists. With `--json` the values that somebody could have read
 * are listed as `secrets`, which `secrets rotate --stdin` takes.
 *
 * @param question `null` where nothing has to be asked
 * @param before what has to be done right before the plan is carried out
 */
export async function changeMembers(
  session: Session,
  make: (workspace: Workspace, options: MemberOptions) => Promise<MemberChange>,
  options: MemberCommandOptions,
  question: string | null,
  before?: () => Promise<void>,
): Promise<number> {
  const how: MemberOptions = {
    skipUnreadable: options.skipUnreadable,
    onProgress: progress(session.world, 'reading', options),
  };
  const { made } = await confirmAndApply(
    session,
    async workspace => {
      const change = await make(workspace, how);
      const notes = leftNotes(change.synced);
      return { ...change, plan: { ...change.plan, notes: [...change.plan.notes, ...notes] } };
    },
    options,
    {
      ask: () => question,
      unattended: 'to see the plan: add --dry-run; to carry it out: add --yes',
      json: ({ exposed }) => ({ secrets: exposed }),
      ...(before === undefined ? {} : { before }),
    },
  );
  return isWhole(made.synced) ? ExitCode.ok : ExitCode.findings;
}
