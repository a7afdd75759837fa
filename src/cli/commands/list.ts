import { ExitCode } from '../../errors.ts';
import { everySecret } from '../../ops/answers/every-secret.ts';
import { inRepository } from '../../ops/paths.ts';
import type { Inventory, Secret } from '../../workspace/model.ts';
import { unknownHost } from '../../workspace/receivers.ts';
import { table } from '../render/table.ts';
import { newSession, readAnyWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets list` */
export async function runList(
  world: World,
  options: { readonly host?: string; readonly json?: boolean },
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readAnyWorkspace(session);
  const { host } = options;
  const every = (await everySecret(workspace)).map(({ secret }) => secret);
  if (host !== undefined) checkKnown(workspace.inventory, every, host);
  const secrets = every.filter(({ hosts }) => host === undefined || hosts.includes(host));
  if (options.json === true) {
    await session.talk.outJson({
      secrets: secrets.map(secret => describe(secret, inRepository(workspace, secret.file))),
    });
    return ExitCode.ok;
  }
  await session.talk.out(
    table(secrets.map(secret => [secret.name, secret.hosts.join(', ') || '-', fileColumn(secret)])),
  );
  if (secrets.length === 0) await session.talk.note('no secrets yet: secrets add NAME --host HOST');
  return ExitCode.ok;
}

/** A host of a config further down is one too. */
function checkKnown(inventory: Inventory, secrets: readonly Secret[], host: string): void {
  const known = new Set([...inventory.hosts.keys(), ...secrets.flatMap(({ hosts }) => hosts)]);
  if (!known.has(host)) throw unknownHost(inventory, host, [...known].sort());
}

function describe(secret: Secret, file: string) {
  const { name, address, hosts, key, format } = secret;
  return {
    name,
    address,
    hosts,
    file,
    key,
    format,
    declared: secret.emitted,
    pending: secret.pending === true,
  };
}

function fileColumn({ file, pending }: Secret): string {
  return pending === true ? `${file} (no value yet)` : file;
}
