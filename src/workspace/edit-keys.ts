import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText, collectionOf } from './config-text.ts';
import { appendItem, appendToSection, insertSection, type NewItem } from './insert.ts';
import type { Inventory } from './model.ts';
import { checkHostName } from './names.ts';
import { canonicalRecipient, looksLikeRecipient } from './parse-keys.ts';
import { shown } from './shown.ts';
import { type Collection, splice } from './splice.ts';
import { recipientScalar } from './yaml-write.ts';

/** Whose key it is; files with a list for each kind get it into the right one. */
export type KeyKind = 'host' | 'admin';

const LABELS: Record<KeyKind, RegExp> = {
  host: /host|machine|server|system|node|device/i,
  admin: /user|admin|people|person|human|owner/i,
};

/**
 * The text with a key `- &name recipient`; the same key under the same name is no change.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_KEY`, `ALREADY_EXISTS` (the name has another key, the key another name)
 */
export function textWithKey(inventory: Inventory, name: string, recipient: string, kind: KeyKind): string {
  const key = checkedRecipient(recipient);
  const present = inventory.keys.find(known => known.name === name);
  if (present !== undefined && canonicalRecipient(present.recipient) === canonicalRecipient(key))
    return inventory.text;
  checkHostName(name);
  const config = new ConfigText(inventory.text, inventory.file);
  refuseTaken(inventory, config, name, key);
  return withAnchor(config, name, key) ?? withNewKey(config, name, key, kind);
}

/**
 * A public key without blanks around it.
 *
 * @throws SecretsError `BAD_KEY`; whether its checksum is right is for `src/age` to say
 */
export function checkedRecipient(recipient: string): string {
  const key = recipient.trim();
  if (looksLikeRecipient(key) && !/[\u0000-\u001f\u007f]/.test(key)) return key;
  throw new SecretsError('BAD_KEY', 'this is no public key that sops knows', {
    hint: 'a public key begins with age1 or ssh-ed25519, or is a PGP fingerprint',
  });
}

function refuseTaken(inventory: Inventory, config: ConfigText, name: string, recipient: string): void {
  const other = [...config.source.anchors.keys()].find(anchor => anchor.toLowerCase() === name);
  if (other !== undefined) {
    throw new SecretsError(
      'ALREADY_EXISTS',
      `${inventory.file} has an anchor ${shown(other)} for something else already`,
      {
        hint: 'take another name, or change the key at that anchor',
      },
    );
  }
  const owner = inventory.nameOf(recipient);
  if (owner === null) return;
  throw new SecretsError('ALREADY_EXISTS', `this key is in ${inventory.file} already, as ${shown(owner)}`);
}

/** A key that stands in `keys:` without a name gets its anchor there. */
function withAnchor(config: ConfigText, name: string, recipient: string): string | null {
  const canonical = canonicalRecipient(recipient);
  const raw = unnamedScalars(config.section('keys')?.value ?? null).find(
    node => canonicalRecipient(String(node.value)) === canonical,
  );
  const [start] = raw?.range ?? [];
  return start === undefined ? null : splice(config.text, start, start, `&${name} `);
}

function unnamedScalars(
  node: Node | null,
): { value: unknown; range?: readonly number[] | null | undefined }[] {
  if (isScalar(node)) return node.anchor === undefined && node.tag === undefined ? [node] : [];
  if (isSeq(node)) return (node.items as Node[]).flatMap(unnamedScalars);
  if (isMap(node))
    return (node.items as Pair<Node, Node | null>[]).flatMap(({ value }) => unnamedScalars(value));
  return [];
}

function withNewKey(config: ConfigText, name: string, recipient: string, kind: KeyKind): string {
  const scalar = `&${name} ${recipientScalar(recipient)}`;
  const item: NewItem = { block: [`- ${scalar}`], flow: scalar };
  const section = config.section('keys');
  const top = section === null ? null : collectionOf(config, section, 'keys');
  if (section === null) {
    return insertSection(config, 'keys', ['keys:', `${' '.repeat(config.listIndent)}- ${scalar}`]);
  }
  const list = top === null ? null : listOfKind(top, kind);
  if (list !== null) return appendItem(config, list, item);
  if (top === null || isSeq(top)) return appendToSection(config, 'keys', item, config.listIndent);
  return appendItem(config, top, labelledList(config, kind, scalar));
}

/** A list of its own in a `keys:` that is a map of lists. */
function labelledList(config: ConfigText, kind: KeyKind, scalar: string): NewItem {
  const label = kind === 'host' ? 'hosts' : 'admins';
  return {
    block: [`${label}:`, `${' '.repeat(config.listIndent)}- ${scalar}`],
    flow: `${label}: [${scalar}]`,
  };
}

/** The nested list whose label (`- &hosts`, `- &hosts:`, `hosts:`, `- hosts:`) says that it holds such keys. */
function listOfKind(top: Collection, kind: KeyKind): Collection | null {
  const lists = isMap(top) ? ofMap(top.items) : (top.items as Node[]).flatMap(ofItem);
  return lists.find(([label]) => LABELS[kind].test(label))?.[1] ?? null;
}

type Labelled = [label: string, list: Collection];

function ofItem(item: Node): Labelled[] {
  if (isSeq(item)) return [[item.anchor ?? '', item as Collection]];
  return isMap(item) ? ofMap(item.items as Pair<Node, Node | null>[]) : [];
}

function ofMap(pairs: readonly Pair<Node, Node | null>[]): Labelled[] {
  return pairs.flatMap(({ key, value }): Labelled[] => {
    if (!isSeq(value)) return [];
    const label = isScalar(key) ? String(key.value) : '';
    return [[`${label} ${value.anchor ?? ''}`, value as Collection]];
  });
}
