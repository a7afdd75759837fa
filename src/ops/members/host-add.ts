import { parseRecipient, shortRecipient } from '../../age/recipient.ts';
import { SecretsError } from '../../errors.ts';
import type { Redacted } from '../../redacted.ts';
import { nearest } from '../../suggest.ts';
import { addHost, addRule, reopenFolder, setGroupMembers } from '../../workspace/edit.ts';
import type { Platform } from '../../workspace/model.ts';
import { checkHostName } from '../../workspace/names.ts';
import { refuseStagedKey } from '../../workspace/staged.ts';
import { Draft } from '../draft.ts';
import { syncDraft } from '../drift/sync.ts';
import { emitModules } from '../modules.ts';
import type { Plan } from '../plan.ts';
import type { Workspace } from '../workspace.ts';
import { keepKey } from './kept-key.ts';

export interface HostAddRequest {
  readonly name: string;
  readonly platform: Platform;
  /** The public key: `age1…`; an ssh key was converted before. */
  readonly recipient: string;
  /** Groups that it joins; one that does not exist is made. */
  readonly groups?: readonly string[] | undefined;
  /** Its private key, to be kept for the admins. */
  readonly keep?: Redacted<string> | undefined;
}

/**
 * Plans a new host: its named key, its entry, the rule of its folder, and an empty module. The same host with
 * the same key again is no change.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS` (another key has that name), `RULE_CONFLICT`, `NO_IDENTITY` (a
 * group that it joins, or the folder of a former host of that name, has files, and none of your keys opens them)
 */
export async function planHostAdd(workspace: Workspace, request: HostAddRequest): Promise<Plan> {
  checkHostName(request.name);
  parseRecipient(request.recipient);
  refuseOtherKey(workspace, request);
  refuseStagedKey(workspace.inventory, request.recipient);
  const draft = new Draft(workspace);
  draft.setInventory(addHost(draft.inventory, request), `host ${request.name}`);
  const owner = draft.inventory.nameOf(request.recipient) ?? request.name;
  const isReopened = reopen(draft, request.name);
  const readers = [...new Set([...draft.inventory.admins, owner])];
  const rule = addRule(draft.inventory, { folder: request.name, recipients: readers }, draft.paths);
  draft.setInventory(rule, `rule for secrets/${request.name}/`);
  for (const group of request.groups ?? []) joinGroup(draft, group, request.name);
  if (isReopened || (request.groups ?? []).length > 0) await syncDraft(draft, { onlyNew: true });
  if (request.keep !== undefined) await keepKey(draft, request.name, request.keep);
  await emitModules(draft, [request.name]);
  return draft.toPlan();
}

/** The folder of a host that was there before has stayed for the admins; its secrets are delivered again. */
function reopen(draft: Draft, host: string): boolean {
  const text = reopenFolder(draft.inventory, host);
  if (text === draft.inventory.text) return false;
  draft.setInventory(text, `rule for secrets/${host}/`);
  const kept = draft.secrets.filter(({ address }) => address.startsWith(`${host}/`));
  if (kept.length > 0)
    draft.note(
      `${host} reads what was kept for the admins: ${kept.map(({ address }) => address).join(', ')}`,
    );
  return true;
}

function joinGroup(draft: Draft, group: string, host: string): void {
  const present = draft.inventory.groups.get(group);
  if (present === undefined) throw unknownGroup(group, [...draft.inventory.groups.keys()]);
  if (present.includes(host)) return;
  const text = setGroupMembers(draft.inventory, group, { add: [host], remove: [] });
  draft.setInventory(text, `${host} joins ${group}`);
}

function unknownGroup(group: string, known: readonly string[]): SecretsError {
  const near = nearest(group, known);
  return new SecretsError('UNKNOWN_HOST', `there is no group ${JSON.stringify(group)}`, {
    hint:
      near === null
        ? 'make it first: secrets group add NAME --host HOST; or add it with this host once the host is there'
        : `did you mean ${near}?`,
  });
}

function refuseOtherKey(workspace: Workspace, request: HostAddRequest): void {
  const { inventory } = workspace;
  const host = inventory.hosts.get(request.name);
  const present = host?.recipient ?? inventory.recipientOf(request.name);
  if (present === null || present === undefined) {
    if (!inventory.groups.has(request.name) && !inventory.admins.includes(request.name)) return;
    throw new SecretsError('ALREADY_EXISTS', `${request.name} is the name of a group or an admin already`, {
      hint: 'people, hosts and groups share one name space: take another name',
    });
  }
  if (present === request.recipient) return;
  throw new SecretsError(
    'ALREADY_EXISTS',
    `${request.name} is ${shortRecipient(present)} already, this is another key`,
    {
      file: '.sops.yaml',
      hint: `if the machine has a new key: secrets host rotate ${request.name}`,
    },
  );
}
