import { type IdentitySet, loadIdentities } from '../../keys/sources.ts';
import { nodeKeysWorld } from '../../keys/world.ts';
import { withoutKeyCommands } from '../known-keys.ts';
import type { World } from '../world.ts';

/** Identities that open without asking: no command of the person is run, and no keychain unlocked. */
export function quietIdentities(world: World): Promise<IdentitySet> {
  return loadIdentities(nodeKeysWorld({ ...world, env: withoutKeyCommands(world.env) }));
}
