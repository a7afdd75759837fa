import { removePath } from '../sops/tree-path.ts';
import { setSecretOptions } from '../workspace/edit.ts';
import type { Secret } from '../workspace/model.ts';
import { removeBeside } from './beside-moves.ts';
import { Draft } from './draft.ts';
import { emitModules } from './modules.ts';
import type { Plan } from './plan.ts';
import { resealed } from './reseal-file.ts';
import { unlock } from './unlock.ts';
import type { Workspace } from './workspace.ts';

/**
 * Plans the removal of a secret: its file, or its key in a file that holds others too (that needs an
 * identity), its options and its declaration. The rule of the folder stays.
 */
export async function planRemove(workspace: Workspace, secret: Secret): Promise<Plan> {
  const draft = new Draft(workspace);
  const neighbours = workspace.secrets.filter(other => other.file === secret.file && other !== secret);
  const alone = secret.key === null || (secret.emitted && neighbours.length === 0);
  if (alone) await draft.remove(secret.file, 'removed');
  else await removeKey(draft, secret);
  if (draft.inventory.secrets.has(secret.address)) {
    draft.setInventory(
      setSecretOptions(draft.inventory, secret.address, null),
      `options of ${secret.address}`,
    );
  }
  await removeBeside(draft, secret);
  if (secret.emitted) await emitModules(draft, secret.hosts);
  draft.note(
    'git history still holds the encrypted value: if it must not be usable any more, replace it where it is used',
  );
  return draft.toPlan();
}

async function removeKey(draft: Draft, secret: Secret): Promise<void> {
  const { workspace } = draft;
  const unlocked = await unlock(workspace, secret.file, secret.format);
  removePath(unlocked.opened.documents, secret.key?.split('/') ?? []);
  await draft.writeSops(
    secret.file,
    await resealed(workspace, unlocked),
    `without ${secret.key}`,
    unlocked.before,
  );
}
