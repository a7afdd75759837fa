import type { Inventory } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { STAGED, stagedKeys } from '../../workspace/staged.ts';
import type { TreeConfigs } from '../guard/configs.ts';
import type { Reader } from './access-model.ts';

/** Both configs of a comparison: a key has the name that it has now, else the one that it had. */
export class NamesOfBoth {
  readonly #before: TreeConfigs;
  readonly #after: TreeConfigs;

  constructor(before: TreeConfigs, after: TreeConfigs) {
    this.#before = before;
    this.#after = after;
  }

  /** @param file whose config names the key */
  reader(recipient: string, file: string): Reader {
    const now = nameIn(this.#after.governing(file).inventory, recipient);
    const name = now ?? nameIn(this.#before.governing(file).inventory, recipient);
    return { name, recipient };
  }
}

/** A key that waits to replace that of a member is the member's. */
function nameIn(inventory: Inventory | null, recipient: string): string | null {
  const name = inventory?.nameOf(recipient) ?? null;
  if (inventory === null || name === null || !name.endsWith(STAGED)) return name;
  const key = canonicalRecipient(recipient);
  const isStaged = [...stagedKeys(inventory).values()].some(next => canonicalRecipient(next) === key);
  return isStaged ? name.slice(0, -STAGED.length) : name;
}
