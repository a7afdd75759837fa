import { shortRecipient } from '../../age/recipient.ts';
import type { Inventory } from '../../workspace/model.ts';
import type { FileState } from './governed.ts';

/** What a person calls the other differences. */
const WORDS: Readonly<Record<string, string>> = {
  groups: 'key groups',
  threshold: 'threshold',
  selection: 'which values are encrypted',
  mac_only_encrypted: 'what the MAC covers',
  order: 'order of the readers',
};

/**
 * `+ aya, - megumu, new data key`: what brings a file to its rule.
 *
 * @param former the inventory before the change that is planned: it names keys that have no name any more
 */
export function describeDrift(state: FileState, rekey: boolean, former: Inventory | null = null): string {
  const { drift, inventory } = state;
  const parts = [
    ...(drift?.add ?? []).map(recipient => `+ ${readerName(inventory, recipient)}`),
    ...(drift?.remove ?? []).map(recipient => `- ${formerName(inventory, former, recipient)}`),
    ...(drift?.reasons ?? []).flatMap(reason => WORDS[reason] ?? []),
    ...(rekey ? ['new data key'] : []),
  ];
  return parts.join(', ');
}

function formerName(inventory: Inventory | null, former: Inventory | null, recipient: string): string {
  const before = former?.nameOf(recipient) ?? null;
  if (before === null || (inventory?.nameOf(recipient) ?? null) !== null)
    return readerName(inventory, recipient);
  return (inventory?.recipientOf(before) ?? null) === null ? before : `${before} (old key)`;
}

/** The name of a recipient; one that nobody named is said to have none. */
export function readerName(inventory: Inventory | null, recipient: string): string {
  return inventory?.nameOf(recipient) ?? `${shortRecipient(recipient)} (no name in keys:)`;
}
