import { ExitCode } from '../../errors.ts';
import type { Plan } from '../../ops/plan.ts';
import { planRemove } from '../../ops/secrets/rm.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { confirmAndApply } from '../confirmed.ts';
import { newSession, readWorkspace, type WriteOptions } from '../session.ts';
import { stillUsed } from '../wiring.ts';
import type { World } from '../world.ts';

interface RemoveOptions extends WriteOptions {
  readonly host?: string | undefined;
}

/** `secrets rm` */
export async function runRemove(world: World, name: string, options: RemoveOptions): Promise<number> {
  const session = newSession(world, options);
  const { address } = findSecret((await readWorkspace(session)).secrets, name, options.host);
  await confirmAndApply(session, workspace => removal(workspace, address), options, {
    ask: () => `remove ${address}?`,
    unattended: `secrets rm ${address} --yes`,
  });
  return ExitCode.ok;
}

async function removal(workspace: Workspace, address: string): Promise<{ plan: Plan }> {
  const secret = findSecret(workspace.secrets, address);
  const plan = await planRemove(workspace, secret);
  const users = (await stillUsed(workspace, secret)).map(
    place => `${place} still uses config.sops.secrets, so that configuration will not evaluate`,
  );
  return { plan: { ...plan, notes: [...users, ...plan.notes] } };
}
