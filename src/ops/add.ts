import { SecretsError } from '../errors.ts';
import { addRule, setSecretOptions } from '../workspace/edit.ts';
import type { Inventory } from '../workspace/model.ts';
import { checkSecretName } from '../workspace/names.ts';
import { type Placement, placeSecret } from '../workspace/placement.ts';
import { audienceOf, ruleFor } from '../workspace/rules.ts';
import { type Added, type AddRequest, readersOf } from './add-request.ts';
import { addToHostFile } from './add-to-host-file.ts';
import { Draft } from './draft.ts';
import { refuseCollisions, refuseIgnored } from './guards.ts';
import { emitModules } from './modules.ts';
import { plainTree, STORED_AS, sealNew } from './seal-file.ts';
import type { Workspace } from './workspace.ts';

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
  const { format, extension } = STORED_AS[request.payload.kind];
  const place = placeSecret(
    draft.inventory,
    { hosts: request.hosts, name: request.name, format, extension },
    draft.files,
  );
  refuseTaken(draft, place);
  await refuseIgnored(draft.workspace, place.path);
  editInventory(draft, request, place);
  const rule = ruleFor(draft.inventory, place.path);
  if (rule === null)
    throw new SecretsError('INTERNAL', 'the new rule does not match the new file', { file: place.path });
  const tree = await plainTree(request.payload, request.name);
  const bytes = await sealNew(tree, format, rule, draft.workspace.around);
  await draft.writeSops(place.path, bytes, 'encrypted');
  refuseCollisions(draft, place.address);
  const hosts = draft.secrets.find(secret => secret.file === place.path)?.hosts ?? [];
  await emitModules(draft, hosts);
  draft.note(...request.payload.notes, ...lonelyNote(draft.inventory, place, request.hosts));
  return {
    plan: draft.toPlan(),
    address: place.address,
    file: place.path,
    format,
    hosts,
    readers: readersOf(draft.inventory, audienceOf(rule), new Set(place.newReaders)),
    inHostFile: false,
  };
}

function editInventory(draft: Draft, request: AddRequest, place: Placement): void {
  if (place.newRule) {
    const names = place.audience.map(reader => reader.name ?? reader.recipient);
    draft.setInventory(
      addRule(draft.inventory, { folder: place.folder, recipients: names }, draft.paths),
      `rule for ${place.folder}`,
    );
  }
  if (Object.keys(request.options).length > 0) {
    draft.setInventory(
      setSecretOptions(draft.inventory, place.address, request.options),
      `options of ${place.address}`,
    );
  }
}

function refuseTaken(draft: Draft, place: Placement): void {
  const taken = draft.secrets.find(secret => secret.address === place.address);
  const occupied = draft.paths.includes(place.path);
  if (taken === undefined && !occupied) return;
  throw new SecretsError('ALREADY_EXISTS', `${place.address} exists already`, {
    file: taken?.file ?? place.path,
    hint: `to change its value: secrets set ${place.address}`,
  });
}

function lonelyNote(inventory: Inventory, place: Placement, hosts: readonly string[]): string[] {
  const readers = new Set(place.audience.map(reader => reader.name));
  if (inventory.admins.some(admin => readers.has(admin))) return [];
  return [
    `no person reads it, only ${hosts.join(', ')}: add \`admins: [YOUR-KEY-NAME]\` and your key to that rule in .sops.yaml if you want to`,
  ];
}
