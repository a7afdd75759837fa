import { SecretsError } from '../errors.ts';
import { readSopsFile } from '../sops/document.ts';
import { recipientsOf } from '../sops/metadata.ts';
import { readWorkFile } from './files.ts';
import type { Workspace } from './workspace.ts';

/**
 * The files that one key opens and none of the others at hand. Needs no private key.
 *
 * @param others public keys, whose private halves the person has elsewhere
 */
export async function filesOnlyReadWith(
  { root, files }: Workspace,
  recipient: string,
  others: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const { path, format } of files) {
    const readers = await readersOf(root, path, format);
    if (readers.includes(recipient) && !readers.some(reader => others.has(reader))) found.push(path);
  }
  return found;
}

async function readersOf(
  root: string,
  path: string,
  format: Workspace['files'][number]['format'],
): Promise<string[]> {
  const found = await readWorkFile(root, path);
  if (found === null) return [];
  try {
    return recipientsOf((await readSopsFile(found.bytes, format)).metadata);
  } catch (error) {
    if (error instanceof SecretsError) return [];
    throw error;
  }
}
