import { ExitCode, SecretsError } from '../errors.ts';
import { changeLines, type HookSetup, installHooks, planHooks, sayRefused, shownPath } from './hook-setup.ts';
import type { Session, WriteOptions } from './session.ts';

export interface HookOffer extends WriteOptions {
  /** Absent: a person at a terminal is asked. */
  readonly hook?: boolean | undefined;
}

const NEXT = 'next: secrets hook install   stops a commit that holds a plaintext secret';

/**
 * The last step of `init`: the hooks lie in git's own folder, so they are no part of its plan. Nothing that goes
 * wrong here takes back what is done.
 *
 * @returns the exit status: a failure only where the hooks were asked for by name
 */
export async function offerHooks(session: Session, options: HookOffer): Promise<number> {
  if (options.hook === false) return ExitCode.ok;
  const setup = await planned(session, options);
  if (setup === null) return options.hook === true ? ExitCode.failure : ExitCode.ok;
  if (setup.changes.length + setup.refused.length === 0) return ExitCode.ok;
  if (!(await isWanted(session, setup, options))) {
    await session.talk.say(NEXT);
    return ExitCode.ok;
  }
  if (setup.changes.length > 0) await session.talk.say(changeLines(setup.folder, setup.changes));
  if (options.dryRun !== true) await installHooks(session.world, setup);
  await sayRefused(session, setup);
  return options.hook === true && setup.refused.length > 0 ? ExitCode.failure : ExitCode.ok;
}

/** `null` where git takes its hooks from elsewhere, which is said. */
async function planned({ world, talk }: Session, options: HookOffer): Promise<HookSetup | null> {
  try {
    return await planHooks(world, false);
  } catch (error) {
    if (!(error instanceof SecretsError) || error.code !== 'HOOK_IN_THE_WAY') throw error;
    await talk.say(`  no hook was installed: ${error.message}`);
    if (options.hook === true) await talk.say(`secrets: hint: ${error.hint}`);
    else await talk.say(NEXT);
    return null;
  }
}

async function isWanted({ world }: Session, { folder }: HookSetup, options: HookOffer): Promise<boolean> {
  if (options.hook !== undefined) return options.hook;
  const unattended = options.yes === true || options.dryRun === true || options.json === true;
  if (unattended || world.stdin.isTTY !== true) return false;
  const place = shownPath(folder, folder.edited);
  return (await world.terminal()).confirm(`have git stop a commit that holds a plaintext secret (${place})?`);
}
