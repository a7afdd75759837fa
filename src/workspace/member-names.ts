import { isAlias, isScalar, type Node } from 'yaml';
import type { ConfigText } from './config-text.ts';
import type { Inventory } from './model.ts';
import { canonicalRecipient, recipientText } from './parse-keys.ts';
import { recipientOfMember } from './staged.ts';

/** True for an item of `admins:` or of a group that stands for a member: the name, or the key in any form. */
export function isNameOf(
  config: ConfigText,
  inventory: Inventory,
  item: Node | null,
  member: string,
): boolean {
  if (isAlias(item) && item.source === member) return true;
  const scalar = config.source.resolve(item);
  if (!isScalar(scalar)) return false;
  if (String(scalar.value) === member) return true;
  const key = recipientText(scalar);
  const own = recipientOfMember(inventory, member);
  return key !== null && own !== null && canonicalRecipient(key) === canonicalRecipient(own);
}
