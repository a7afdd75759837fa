import { ExitCode } from '../../errors.ts';
import { planSet } from '../../ops/secrets/set.ts';
import type { Secret } from '../../workspace/model.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { newSession, readWorkspace, showAndApply, type WriteOptions, writeWorkspace } from '../session.ts';
import { takeValue, type ValueOptions } from '../value-input.ts';
import type { World } from '../world.ts';

interface SetOptions extends WriteOptions, ValueOptions {
  readonly key?: string | undefined;
  readonly host?: string | undefined;
}

/** The bytes of a binary secret are taken as they are. */
function ownKind(secret: Secret, options: SetOptions): ValueOptions {
  return secret.format === 'binary' && options.key === undefined ? { ...options, binary: true } : options;
}

/** `secrets set` */
export async function runSet(world: World, name: string, options: SetOptions): Promise<number> {
  const session = newSession(world, options);
  const target = findSecret((await readWorkspace(session)).secrets, name, options.host);
  const { pending } = target.options;
  const announced = target.pending === true ? { env: pending === 'env', binary: pending === 'binary' } : {};
  const { payload, recipe, beside } = await takeValue(
    session,
    target.address,
    ownKind(target, { ...options, ...announced }),
  );
  return writeWorkspace(session, async workspace => {
    const secret = findSecret(workspace.secrets, target.address);
    const plan = await planSet(workspace, secret, { payload, key: options.key, recipe, beside });
    await session.talk.say(`${secret.address}: received by ${secret.hosts.join(', ') || 'no host'}`);
    await showAndApply(session, workspace, plan, options);
    return ExitCode.ok;
  });
}
