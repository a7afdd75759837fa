import { ExitCode } from '../../errors.ts';
import { planHostAdd } from '../../ops/host-add.ts';
import type { Platform } from '../../workspace/model.ts';
import { checkHostName } from '../../workspace/names.ts';
import { type KeyOptions, takeKey } from '../public-key.ts';
import { newSession, readWorkspace, showAndApply, type WriteOptions, writeWorkspace } from '../session.ts';
import { showWiring, warnOfOtherKeySource } from '../wiring.ts';
import type { World } from '../world.ts';

interface HostAddOptions extends WriteOptions, KeyOptions {
  readonly platform: Platform;
}

/** `secrets host add` */
export async function runHostAdd(world: World, name: string, options: HostAddOptions): Promise<number> {
  const session = newSession(world, options);
  checkHostName(name);
  await readWorkspace(session);
  const recipient = await takeKey(session, name, options);
  return writeWorkspace(session, async workspace => {
    const plan = await planHostAdd(workspace, { name, platform: options.platform, recipient });
    await session.talk.say(`host ${name} (${options.platform}): ${recipient}`);
    const applied = await showAndApply(session, workspace, plan, options);
    if (plan.steps.length === 0) await session.talk.note(`${name} is there already, with this key`);
    if (options.age === undefined)
      await warnOfOtherKeySource(session, workspace, { name, platform: options.platform });
    if (applied) await showWiring(session, workspace.root, workspace.around, { host: name });
    return ExitCode.ok;
  });
}
