import { parseRecipient, shortRecipient } from '../../age/recipient.ts';
import { SecretsError } from '../../errors.ts';
import type { Redacted } from '../../redacted.ts';
import {
  finishRecipient,
  giveOwnKey,
  nextOf,
  personBehind,
  replaceRecipient,
  stageRecipient,
  unstageRecipient,
} from '../../workspace/edit.ts';
import type { Inventory } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { Draft } from '../draft.ts';
import { syncDraft } from '../drift/sync.ts';
import { emitModules } from '../modules.ts';
import type { Workspace } from '../workspace.ts';
import { dropKeptKeys, finishKeptKey, keepKey } from './kept-key.ts';
import { afterLoss, keyOf, type MemberChange, type MemberOptions } from './loss.ts';

/** Another key. */
export interface NewKey {
  readonly recipient: string;
  /** Its private half, to be kept for the admins. */
  readonly keep?: Redacted<string> | undefined;
}

/**
 * Plans another key for a host or an admin, at once: the old key goes from every rule and file, and every file
 * that it opened gets a new data key. A home profile with the key of its person gets one of its own instead.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_KEY`, `ALREADY_EXISTS` (a rotation is under way, or the key has
 * another name), `NO_IDENTITY`
 */
export async function planReplaceKey(
  workspace: Workspace,
  name: string,
  { recipient, keep }: NewKey,
  options: MemberOptions = {},
): Promise<MemberChange> {
  const former = keyOf(workspace.inventory, name);
  refuseStaged(workspace.inventory, name);
  checkNewKey(workspace.inventory, name, former, recipient);
  const person = personBehind(workspace.inventory, name);
  if (person !== null) return planOwnKey(workspace, { name, person }, { recipient, keep }, options);
  const draft = new Draft(workspace);
  draft.setInventory(replaceRecipient(draft.inventory, name, recipient), `new key of ${name}`);
  await dropKeptKeys(draft, name, ['now']);
  if (keep !== undefined) await keepKey(draft, name, keep);
  return afterLoss(draft, { who: `the old key of ${name}`, keys: [former], next: recipient }, options);
}

/** A home profile that used the key of its person gets one of its own; nobody loses anything. */
async function planOwnKey(
  workspace: Workspace,
  { name, person }: { readonly name: string; readonly person: string },
  { recipient, keep }: NewKey,
  options: MemberOptions,
): Promise<MemberChange> {
  const draft = new Draft(workspace);
  draft.setInventory(giveOwnKey(draft.inventory, name, recipient), `${name} has a key of its own`);
  if (keep !== undefined) await keepKey(draft, name, keep);
  draft.note(`${person} goes on reading what ${name} reads`);
  const synced = await syncDraft(draft, { ...options, onlyNew: true });
  const received = draft.workspace.secrets.filter(({ hosts }) => hosts.includes(name));
  const receives = new Set(
    draft.secrets.filter(({ hosts }) => hosts.includes(name)).map(({ address }) => address),
  );
  const missed = received.filter(({ address }) => !receives.has(address));
  if (missed.length > 0)
    draft.note(
      `${name} received ${missed.map(({ address }) => address).join(', ')} by a rule that does not name it: add its key there`,
    );
  await emitModules(draft);
  return { plan: draft.toPlan(), synced, exposed: [] };
}

/**
 * Plans the first half of a rotation: the new key reads everything beside the old one, as `&NAME_next`.
 *
 * @throws SecretsError as {@link planReplaceKey}
 */
export async function planStageKey(
  workspace: Workspace,
  name: string,
  { recipient, keep }: NewKey,
  options: MemberOptions = {},
): Promise<MemberChange> {
  refuseStaged(workspace.inventory, name);
  checkNewKey(workspace.inventory, name, keyOf(workspace.inventory, name), recipient);
  const draft = new Draft(workspace);
  draft.setInventory(stageRecipient(draft.inventory, name, recipient), `next key of ${name}`);
  if (keep !== undefined) await keepKey(draft, name, keep, 'next');
  const synced = await syncDraft(draft, { ...options, onlyNew: true });
  draft.note(
    `both keys of ${name} read its files now: deploy, put the new key on the machine, then run \`secrets host rotate ${name} --finish\``,
  );
  return { plan: draft.toPlan(), synced, exposed: [] };
}

/**
 * Plans the second half: the staged key takes the name, the old key is dropped, new data keys.
 *
 * @throws SecretsError `NOT_STAGED`, `NO_IDENTITY`
 */
export async function planFinishKey(
  workspace: Workspace,
  name: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  const former = keyOf(workspace.inventory, name);
  const next = refuseNotStaged(workspace.inventory, name);
  const draft = new Draft(workspace);
  draft.setInventory(finishRecipient(draft.inventory, name), `the next key of ${name} takes its place`);
  await finishKeptKey(draft, name);
  return afterLoss(draft, { who: `the old key of ${name}`, keys: [former], next }, options);
}

/** Plans that a staged key is taken back. */
export async function planAbortKey(
  workspace: Workspace,
  name: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  const next = refuseNotStaged(workspace.inventory, name);
  const draft = new Draft(workspace);
  draft.setInventory(unstageRecipient(draft.inventory, name), `${name} keeps its key`);
  await dropKeptKeys(draft, name, ['next']);
  return afterLoss(draft, { who: `the staged key of ${name}`, keys: [next] }, options);
}

function checkNewKey(inventory: Inventory, name: string, former: string, recipient: string): void {
  parseRecipient(recipient);
  if (canonicalRecipient(recipient) === canonicalRecipient(former))
    throw new SecretsError('ALREADY_EXISTS', `this is the key that ${name} has already`);
  const owner = inventory.nameOf(recipient);
  if (owner === null) return;
  throw new SecretsError('ALREADY_EXISTS', `this is the key of ${owner}, not a new one for ${name}`, {
    hint: 'a machine that shares its key with another shares its secrets too: make it a key of its own',
  });
}

function refuseStaged(inventory: Inventory, name: string): void {
  const next = nextOf(inventory, name);
  if (next === null) return;
  throw new SecretsError(
    'ROTATION_UNDER_WAY',
    `a rotation of ${name} is under way: ${shortRecipient(next.recipient)} is staged`,
    { hint: `end it with \`secrets host rotate ${name} --finish\`, or take it back with --abort` },
  );
}

/** @returns the staged key */
function refuseNotStaged(inventory: Inventory, name: string): string {
  const next = nextOf(inventory, name);
  if (next !== null) return next.recipient;
  throw new SecretsError('NOT_STAGED', `no new key of ${name} is staged`, {
    hint: `begin with \`secrets host rotate ${name} --ssh-key FILE --stage\``,
  });
}
