import { ExitCode } from '../../errors.ts';
import { applyHookChanges, configureLaunch, planUninstall } from '../../git/hooks/change.ts';
import { findHooksFolder } from '../../git/hooks/folder.ts';
import { lookAtHooks } from '../../git/hooks/look.ts';
import { changeLines, changesJson } from '../hook-setup.ts';
import type { WriteOptions } from '../session.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

/** `secrets hook uninstall` */
export async function runHookUninstall(world: World, options: WriteOptions): Promise<number> {
  const talk = new Talk(world, options.json === true);
  const folder = await findHooksFolder(world.cwd, world.env);
  const hooks = await lookAtHooks(folder);
  const changes = planUninstall(hooks);
  const wanted = options.dryRun !== true;
  if (changes.length > 0) await talk.say(changeLines(folder, changes));
  if (wanted) {
    await applyHookChanges(changes);
    if (folder.shared) await configureLaunch(folder, null);
    const { takeDown } = await import('../driver-setup.ts');
    const drivers = await takeDown(world);
    if (drivers.length > 0) await talk.say(`  taken out of ${drivers.join(', ')}: readable diffs and merges`);
  } else await talk.say('  dry run: nothing was written');
  if (talk.json) await talk.outJson({ plan: changesJson(folder, changes), applied: wanted });
  for (const { hook, reason } of hooks.filter(({ state }) => state === 'by-hand')) {
    await talk.say(`  ${hook} is left as it is: ${reason}`);
  }
  if (changes.length === 0) await talk.note('nothing to do: no hook has lines of secrets');
  return ExitCode.ok;
}
