import { SecretsError } from '../../errors.ts';
import { recipientsOf } from '../../sops/metadata.ts';
import { getPath, setPath } from '../../sops/tree-path.ts';
import { setSecretOptions } from '../../workspace/edit.ts';
import { pathRegexOf } from '../../workspace/names.ts';
import { ruleFor } from '../../workspace/rules.ts';
import { hostOwnFile, type ManagedFile } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { type UnlockedFile, unlock } from '../unlock.ts';
import type { Workspace } from '../workspace.ts';
import { type Added, type AddRequest, readersOf } from './add-request.ts';
import { NOTHING_BESIDE, writeBeside } from './beside.ts';
import { refuseCollisions } from './guards.ts';

/** Either the secret became a key of the host's own file, or the reason why it did not (`null`: there is no such file). */
export interface HostFileOutcome {
  readonly added: Added | null;
  readonly reason: string | null;
}

/**
 * Adds a value to the one file that a host has of its own in a repository that this tool did not lay out. Its
 * recipients stay as they are. Without an identity that opens the file the caller takes the keyless way.
 */
export async function addToHostFile(workspace: Workspace, request: AddRequest): Promise<HostFileOutcome> {
  const file = ownFile(workspace, request);
  if (file === null) return { added: null, reason: null };
  if (request.payload.kind === 'binary') {
    return { added: null, reason: `${file.path} is YAML, so the binary value becomes a file of its own` };
  }
  const unlocked = await unlockOrNull(workspace, file);
  if (unlocked === null) {
    const readers = await readerNames(workspace, file);
    return {
      added: null,
      reason: `${file.path} is read by ${readers} and none of your keys opens it, so ${request.name} becomes a file of its own`,
    };
  }
  return { added: await addKey(workspace, request, unlocked), reason: null };
}

/** The file to add to: only where the host has no folder of its own under `secrets/` yet. */
function ownFile(workspace: Workspace, request: AddRequest): ManagedFile | null {
  const [host, ...others] = request.hosts;
  if (host === undefined || others.length > 0 || !workspace.inventory.hosts.has(host)) return null;
  const own = pathRegexOf(host);
  if (workspace.inventory.rules.some(rule => rule.pathRegex === own)) return null;
  return hostOwnFile(workspace.inventory, host, workspace.files);
}

async function unlockOrNull(workspace: Workspace, file: ManagedFile): Promise<UnlockedFile | null> {
  try {
    return await unlock(workspace, file.path, file.format);
  } catch (error) {
    if (error instanceof SecretsError && error.code === 'NO_IDENTITY') return null;
    throw error;
  }
}

async function readerNames(workspace: Workspace, file: ManagedFile): Promise<string> {
  const rule = ruleFor(workspace.inventory, file.path);
  const recipients = rule?.groups.flatMap(group => [...group.age, ...group.pgp]) ?? [];
  return recipients
    .map(recipient => workspace.inventory.nameOf(recipient) ?? 'a key without a name')
    .join(', ');
}

async function addKey(workspace: Workspace, request: AddRequest, unlocked: UnlockedFile): Promise<Added> {
  const path = request.name.split('/');
  const address = `${unlocked.path}#${request.name}`;
  if (getPath(unlocked.opened.documents, path) !== undefined) {
    throw new SecretsError('ALREADY_EXISTS', `${unlocked.path} has a key ${request.name} already`, {
      hint: `to change its value: secrets set ${address}`,
    });
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(request.payload.bytes.reveal());
  setPath(unlocked.opened.documents, path, text);
  const draft = new Draft(workspace);
  await draft.writeSops(
    unlocked.path,
    await resealed(workspace, unlocked),
    `new key ${request.name}`,
    unlocked.before,
  );
  refuseCollisions(draft, address);
  const [folder = ''] = request.hosts;
  await writeBeside(draft, { folder, name: request.name }, request.beside ?? NOTHING_BESIDE);
  recordRecipe(draft, address, request.options.generate);
  draft.note(...request.payload.notes.filter(note => !note.includes('blank lines')));
  const recipients = recipientsOf(unlocked.file.metadata);
  const hosts =
    draft.secrets.find(secret => secret.file === unlocked.path && secret.name === request.name)?.hosts ?? [];
  return {
    plan: draft.toPlan(),
    address,
    file: unlocked.path,
    format: unlocked.file.format,
    hosts,
    readers: readersOf(workspace.inventory, recipients, new Set()),
    inHostFile: true,
  };
}

/** So that `rotate` can make the next value; a `.sops.yaml` that a program writes is left alone. */
function recordRecipe(draft: Draft, address: string, generate: string | undefined): void {
  if (generate === undefined || draft.inventory.generated) return;
  draft.setInventory(setSecretOptions(draft.inventory, address, { generate }), `options of ${address}`);
}
