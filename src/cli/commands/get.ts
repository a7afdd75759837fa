import { ExitCode } from '../../errors.ts';
import { readValue } from '../../ops/secrets/read-value.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { newSession, readWorkspace } from '../session.ts';
import type { World } from '../world.ts';

const NEWLINE = 0x0a;

/** `secrets get`: the one command that prints a value. */
export async function runGet(
  world: World,
  name: string,
  options: { readonly key?: string; readonly host?: string },
): Promise<number> {
  const session = newSession(world, {});
  const workspace = await readWorkspace(session);
  const secret = findSecret(workspace.secrets, name, options.host);
  const value = (await readValue(workspace, secret, options.key)).reveal();
  await session.talk.out(value);
  if (world.stdout.isTTY === true && value.at(-1) !== NEWLINE) await session.talk.out('\n');
  return ExitCode.ok;
}
