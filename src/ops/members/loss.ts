import { SecretsError } from '../../errors.ts';
import { recipientsOf } from '../../sops/metadata.ts';
import { nextOf } from '../../workspace/edit.ts';
import type { Inventory } from '../../workspace/model.ts';
import { audienceOf } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import { CONFIG_NAME } from '../drift/configs.ts';
import { type FileState, metadataOfFile } from '../drift/governed.ts';
import { type LeftFile, type Synced, syncDraft } from '../drift/sync.ts';
import { emitModules } from '../modules.ts';
import type { Plan } from '../plan.ts';
import { type ExposedValue, keySet, noteExposed, opensNow, valuesIn } from './affected.ts';
import { lockedOut } from './locked-out.ts';
import { filesOnceRead } from './once-read.ts';

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

/** Who reads less than before. */
export interface Loss {
  /** For people: `the old key of megumu`. */
  readonly who: string;
  readonly keys: readonly string[];
  /** Keys that the same member had before, which stand in no file and no rule any more. */
  readonly former?: readonly string[];
  /** What takes the place of the keys, if anything does. */
  readonly next?: string;
  /** True where the keys go on reading other files, so that their history says nothing. */
  readonly staying?: boolean;
  /** What they could read of files that this draft moved and rekeyed already. */
  readonly moved?: readonly ExposedValue[];
}

/**
 * Brings every file to the edited rules. What the lost keys open, or opened in an earlier commit, gets a new data
 * key: whoever had the old one has it still, whoever took the reader out since.
 *
 * @throws SecretsError `NO_IDENTITY`, `OWN_KEY` (nothing of yours would open what is rekeyed)
 */
export async function afterLoss(draft: Draft, loss: Loss, options: MemberOptions): Promise<MemberChange> {
  const lost = [...loss.keys, ...(loss.former ?? [])];
  const once = await filesOnceRead(draft.workspace, loss.staying === true ? [] : lost);
  const opens = opensNow(loss.keys);
  const isLost = (state: FileState) => opens(state) || (once.has(state.path) && !isNamed(state, lost));
  const synced = await syncDraft(draft, { ...options, rekey: isLost, onlyNew: true });
  await lockedOut(draft, loss, synced.changed.filter(isLost));
  const open = loss.staying === true ? [] : await stillOpen(draft, { ...loss, keys: lost }, synced);
  const files = new Set([...synced.states.filter(opens).map(({ path }) => path), ...once]);
  const exposed = [...valuesIn(draft, files), ...(loss.moved ?? [])];
  noteExposed(draft, loss.who, exposed);
  await emitModules(draft);
  return { plan: draft.toPlan(), synced: { ...synced, left: withReasons(synced.left, open) }, exposed };
}

/** True where the rule of the file goes on naming one of the keys. */
function isNamed({ rule }: FileState, keys: readonly string[]): boolean {
  const named = keySet(keys);
  return rule !== null && audienceOf(rule).some(recipient => named.has(recipient));
}

/** Files that the lost keys open all the same: those that no rule of ours governs, and what could not be changed. */
async function stillOpen(draft: Draft, { who, keys }: Loss, synced: Synced): Promise<LeftFile[]> {
  const named = keySet(keys);
  const done = new Set([...synced.changed, ...synced.unreadable].map(({ path }) => path));
  const found: LeftFile[] = [];
  for (const state of synced.states) {
    if (done.has(state.path)) continue;
    const metadata = await metadataOfFile(draft, state.path);
    if (metadata === null) continue;
    const key = recipientsOf(metadata).find(recipient => named.has(recipient));
    if (key !== undefined)
      found.push({ path: state.path, reason: `${who} still opens it${whyStill(state, key)}` });
  }
  return found;
}

function whyStill({ config, rule, state, path }: FileState, key: string): string {
  if (state === 'broken') return '';
  if (rule === null)
    return `: no rule governs it, so run \`sops rotate -i --rm-age ${JSON.stringify(key)} ${JSON.stringify(path)}\``;
  return config === CONFIG_NAME ? '' : `: its rule is in ${config}`;
}

/** Each file once; why it could not be changed stands behind what follows from it. */
function withReasons(left: readonly LeftFile[], open: readonly LeftFile[]): LeftFile[] {
  const reasons = new Map(left.map(({ path, reason }) => [path, reason]));
  const opened = new Set(open.map(({ path }) => path));
  return [
    ...left.filter(({ path }) => !opened.has(path)),
    ...open.map(({ path, reason }) => {
      const cause = reasons.get(path);
      return { path, reason: cause === undefined ? reason : `${reason}: ${cause}` };
    }),
  ];
}

/** The key of a member, and the one that is staged for it. */
export function keysOf(inventory: Inventory, name: string): string[] {
  const next = nextOf(inventory, name);
  return [keyOf(inventory, name), ...(next === null ? [] : [next.recipient])];
}

/** @throws SecretsError `UNKNOWN_HOST` where the name has no key */
export function keyOf(inventory: Inventory, name: string): string {
  const recipient = inventory.hosts.get(name)?.recipient ?? inventory.recipientOf(name);
  if (recipient !== null && recipient !== undefined) return recipient;
  throw new SecretsError('UNKNOWN_HOST', `${name} has no key in ${inventory.file}`, {
    hint: 'see `secrets host list`',
  });
}
