import { ExitCode } from '../../errors.ts';
import { inRepository } from '../../ops/paths.ts';
import { readersOfFile } from '../../ops/readers.ts';
import { displayName } from '../../ops/unlock.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { table } from '../render/table.ts';
import { newSession, readWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets show`: everything about a secret but its value; needs no key. */
export async function runShow(
  world: World,
  name: string,
  options: { readonly host?: string; readonly json?: boolean },
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const { inventory } = workspace;
  const secret = findSecret(workspace.secrets, name, options.host);
  const recipients = await readersOfFile(workspace, secret);
  if (options.json === true) {
    const readers = recipients.map(recipient => ({ name: inventory.nameOf(recipient), recipient }));
    const file = inRepository(workspace, secret.file);
    const { address, key, format, hosts } = secret;
    await session.talk.outJson({
      name: secret.name,
      address,
      file,
      key,
      format,
      hosts,
      readers,
      options: secret.options,
    });
    return ExitCode.ok;
  }
  const given = Object.entries(secret.options).map(([option, value]) => [
    option,
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  await session.talk.out(
    table([
      ['secret', secret.address],
      ['file', secret.file],
      ...(secret.key === null || secret.key === secret.name ? [] : [['key', secret.key]]),
      ['format', secret.format],
      ['hosts', secret.hosts.join(', ') || '-'],
      ['readers', recipients.map(recipient => displayName(inventory, recipient)).join(', ')],
      ...given,
    ]),
  );
  return ExitCode.ok;
}
