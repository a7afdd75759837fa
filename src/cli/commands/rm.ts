import { ExitCode, SecretsError } from '../../errors.ts';
import { planRemove } from '../../ops/rm.ts';
import { findSecret } from '../../workspace/secrets.ts';
import {
  newSession,
  readWorkspace,
  type Session,
  showAndApply,
  type WriteOptions,
  writeWorkspace,
} from '../session.ts';
import { stillUsed } from '../wiring.ts';
import type { World } from '../world.ts';

interface RemoveOptions extends WriteOptions {
  readonly host?: string | undefined;
}

/** `secrets rm` */
export async function runRemove(world: World, name: string, options: RemoveOptions): Promise<number> {
  const session = newSession(world, options);
  const { address } = findSecret((await readWorkspace(session)).secrets, name, options.host);
  // before the lock is taken: a question that waits must not keep others from writing
  if (options.dryRun !== true && !(await confirmed(session, address, options))) return ExitCode.ok;
  return writeWorkspace(session, async workspace => {
    const secret = findSecret(workspace.secrets, address);
    const plan = await planRemove(workspace, secret);
    for (const place of await stillUsed(workspace, secret)) {
      await session.talk.say(
        `  note: ${place} still uses config.sops.secrets, so that configuration will not evaluate`,
      );
    }
    await showAndApply(session, workspace, plan, options);
    return ExitCode.ok;
  });
}

async function confirmed(session: Session, address: string, options: RemoveOptions): Promise<boolean> {
  if (options.yes === true) return true;
  if (session.world.stdin.isTTY !== true) {
    throw new SecretsError('USAGE', `not removed: nobody is there to confirm it`, {
      hint: `secrets rm ${address} --yes`,
    });
  }
  return (await session.world.terminal()).confirm(`remove ${address}?`);
}
