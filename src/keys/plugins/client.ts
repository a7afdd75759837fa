import type { Stanza } from '../../age/header.ts';
import { type AgePlugins, pluginOfIdentity, pluginOfRecipient } from '../../age/plugin.ts';
import { SecretsError } from '../../errors.ts';
import type { Redacted } from '../../redacted.ts';
import { type AllowedPlaces, allow, isAllowed } from './allowed.ts';
import { converse, type PluginPerson, stanzaOf } from './conversation.ts';
import { findPlugin, type PluginSearch } from './find-plugin.ts';

/** What running plugins needs of the outside. */
export interface PluginWorld extends PluginSearch {
  readonly places: AllowedPlaces;
  readonly person: PluginPerson;
  /**
   * May this program be run? Asked once for a name and a program.
   *
   * @returns `null`: nobody can be asked
   */
  mayRun(name: string, program: string): Promise<boolean | null>;
}

const FILE_KEY_BYTES = 16;

/** Plugins as real programs, one after the other: two at once would ask for two touches. */
export function pluginClient(world: PluginWorld): AgePlugins {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    wrap: (recipient, fileKey) => inTurn(() => wrap(world, recipient, fileKey)),
    unwrap: (identity, stanzas) => inTurn(() => unwrap(world, identity, stanzas)),
  };
}

async function wrap(world: PluginWorld, recipient: string, fileKey: Uint8Array): Promise<Stanza[]> {
  const plugin = nameOrFail(pluginOfRecipient(recipient));
  const program = await programOf(world, plugin);
  const opening = [stanzaOf('add-recipient', [recipient]), stanzaOf('wrap-file-key', [], fileKey)];
  const found = await converse(
    { plugin, program, phase: 'recipient-v1', env: world.env, opening },
    world.person,
  );
  const stanzas = found.flatMap(({ args: [command, index, type, ...args], body }): Stanza[] =>
    command === 'recipient-stanza' && index === '0' && type !== undefined
      ? [{ args: [type, ...args], body }]
      : [],
  );
  if (stanzas.length > 0 && stanzas.every(({ args }) => args[0] !== 'scrypt')) return stanzas;
  throw new SecretsError('PROGRAM_FAILED', `age-plugin-${plugin} made nothing that it could open again`);
}

async function unwrap(
  world: PluginWorld,
  identity: Redacted<string>,
  stanzas: readonly Stanza[],
): Promise<Uint8Array | null> {
  const plugin = nameOrFail(pluginOfIdentity(identity.reveal()));
  const program = await programOf(world, plugin);
  const opening = [
    stanzaOf('add-identity', [identity.reveal()]),
    ...stanzas.map(({ args, body }) => stanzaOf('recipient-stanza', ['0', ...args], body)),
  ];
  const found = await converse(
    { plugin, program, phase: 'identity-v1', env: world.env, opening },
    world.person,
  );
  const key = found.find(({ args }) => args[0] === 'file-key' && args[1] === '0');
  if (key === undefined) return null;
  if (key.body.length === FILE_KEY_BYTES) return key.body;
  throw new SecretsError('PROGRAM_FAILED', `age-plugin-${plugin} gave a file key of a wrong length`);
}

async function programOf(world: PluginWorld, plugin: string): Promise<string> {
  const program = await findPlugin(plugin, world);
  if (await isAllowed(world.places, plugin, program)) return program;
  const answer = await world.mayRun(plugin, program);
  if (answer !== true) throw notAllowed(plugin, answer === null);
  await allow(world.places, plugin, program);
  return program;
}

function nameOrFail(name: string | null): string {
  if (name !== null) return name;
  throw new SecretsError('BAD_KEY', 'the key names no plugin that can be run');
}

function notAllowed(plugin: string, nobodyThere: boolean): SecretsError {
  const message = nobodyThere
    ? `age-plugin-${plugin} was never run here, and nobody can be asked`
    : `age-plugin-${plugin} was not run`;
  return new SecretsError('PLUGIN_UNAVAILABLE', message, {
    hint: `agree to it once: secrets key allow-plugin ${plugin}`,
  });
}
