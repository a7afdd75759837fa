import { readSopsFile } from '../../sops/document.ts';
import { leaves, removePath } from '../../sops/tree-path.ts';
import { setSecretOptions } from '../../workspace/edit.ts';
import type { Secret } from '../../workspace/model.ts';
import { Draft } from '../draft.ts';
import { readWorkFile } from '../files.ts';
import { emitModules } from '../modules.ts';
import type { Plan } from '../plan.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { unlock } from '../unlock.ts';
import { leafPath } from '../values/leaf-path.ts';
import type { Workspace } from '../workspace.ts';
import { removeBeside } from './beside-moves.ts';

/**
 * Plans the removal of a secret: its file, or its key in a file that holds others too (that needs an
 * identity), its options and its declaration. The rule of the folder stays.
 */
export async function planRemove(workspace: Workspace, secret: Secret): Promise<Plan> {
  const draft = new Draft(workspace);
  if (await isAlone(workspace, secret)) await draft.remove(secret.file, 'removed');
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

/** True where the file holds nothing but the secret, in any of its documents; who governs it does not matter. */
async function isAlone(workspace: Workspace, secret: Secret): Promise<boolean> {
  const neighbours = workspace.secrets.some(other => other.file === secret.file && other !== secret);
  if (secret.key === null) return !neighbours;
  const present = await readWorkFile(workspace.root, secret.file);
  if (present === null) return true;
  const { documents } = await readSopsFile(present.bytes, secret.format);
  const paths = documents.flatMap(document => Array.from(leaves(document), ({ path }) => path));
  const others = paths.filter(path => path.join('/') !== secret.key);
  return others.length === 0 && !neighbours && documents.length === 1;
}

async function removeKey(draft: Draft, secret: Secret): Promise<void> {
  const { workspace } = draft;
  const unlocked = await unlock(workspace, secret.file, secret.format);
  removePath(unlocked.opened.documents, leafPath(unlocked.opened.documents, secret.key ?? ''));
  await draft.writeSops(
    secret.file,
    await resealed(workspace, unlocked),
    `without ${secret.key}`,
    unlocked.before,
  );
}
