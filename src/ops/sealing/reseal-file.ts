import { reseal } from '../../sops/reseal.ts';
import type { UnlockedFile } from '../unlock.ts';
import type { Workspace } from '../workspace.ts';
import { writeSealed } from './write-sealed.ts';

/**
 * The bytes of a file whose decrypted tree was edited: the same data key and recipients, and every unchanged
 * value keeps its ciphertext, so that git shows the changed value, the MAC and the date.
 */
export async function resealed(workspace: Workspace, unlocked: UnlockedFile): Promise<Uint8Array> {
  const { now, random } = workspace.around;
  const { file, dataKey, opened } = unlocked;
  const next = reseal(file, opened.documents, { dataKey, stash: opened.stash, now: now(), random });
  return writeSealed(next, dataKey, file);
}
