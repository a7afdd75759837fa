import { ExitCode } from '../../errors.ts';
import { inRepository } from '../../ops/paths.ts';
import type { Secret } from '../../workspace/model.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { table } from '../render/table.ts';
import { newSession, readWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets list` */
export async function runList(
  world: World,
  options: { readonly host?: string; readonly json?: boolean },
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const { host } = options;
  if (host !== undefined) checkHost(workspace.inventory, host);
  const secrets = workspace.secrets.filter(secret => host === undefined || secret.hosts.includes(host));
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
