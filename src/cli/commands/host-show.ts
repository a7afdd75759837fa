import { ExitCode } from '../../errors.ts';
import { modulePath } from '../../ops/modules.ts';
import { nextOf } from '../../workspace/edit.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { table } from '../render/table.ts';
import { newSession, readWorkspace } from '../session.ts';
import type { World } from '../world.ts';
import { describeHost } from './host-list.ts';

/** `secrets host show` */
export async function runHostShow(
  world: World,
  name: string,
  options: { readonly json?: boolean },
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const host = checkHost(workspace.inventory, name);
  const described = describeHost(workspace, host);
  const received = workspace.secrets.filter(secret => secret.hosts.includes(name));
  const next = nextOf(workspace.inventory, name);
  const module = modulePath(workspace.inventory, name);
  if (options.json === true) {
    const receives = received.map(({ name: secret, address }) => ({ name: secret, address }));
    await session.talk.outJson({ ...described, module, next: next?.recipient ?? null, receives });
    return ExitCode.ok;
  }
  await session.talk.out(
    table([
      ['host', name],
      ['platform', described.platform ?? '?'],
      ['key', host.recipient ?? 'none'],
      ...(next === null ? [] : [['next key', next.recipient]]),
      ['groups', described.groups.join(', ') || '-'],
      ['module', module],
      ...received.map(({ address }, index) => [index === 0 ? 'receives' : '', address]),
    ]),
  );
  return ExitCode.ok;
}
