import { ExitCode, SecretsError } from '../../errors.ts';
import {
  callFor,
  changeLines,
  changesJson,
  type HookSetup,
  installHooks,
  planHooks,
  sayRefused,
  shownPath,
} from '../hook-setup.ts';
import type { Session, WriteOptions } from '../session.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

interface HookInstallOptions extends WriteOptions {
  readonly force?: boolean | undefined;
}

/** `secrets hook install` */
export async function runHookInstall(world: World, options: HookInstallOptions): Promise<number> {
  const talk = new Talk(world, options.json === true);
  const session: Session = { world, talk };
  const setup = await planHooks(world, options.force === true);
  const { folder, changes, refused } = setup;
  const wanted = options.dryRun !== true;
  if (changes.length > 0) await talk.say(changeLines(folder, changes));
  const drivers = wanted ? await install(session, setup) : [];
  if (!wanted) await talk.say('  dry run: nothing was written');
  await sayRefused(session, setup);
  if (talk.json) await talk.outJson({ ...json(session, setup), drivers, applied: wanted });
  if (refused.length > 0) return inTheWay(session, setup);
  if (changes.length === 0) await talk.note('nothing to do: every hook is in place');
  else if (wanted) await sayDone(session, setup);
  return ExitCode.ok;
}

/** Also what makes diffs readable and merges work, which git is told of at the same place. */
async function install({ world, talk }: Session, setup: HookSetup): Promise<readonly string[]> {
  await installHooks(world, setup);
  const { setUpDrivers } = await import('../driver-setup.ts');
  const drivers = await setUpDrivers(world);
  if (drivers.length > 0) await talk.say(`  readable diffs and merges: ${drivers.join(', ')}`);
  return drivers;
}

async function sayDone({ talk }: Session, { folder }: HookSetup): Promise<void> {
  await talk.note(
    `hooks in ${shownPath(folder, folder.edited)}: a commit with a plaintext secret is stopped`,
  );
  if (folder.shared) await talk.note('others of this repository run them too, once they are committed');
}

function json({ world }: Session, { folder, changes, refused }: HookSetup) {
  return {
    plan: changesJson(folder, changes),
    refused: refused.map(({ hook, file, reason, manager }) => ({
      hook,
      file: shownPath(folder, file),
      reason,
      manager,
      add: callFor(folder, hook, world.launch),
    })),
  };
}

/** With `--json` the document is written already; two would be none. */
async function inTheWay({ talk }: Session, { refused }: HookSetup): Promise<number> {
  const error = new SecretsError(
    'HOOK_IN_THE_WAY',
    `not installed, because another hook is there: ${refused.map(({ hook }) => hook).join(', ')}`,
    { hint: 'add the lines above to it, then run `secrets hook status`' },
  );
  if (!talk.json) throw error;
  await talk.note(`error: ${error.message} [${error.code}]`);
  return error.exit;
}
