import { ExitCode } from '../../errors.ts';
import { chooseKey } from '../choose-key.ts';
import { knownSources, namesHere } from '../known-keys.ts';
import { newSession } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets key show` */
export async function runKeyShow(
  world: World,
  wanted: string | undefined,
  options: { readonly json?: boolean },
): Promise<number> {
  const { talk } = newSession(world, options);
  const { nameOf } = await namesHere(world);
  const sources = await knownSources(world, nameOf);
  const keys = sources.flatMap(({ source, location, store, recipients }) =>
    recipients.map(key => ({ ...key, source, location, store })),
  );
  const key = chooseKey(keys, wanted);
  if (talk.json) await talk.outJson(key);
  else await talk.out(`${key.recipient}\n`);
  return ExitCode.ok;
}
