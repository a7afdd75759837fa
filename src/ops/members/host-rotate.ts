import { parseRecipient, shortRecipient } from '../../age/recipient.ts';
import { SecretsError } from '../../errors.ts';
import {
  finishRecipient,
  nextOf,
  replaceRecipient,
  stageRecipient,
  unstageRecipient,
} from '../../workspace/edit.ts';
import type { Inventory } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { Draft } from '../draft.ts';
import { type Synced, syncDraft } from '../drift/sync.ts';
import { emitModules } from '../modules.ts';
import type { Plan } from '../plan.ts';
import type { Workspace } from '../workspace.ts';
import { type ExposedValue, exposedValues, noteExposed, opensNow } from './affected.ts';

/** How files that are concerned are worked on. */
export interface MemberOptions {
  readonly skipUnreadable?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A planned change of who exists. */
export interface MemberChange {
  readonly plan: Plan;
  readonly synced: Synced;
  /** What somebody who loses access could have read, from history too. */
  readonly exposed: readonly ExposedValue[];
}

/**
 * Plans another key for a host or an admin, at once: the old key goes from every rule and file, and every file
 * that it opened gets a new data key.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_KEY`, `ALREADY_EXISTS` (a rotation is under way, or the key has
 * another name), `NO_IDENTITY`
 */
export async function planReplaceKey(
  workspace: Workspace,
  name: string,
  recipient: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  const former = keyOf(workspace.inventory, name);
  refuseStaged(workspace.inventory, name);
  checkNewKey(workspace.inventory, name, former, recipient);
  const draft = new Draft(workspace);
  draft.setInventory(replaceRecipient(draft.inventory, name, recipient), `new key of ${name}`);
  return afterLoss(draft, { who: `the old key of ${name}`, keys: [former] }, options);
}

/**
 * Plans the first half of a rotation: the new key reads everything beside the old one, as `&NAME_next`.
 *
 * @throws SecretsError as {@link planReplaceKey}
 */
export async function planStageKey(
  workspace: Workspace,
  name: string,
  recipient: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  refuseStaged(workspace.inventory, name);
  checkNewKey(workspace.inventory, name, keyOf(workspace.inventory, name), recipient);
  const draft = new Draft(workspace);
  draft.setInventory(stageRecipient(draft.inventory, name, recipient), `next key of ${name}`);
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
  refuseNotStaged(workspace.inventory, name);
  const draft = new Draft(workspace);
  draft.setInventory(finishRecipient(draft.inventory, name), `the next key of ${name} takes its place`);
  return afterLoss(draft, { who: `the old key of ${name}`, keys: [former] }, options);
}

/** Plans that a staged key is taken back. */
export async function planAbortKey(
  workspace: Workspace,
  name: string,
  options: MemberOptions = {},
): Promise<MemberChange> {
  refuseNotStaged(workspace.inventory, name);
  const next = nextOf(workspace.inventory, name)?.recipient;
  const draft = new Draft(workspace);
  draft.setInventory(unstageRecipient(draft.inventory, name), `${name} keeps its key`);
  return afterLoss(
    draft,
    { who: `the staged key of ${name}`, keys: next === undefined ? [] : [next] },
    options,
  );
}

/** Who reads less than before. */
export interface Loss {
  /** For people: `the old key of megumu`. */
  readonly who: string;
  readonly keys: readonly string[];
  /** True where the keys go on reading other files, so that their history says nothing. */
  readonly staying?: boolean;
  /** What they could read of files that this draft moved and rekeyed already. */
  readonly moved?: readonly ExposedValue[];
}

/** Brings every file to the edited rules; those that the lost keys open get new data keys. */
export async function afterLoss(draft: Draft, loss: Loss, options: MemberOptions): Promise<MemberChange> {
  const opens = opensNow(loss.keys);
  const synced = await syncDraft(draft, { ...options, rekey: opens, onlyNew: true });
  const opened = synced.changed.filter(opens).map(state => state.path);
  const found = await exposedValues(draft.workspace, loss.staying === true ? [] : loss.keys, opened);
  const files = new Set(draft.files.map(file => file.path));
  const exposed = [...found.filter(({ file }) => files.has(file)), ...(loss.moved ?? [])];
  noteExposed(draft, loss.who, exposed);
  await emitModules(draft);
  return { plan: draft.toPlan(), synced, exposed };
}

/** @throws SecretsError `UNKNOWN_HOST` where the name has no key */
export function keyOf(inventory: Inventory, name: string): string {
  const recipient = inventory.hosts.get(name)?.recipient ?? inventory.recipientOf(name);
  if (recipient !== null && recipient !== undefined) return recipient;
  throw new SecretsError('UNKNOWN_HOST', `${name} has no key in ${inventory.file}`, {
    hint: 'see `secrets host list`',
  });
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

function refuseNotStaged(inventory: Inventory, name: string): void {
  if (nextOf(inventory, name) !== null) return;
  throw new SecretsError('NOT_STAGED', `no new key of ${name} is staged`, {
    hint: `begin with \`secrets host rotate ${name} --ssh-key FILE --stage\``,
  });
}
