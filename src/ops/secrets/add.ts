import { checkSecretName } from '../../workspace/names.ts';
import { Draft } from '../draft.ts';
import { plainTree, STORED_AS, sealNew } from '../sealing/seal-file.ts';
import type { Workspace } from '../workspace.ts';
import type { Added, AddRequest } from './add-request.ts';
import { addToHostFile } from './add-to-host-file.ts';
import { NOTHING_BESIDE, writeBeside } from './beside.ts';
import { addedAt, placeNew } from './new-secret.ts';

/**
 * Plans a new secret: a file of its own under the folder of its audience, which needs no private key; or, in a
 * repository with one file per host that an identity opens, a key in that file.
 *
 * @throws SecretsError `BAD_NAME`, `UNKNOWN_HOST`, `ALREADY_EXISTS`, `NAME_COLLISION`, `IGNORED_TARGET`,
 * `RULE_CONFLICT`, `BAD_OPTION`
 */
export async function planAdd(workspace: Workspace, request: AddRequest): Promise<Added> {
  checkSecretName(request.name);
  const inHostFile = await addToHostFile(workspace, request);
  if (inHostFile.added !== null) return inHostFile.added;
  const draft = new Draft(workspace);
  if (inHostFile.reason !== null) draft.note(inHostFile.reason);
  return addNewFile(draft, request);
}

async function addNewFile(draft: Draft, request: AddRequest): Promise<Added> {
  const { name, hosts, options, payload } = request;
  const secret = { name, hosts, options, kind: payload.kind };
  const placed = await placeNew(draft, secret);
  const { place, rule } = placed;
  const tree = await plainTree(payload, name);
  const bytes = await sealNew(tree, STORED_AS[payload.kind].format, rule, draft.workspace.around);
  await draft.writeSops(place.path, bytes, 'encrypted');
  await writeBeside(draft, { folder: place.folder, name }, request.beside ?? NOTHING_BESIDE);
  draft.note(...payload.notes);
  return addedAt(draft, secret, placed);
}
