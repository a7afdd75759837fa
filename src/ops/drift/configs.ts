import { SecretsError } from '../../errors.ts';
import { configText } from '../../workspace/config-bytes.ts';
import type { Inventory } from '../../workspace/model.ts';
import { parseInventory } from '../../workspace/parse.ts';
import type { Draft } from '../draft.ts';

/** The name under which sops looks for its configuration. */
export const CONFIG_NAME = '.sops.yaml';

/** The configs of a work tree; each governs what lies below it, down to the next one. */
export class Configs {
  readonly #root: Inventory;
  readonly #nested = new Map<string, Inventory | SecretsError>();
  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
    this.#root = draft.inventory;
  }

  static async of(draft: Draft): Promise<Configs> {
    const configs = new Configs(draft);
    for (const path of draft.paths) if (path.endsWith(`/${CONFIG_NAME}`)) await configs.#load(path);
    return configs;
  }

  async #load(path: string): Promise<void> {
    try {
      const file = await this.#draft.read(path);
      if (file === null) return;
      this.#nested.set(path, parseInventory(configText(file.bytes, path), path));
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      this.#nested.set(path, error);
    }
  }

  /** By path: every config of the work tree, or why it does not load. */
  all(): ReadonlyMap<string, Inventory | SecretsError> {
    return new Map([[CONFIG_NAME, this.#root], ...this.#nested]);
  }

  /** @returns `matched`: the path as the rules of the config see it */
  governing(path: string): { config: string; inventory: Inventory | SecretsError; matched: string } {
    if (this.#nested.size > 0) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        const config = `${path.slice(0, end)}/${CONFIG_NAME}`;
        const inventory = this.#nested.get(config);
        if (inventory !== undefined) return { config, inventory, matched: path.slice(end + 1) };
      }
    }
    return { config: CONFIG_NAME, inventory: this.#root, matched: path };
  }
}
