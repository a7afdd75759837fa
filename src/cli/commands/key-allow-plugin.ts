import { ExitCode, SecretsError } from '../../errors.ts';
import { allow } from '../../keys/plugins/allowed.ts';
import { findPlugin } from '../../keys/plugins/find-plugin.ts';
import { pluginWorld } from '../plugins.ts';
import { newSession } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets key allow-plugin` */
export async function runKeyAllowPlugin(
  world: World,
  name: string,
  options: { readonly json?: boolean },
): Promise<number> {
  const { talk } = newSession(world, options);
  const plugin = name.replace(/^age-plugin-/, '');
  if (!/^[a-z0-9+_-][a-z0-9+._-]*$/.test(plugin))
    throw new SecretsError('BAD_NAME', 'this is no name of an age plugin', {
      hint: 'for example: secrets key allow-plugin yubikey',
    });
  const found = await pluginWorld(world);
  const program = await findPlugin(plugin, found);
  await allow(found.places, plugin, program);
  if (talk.json) await talk.outJson({ plugin, program });
  else await talk.note(`${program} may be run for keys of the plugin ${plugin}`);
  return ExitCode.ok;
}
