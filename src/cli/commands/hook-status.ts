import { ExitCode } from '../../errors.ts';
import { isSetUp } from '../../git/drivers.ts';
import { findHooksFolder } from '../../git/hooks/folder.ts';
import { configuredHooks, lookAtHooks } from '../../git/hooks/look.ts';
import type { HookFile, HookState, HooksFolder } from '../../git/hooks/model.ts';
import { lookAtDrivers } from '../driver-setup.ts';
import { shownPath } from '../hook-setup.ts';
import { table } from '../render/table.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

const WORDS: Readonly<Record<HookState, string>> = {
  installed: 'installed',
  'by-hand': 'installed by hand',
  outdated: 'outdated',
  missing: 'not installed',
  'in-the-way': 'not installed, another hook is in the way',
};

/** `secrets hook status` */
export async function runHookStatus(
  world: World,
  options: { readonly json?: boolean | undefined },
): Promise<number> {
  const talk = new Talk(world, options.json === true);
  const folder = await findHooksFolder(world.cwd, world.env);
  const hooks = await lookAtHooks(folder);
  const configured = await configuredHooks(folder);
  const complete = hooks.every(isInPlace);
  const drivers = await lookAtDrivers(world);
  if (talk.json) {
    await talk.outJson({
      installed: complete,
      folder: shownPath(folder, folder.edited),
      hooksPath: folder.hooksPath,
      hooks: hooks.map(hook => describe(folder, hook)),
      configured,
      drivers,
    });
    return complete ? ExitCode.ok : ExitCode.findings;
  }
  await talk.out(table(hooks.map(hook => [hook.hook, lineOf(hook)])));
  await talk.note(`hooks in ${shownPath(folder, folder.edited)}${whyThere(folder)}`);
  for (const { hook, name } of configured)
    await talk.note(`git's configuration also runs ${name} for ${hook}`);
  if (drivers !== null && !isSetUp(drivers))
    await talk.note('readable diffs and merges are not set up: secrets hook install');
  if (drivers?.mergeHook === 'left-out')
    await talk.note(
      'no hook post-merge of ours: a merge that has to be completed says so, and names the command',
    );
  if (!complete) await talk.say('secrets: hint: secrets hook install');
  return complete ? ExitCode.ok : ExitCode.findings;
}

function isInPlace({ state }: HookFile): boolean {
  return state === 'installed' || state === 'by-hand';
}

function lineOf({ state, reason }: HookFile): string {
  return reason === null ? WORDS[state] : `${WORDS[state]}: ${reason}`;
}

function whyThere({ husky, hooksPath, outside }: HooksFolder): string {
  if (husky) return ', run by husky';
  if (hooksPath === null) return '';
  return outside ? ' (core.hooksPath), outside of this repository' : ' (core.hooksPath)';
}

function describe(folder: HooksFolder, { hook, state, reason, file, manager }: HookFile) {
  return { hook, state, reason, file: shownPath(folder, file), manager };
}
