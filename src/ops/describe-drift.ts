import { shortRecipient } from '../age/recipient.ts';
import type { Inventory } from '../workspace/model.ts';
import type { FileState } from './governed.ts';

/** What a person calls the other differences. */
const WORDS: Readonly<Record<string, string>> = {
  groups: 'key groups',
  threshold: 'threshold',
  selection: 'which values are encrypted',
  mac_only_encrypted: 'what the MAC covers',
  order: 'order of the readers',
};

/** `+ aya, - megumu, new data key`: what brings a file to its rule. */
export function describeDrift(state: FileState, rekey: boolean): string {
  const { drift, inventory } = state;
  const parts = [
    ...(drift?.add ?? []).map(recipient => `+ ${readerName(inventory, recipient)}`),
    ...(drift?.remove ?? []).map(recipient => `- ${readerName(inventory, recipient)}`),
    ...(drift?.reasons ?? []).flatMap(reason => WORDS[reason] ?? []),
    ...(rekey ? ['new data key'] : []),
  ];
  return parts.join(', ');
}

/** The name of a recipient; one that nobody named is said to have none. */
export function readerName(inventory: Inventory | null, recipient: string): string {
  return inventory?.nameOf(recipient) ?? `${shortRecipient(recipient)} (no name in keys:)`;
}
