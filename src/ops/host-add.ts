import { parseRecipient, shortRecipient } from '../age/recipient.ts';
import { SecretsError } from '../errors.ts';
import { addHost, addRule } from '../workspace/edit.ts';
import type { Platform } from '../workspace/model.ts';
import { checkHostName } from '../workspace/names.ts';
import { Draft } from './draft.ts';
import { emitModules } from './modules.ts';
import type { Plan } from './plan.ts';
import type { Workspace } from './workspace.ts';

export interface HostAddRequest {
  readonly name: string;
  readonly platform: Platform;
  /** The public key: `age1…`; an ssh key was converted before. */
  readonly recipient: string;
}

/**
 * Plans a new host: its named key, its entry, the rule of its folder, and an empty module. The same host with
 * the same key again is no change.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS` (another key has that name), `RULE_CONFLICT`
 */
export async function planHostAdd(workspace: Workspace, request: HostAddRequest): Promise<Plan> {
  checkHostName(request.name);
  parseRecipient(request.recipient);
  refuseOtherKey(workspace, request);
  const draft = new Draft(workspace);
  draft.setInventory(addHost(draft.inventory, request), `host ${request.name}`);
  const owner = draft.inventory.nameOf(request.recipient) ?? request.name;
  const readers = [...new Set([...draft.inventory.admins, owner])];
  const rule = addRule(draft.inventory, { folder: request.name, recipients: readers }, draft.paths);
  draft.setInventory(rule, `rule for secrets/${request.name}/`);
  await emitModules(draft, [request.name]);
  return draft.toPlan();
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
      hint: `if the machine has a new key, replace the old one at &${request.name} in .sops.yaml and run \`sops updatekeys\` on its files`,
    },
  );
}
