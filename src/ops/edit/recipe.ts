import type { Draft } from '../draft.ts';
import { recordRecipe } from '../secrets/set.ts';

/**
 * Forgets how the values of a file were generated, where they are now what somebody typed.
 *
 * @param changed paths of the values that changed
 */
export function forgetRecipe(draft: Draft, file: string, changed: ReadonlySet<string>): void {
  for (const secret of draft.workspace.secrets) {
    const concerned = secret.file === file && (secret.key === null || changed.has(secret.key));
    if (concerned && draft.inventory.secrets.get(secret.address)?.generate !== undefined)
      recordRecipe(draft, secret, null);
  }
}
