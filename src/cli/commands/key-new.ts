import { generateIdentity } from '../../age/identity.ts';
import { ExitCode } from '../../errors.ts';
import { newSession } from '../session.ts';
import { keep, sayKept, storeNamed } from '../store-key.ts';
import { storesOf } from '../vault.ts';
import type { World } from '../world.ts';

interface KeyNewOptions {
  readonly name?: string | undefined;
  readonly store: string;
  readonly pq?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `secrets key new` */
export async function runKeyNew(world: World, options: KeyNewOptions): Promise<number> {
  const session = newSession(world, options);
  const store = storeNamed(options.store);
  const made = options.pq === true ? await postQuantum(world) : generateIdentity(world.random);
  const kept = await keep(session, storesOf(world), store, { ...made, now: world.now() }, options.name);
  await sayKept(session, kept, 'made');
  if (session.talk.json) await session.talk.outJson(kept);
  else await session.talk.out(`${kept.recipient}\n`);
  return ExitCode.ok;
}

async function postQuantum(world: World) {
  const { generateHybrid } = await import('../../age/post-quantum.ts');
  return generateHybrid(world.random);
}
