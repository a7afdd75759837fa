import { shortRecipient } from '../../age/recipient.ts';
import { ExitCode } from '../../errors.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { nextOf } from '../../workspace/edit.ts';
import type { Host } from '../../workspace/model.ts';
import { table } from '../render/table.ts';
import { newSession, readWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets host list` */
export async function runHostList(world: World, options: { readonly json?: boolean }): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const hosts = [...workspace.inventory.hosts.values()].map(host => describeHost(workspace, host));
  if (options.json === true) await session.talk.outJson({ hosts });
  else await session.talk.out(table(hosts.map(row)));
  if (hosts.length === 0) await session.talk.note('no hosts yet: secrets host add NAME --ssh');
  return ExitCode.ok;
}

/** A host as `--json` shows it. */
export function describeHost(workspace: Workspace, host: Host) {
  const { inventory, secrets } = workspace;
  const groups = [...inventory.groups]
    .filter(([, members]) => members.includes(host.name))
    .map(([group]) => group);
  return {
    name: host.name,
    platform: host.declared ? host.platform : null,
    recipient:
      host.recipient === null ? null : { name: inventory.nameOf(host.recipient), recipient: host.recipient },
    phase: nextOf(inventory, host.name) === null ? 'ok' : 'rotating',
    groups,
    secrets: secrets.filter(secret => secret.hosts.includes(host.name)).length,
  };
}

function row(host: ReturnType<typeof describeHost>): string[] {
  const key = host.recipient === null ? 'no key' : shortRecipient(host.recipient.recipient);
  const count = host.secrets === 1 ? '1 secret' : `${host.secrets} secrets`;
  const phase = host.phase === 'rotating' ? 'rotating: a new key is staged' : '';
  return [host.name, host.platform ?? '?', key, count, host.groups.join(', '), phase];
}
