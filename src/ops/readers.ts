import { readSopsFile } from '../sops/document.ts';
import { recipientsOf } from '../sops/metadata.ts';
import type { Secret } from '../workspace/model.ts';
import { readWorkFile } from './files.ts';
import type { Workspace } from './workspace.ts';

/** The recipients of a secret's file as its own metadata says, in their order. Needs no key. */
export async function readersOfFile(workspace: Workspace, secret: Secret): Promise<string[]> {
  const present = await readWorkFile(workspace.root, secret.file);
  if (present === null) return [];
  return recipientsOf((await readSopsFile(present.bytes, secret.format)).metadata);
}
