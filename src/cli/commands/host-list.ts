import { shortRecipient } from '../../age/recipient.ts';
import { ExitCode } from '../../errors.ts';
import { everySecret } from '../../ops/answers/every-secret.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { nextOf } from '../../workspace/edit.ts';
import type { Host, Secret } from '../../workspace/model.ts';
import { table } from '../render/table.ts';
import { newSession, readAnyWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets host list` */
export async function runHostList(world: World, options: { readonly json?: boolean }): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readAnyWorkspace(session);
  const secrets = (await everySecret(workspace)).map(({ secret }) => secret);
  const counts = countOf(secrets);
  const hosts = [...workspace.inventory.hosts.values()].map(host => describeHost(workspace, host, counts));
  if (options.json === true) await session.talk.outJson({ hosts });
  else await session.talk.out(table(hosts.map(row)));
  if (hosts.length === 0) await session.talk.note('no hosts yet: secrets host add NAME --ssh');
  return ExitCode.ok;
}

/** A host as `--json` shows it. */
export function describeHost(
  { inventory, secrets }: Workspace,
  host: Host,
  counts: ReadonlyMap<string, number> = countOf(secrets),
) {
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
    secrets: counts.get(host.name) ?? 0,
  };
}

/** How many secrets each host receives. */
function countOf(secrets: readonly Secret[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { hosts } of secrets) for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}

function row(host: ReturnType<typeof describeHost>): string[] {
  const key = host.recipient === null ? 'no key' : shortRecipient(host.recipient.recipient);
  const count = host.secrets === 1 ? '1 secret' : `${host.secrets} secrets`;
  const phase = host.phase === 'rotating' ? 'rotating: a new key is staged' : '';
  return [host.name, host.platform ?? '?', key, count, host.groups.join(', '), phase];
}
