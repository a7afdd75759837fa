import { DEFAULT_SELECTION, SELECTION_FIELDS } from '../../sops/selection.ts';
import { driftOf } from '../../workspace/drift.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { readerName } from '../drift/describe-drift.ts';
import type { ManagedText } from './read-managed.ts';
import { ruleName } from './rule-name.ts';
import type { Flaw } from './snapshot.ts';

/** In what a file says something else than its rule: readers, key groups, which values are encrypted. */
export function ruleFlaws(
  { metadata, format }: ManagedText,
  rule: Rule,
  inventory: Inventory | null,
): Flaw[] {
  const { add, remove, reasons } = driftOf(metadata, format, rule);
  const flaws: Flaw[] = [];
  const names = [
    ...add.map(recipient => `+ ${readerName(inventory, recipient)}`),
    ...remove.map(recipient => `- ${readerName(inventory, recipient)}`),
  ];
  if (names.length > 0)
    flaws.push(recipients(`its readers are not those of ${ruleName(rule)}: ${names.join(', ')}`));
  if (reasons.includes('groups'))
    flaws.push(recipients(`its readers are grouped otherwise than ${ruleName(rule)} says`));
  if (reasons.includes('threshold'))
    flaws.push(recipients(`it needs another number of key groups than ${ruleName(rule)} says`));
  const differs = format === 'binary' ? !isDefault(metadata.selection) : reasons.includes('selection');
  if (differs)
    flaws.push(selection(`it says itself which values are encrypted, and not what ${ruleName(rule)} says`));
  if (reasons.includes('mac_only_encrypted'))
    flaws.push(selection(`its MAC covers other values than ${ruleName(rule)} says (mac_only_encrypted)`));
  return flaws;
}

function isDefault(own: ManagedText['metadata']['selection']): boolean {
  return SELECTION_FIELDS.every(([, field]) => {
    const value = own[field] ?? '';
    return value === '' || value === DEFAULT_SELECTION[field];
  });
}

function recipients(message: string): Flaw {
  return { rule: 'managed-recipients', message };
}

function selection(message: string): Flaw {
  return { rule: 'managed-selection', message };
}
