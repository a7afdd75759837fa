import type { AgePlugins } from '../age/plugin.ts';
import { findGitTop } from '../git/repository.ts';
import type { PluginWorld } from '../keys/plugins/client.ts';
import type { PluginPerson } from '../keys/plugins/conversation.ts';
import { Talk } from './talk.ts';
import { personAt, storesOf } from './vault.ts';
import type { World } from './world.ts';

/** What runs age plugins for a command; nothing is loaded before one is needed. */
export function pluginsOf(world: World): AgePlugins {
  let client: Promise<AgePlugins> | undefined;
  const loaded = () => {
    client ??= Promise.all([import('../keys/plugins/client.ts'), pluginWorld(world)]).then(
      ([{ pluginClient }, found]) => pluginClient(found),
    );
    return client;
  };
  return {
    wrap: async (recipient, fileKey) => (await loaded()).wrap(recipient, fileKey),
    unwrap: async (identity, stanzas) => (await loaded()).unwrap(identity, stanzas),
  };
}

/**
 * Where plugins may come from, and who is asked about them.
 *
 * @throws SecretsError `BAD_PATH` where the folder of keys cannot be told
 */
export async function pluginWorld(world: World): Promise<PluginWorld> {
  const top = await findGitTop(world.cwd, world.env);
  const { findRoot } = await import('../ops/workspace.ts');
  const root = await findRoot(world.cwd, top);
  const { vault, random } = storesOf(world);
  return {
    env: world.env,
    untrusted: [top, root].filter(folder => folder !== null),
    places: { folder: vault.folder, files: vault.files, random },
    person: personOf(world),
    mayRun: async (name, program) => {
      const terminal = await personAt(world);
      if (terminal === null) return null;
      terminal.write(`a key in use is of the age plugin ${name}, which was never run here\n`);
      return terminal.confirm(`run ${program}, now and from now on?`);
    },
  };
}

function personOf(world: World): PluginPerson {
  const talk = new Talk(world, false);
  return {
    say: (plugin, message) => talk.note(`age-plugin-${plugin}: ${message}`),
    async ask(plugin, prompt, hidden) {
      const terminal = await personAt(world);
      if (terminal === null) return null;
      const question = `age-plugin-${plugin}: ${prompt} `;
      return hidden ? (await terminal.readHidden(question)).reveal() : terminal.readLine(question);
    },
    async confirm(plugin, prompt, yes, no) {
      const terminal = await personAt(world);
      if (terminal === null) return null;
      return terminal.confirm(
        `age-plugin-${plugin}: ${prompt} (y: ${yes}${no === null ? '' : `, n: ${no}`})`,
      );
    },
  };
}
