import { SecretsError } from '../errors.ts';
import type { Inventory, NamedKey } from './model.ts';
import { canonicalRecipient } from './parse-keys.ts';

/** What the anchor of a staged key ends in: stock sops reads it as one more reader. */
export const STAGED = '_next';

/** The anchor of the key of a host, an admin or a name in `keys:`; `null` where its key has no name, or there is none. */
export function anchorOf(inventory: Inventory, member: string): string | null {
  const recipient = recipientOfMember(inventory, member);
  if (recipient === null) return null;
  const canonical = canonicalRecipient(recipient);
  const own = inventory.keys.some(
    key => key.name === member && canonicalRecipient(key.recipient) === canonical,
  );
  return own ? member : inventory.nameOf(recipient);
}

/** The public key of a host, an admin or a name in `keys:`. */
export function recipientOfMember(inventory: Inventory, member: string): string | null {
  return inventory.hosts.get(member)?.recipient ?? inventory.recipientOf(member);
}

/** The key that waits to replace the one of a member, `null` where none is staged. */
export function nextOf(inventory: Inventory, member: string): NamedKey | null {
  const anchor = anchorOf(inventory, member);
  if (anchor === null || isMember(inventory, `${anchor}${STAGED}`)) return null;
  return inventory.keys.find(key => key.name === `${anchor}${STAGED}`) ?? null;
}

/** A host or a person who bears such a name is no staged key. */
function isMember({ hosts, admins }: Inventory, name: string): boolean {
  return hosts.get(name)?.declared === true || admins.includes(name);
}

/**
 * Refuses a key for a new member that waits to replace the key of another one.
 *
 * @throws SecretsError `ALREADY_EXISTS`
 */
export function refuseStagedKey(inventory: Inventory, recipient: string): void {
  const canonical = canonicalRecipient(recipient);
  const next = [...stagedKeys(inventory).values()].find(key => canonicalRecipient(key) === canonical);
  const name = next === undefined ? null : inventory.nameOf(next);
  if (name === null) return;
  const owner = name.endsWith(STAGED) ? name.slice(0, -STAGED.length) : name;
  throw new SecretsError('ALREADY_EXISTS', `this key is staged for ${owner}, whose rotation is under way`, {
    hint: `finish that first: secrets host rotate ${owner} --finish; or give it up: --abort`,
  });
}

/** An inventory is immutable, and is asked for every rule. */
const KNOWN = new WeakMap<Inventory, ReadonlyMap<string, string>>();

/** Staged keys by the keys that they wait to replace. */
export function stagedKeys(inventory: Inventory): ReadonlyMap<string, string> {
  const before = KNOWN.get(inventory);
  if (before !== undefined) return before;
  const staged = findStagedKeys(inventory);
  KNOWN.set(inventory, staged);
  return staged;
}

function findStagedKeys(inventory: Inventory): Map<string, string> {
  const byName = new Map(inventory.keys.map(key => [key.name, key.recipient]));
  const staged = new Map<string, string>();
  for (const [name, recipient] of byName) {
    const next = byName.get(`${name}${STAGED}`);
    if (next === undefined || isMember(inventory, `${name}${STAGED}`)) continue;
    const key = canonicalRecipient(recipient);
    if (!staged.has(key)) staged.set(key, next);
  }
  return staged;
}

/** Public keys with the staged ones of their owners behind them: while a rotation is under way, both read. */
export function withStagedKeys(inventory: Inventory, recipients: readonly string[]): string[] {
  const staged = stagedKeys(inventory);
  if (staged.size === 0) return [...recipients];
  return recipients.flatMap(recipient => {
    const next = staged.get(canonicalRecipient(recipient));
    return next === undefined ? [recipient] : [recipient, next];
  });
}
