import { isAlias, isScalar, isSeq, type Node } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { checkedRecipient } from './edit-keys.ts';
import { keyAfter, keyTokens, withoutKeyToken } from './key-text.ts';
import { applySplices, holdsKey, insertAfter, withoutItem } from './list-splices.ts';
import { meaningOf, meantEdit, type RuleMeaning } from './meaning.ts';
import type { Inventory } from './model.ts';
import { canonicalRecipient, looksLikeRecipient } from './parse-keys.ts';
import { shown, shownList } from './shown.ts';
import type { Collection, Splice } from './splice.ts';
import { recipientOfMember, withStagedKeys } from './staged.ts';
import { entriesOf, filledItemsOf } from './yaml-read.ts';
import { recipientScalar } from './yaml-write.ts';

/**
 * Who reads from then on, and who does not: names of hosts, admins and keys (a staged key goes with its owner's),
 * or public keys.
 */
export interface ReaderChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * The text in which more, or fewer, read what a rule governs. Who is added stands behind the last of the same
 * kind; who is removed leaves the first key group in which the key stands. What is so already is no change.
 *
 * @param index counts from 0, as {@link Rule.index}
 * @throws SecretsError `UNKNOWN_HOST`, `LAST_READER` (nobody would read it), `UNSUPPORTED` (adding where there are
 * several key groups), `BAD_INVENTORY` with the line, where the rule shares its list with others
 */
export function setRuleRecipients(inventory: Inventory, index: number, change: ReaderChange): string {
  if (inventory.rules[index] === undefined)
    throw new SecretsError('USAGE', `${inventory.file} has no rule ${index}`);
  const changes = new Map([[index, change]]);
  const text = textWithReaders(inventory, inventory.text, changes);
  return meantEdit(inventory, text, { ...meaningOf(inventory), rules: changedRules(inventory, changes) });
}

/** What the rules mean after changes of their readers. */
export function changedRules(
  inventory: Inventory,
  changes: ReadonlyMap<number, ReaderChange>,
): readonly RuleMeaning[] {
  return meaningOf(inventory).rules.map((rule, index) => {
    const steps = stepsOf(inventory, index, changes.get(index));
    const groups = rule.groups.map(group => new Set(group));
    for (const { kind, recipient, group } of steps) {
      if (kind === 'add') groups[group]?.add(canonicalRecipient(recipient));
      else groups[group]?.delete(canonicalRecipient(recipient));
    }
    return { ...rule, groups };
  });
}

/** One key into a key group of a rule, or out of it. */
interface Step {
  readonly kind: 'add' | 'remove';
  readonly recipient: string;
  readonly group: number;
}

/**
 * The text with changes of readers, not verified yet. Each pass changes one key of each rule, so that changes
 * cannot overlap.
 *
 * @param text of the same rules as the inventory
 * @throws SecretsError as {@link setRuleRecipients}
 */
export function textWithReaders(
  inventory: Inventory,
  text: string,
  changes: ReadonlyMap<number, ReaderChange>,
): string {
  refuseLastReader(inventory, changedRules(inventory, changes), 'the rule would have no reader left');
  let edited = text;
  let open = [...changes].map(([index, change]) => new RuleEdit(index, stepsOf(inventory, index, change)));
  for (;;) {
    open = open.filter(rule => rule.isOpen);
    if (open.length === 0) return edited;
    const config = new ConfigText(edited, inventory.file);
    const section = config.section('creation_rules')?.value ?? null;
    const rules = filledItemsOf(config.source, section, 'creation_rules');
    edited = applySplices(
      edited,
      open.flatMap(rule => rule.next(config, inventory, rules)),
    );
  }
}

/** What is still to be done in one rule. */
class RuleEdit {
  readonly #index: number;
  readonly #steps: Step[];
  #repeats = false;

  constructor(index: number, steps: readonly Step[]) {
    this.#index = index;
    this.#steps = [...steps];
  }

  get isOpen(): boolean {
    return this.#steps.length > 0;
  }

  /** One change; none where a key that may have stood there twice is gone. */
  next(config: ConfigText, inventory: Inventory, rules: readonly Node[]): Splice[] {
    const [step] = this.#steps;
    if (step === undefined) return [];
    const fields = keyFieldsOf(config, rules[this.#index] ?? null)[step.group] ?? new Map();
    if (step.kind === 'add') {
      this.#steps.shift();
      return [adding(config, inventory, fields, step.recipient, this.#index)];
    }
    const splice = removing(config, fields, step.recipient);
    if (splice === null && !this.#repeats) throw notFound(config, fields, this.#index);
    this.#repeats = splice !== null;
    if (splice !== null) return [splice];
    this.#steps.shift();
    return [];
  }
}

/**
 * @param after what the rules will mean
 * @throws SecretsError `LAST_READER` naming the first rule, or key group, that would lose its last reader
 */
export function refuseLastReader(
  inventory: Inventory,
  after: readonly (RuleMeaning | null)[],
  message: string,
): void {
  for (const rule of inventory.rules) {
    const groups = after[rule.index]?.groups;
    const left = rule.groups.length > 0 && groups?.some(group => group.size === 0) === true;
    if (!left) continue;
    throw new SecretsError('LAST_READER', `${message}: ${shown(rule.pathRegex ?? '')} on line ${rule.line}`, {
      file: inventory.file,
      line: rule.line,
      hint: 'nobody could read its files any more: give it another reader, or remove its files and the rule, first',
    });
  }
}

/** Keys that are really to be added or removed, each once; a key that stands twice is removed twice. */
function stepsOf(inventory: Inventory, index: number, change: ReaderChange | undefined): Step[] {
  const rule = inventory.rules[index];
  if (rule === undefined || change === undefined) return [];
  const groups = rule.groups.map(group => [...group.age, ...group.pgp].map(canonicalRecipient));
  const has = new Set(groups.flat());
  const remove = keysNamed(inventory, change.remove).filter(key => has.has(canonicalRecipient(key)));
  const add = keysNamed(inventory, change.add).filter(key => !has.has(canonicalRecipient(key)));
  if (add.length > 0 && rule.groups.length > 1) {
    throw new SecretsError('UNSUPPORTED', `the rule on line ${rule.line} has several key groups`, {
      file: inventory.file,
      line: rule.line,
      hint: `which of them ${shownList(change.add)} belongs to, only you know: add the key there by hand`,
    });
  }
  const groupOf = (key: string) => groups.findIndex(group => group.includes(canonicalRecipient(key)));
  return [
    ...add.map(recipient => ({ kind: 'add', recipient, group: 0 }) as const),
    ...remove.map(recipient => ({ kind: 'remove', recipient, group: groupOf(recipient) }) as const),
  ];
}

function keysNamed(inventory: Inventory, names: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const name of names) {
    const recipient = recipientOfMember(inventory, name);
    const keys = recipient === null ? [rawKey(name)] : withStagedKeys(inventory, [recipient]);
    for (const key of keys) if (!found.has(canonicalRecipient(key))) found.set(canonicalRecipient(key), key);
  }
  return [...found.values()];
}

function rawKey(name: string): string {
  if (looksLikeRecipient(name)) return checkedRecipient(name);
  throw new SecretsError('UNKNOWN_HOST', `${shown(name)} has no key`, {
    hint: 'a name in `keys:`, a host, an admin or a public key is asked for',
  });
}

type KeyFields = ReadonlyMap<string, Node | null>;

/** The fields of each key group of a rule, or those of the rule itself, aliases not followed. */
function keyFieldsOf(config: ConfigText, rule: Node | null): KeyFields[] {
  const { source } = config;
  const fieldsOf = (node: Node | null): KeyFields =>
    new Map(entriesOf(source, node, 'a rule').map(({ key, value }) => [key, value]));
  const fields = fieldsOf(rule);
  const groups = filledItemsOf(source, fields.get('key_groups') ?? null, 'key_groups');
  return groups.length > 0 ? groups.map(fieldsOf) : [fields];
}

function adding(
  config: ConfigText,
  inventory: Inventory,
  fields: KeyFields,
  recipient: string,
  index: number,
): Splice {
  const field = /^(age1|ssh-)/.test(recipient) ? 'age' : 'pgp';
  const node = fields.get(field) ?? null;
  const place = node?.range?.[0] ?? 0;
  if (isSeq(node))
    return insertAfter(
      config,
      node as Collection,
      node.items.length - 1,
      keyText(config, inventory, recipient, place),
    );
  const tokens = isScalar(node) && node.anchor === undefined ? keyTokens(config.text, node) : [];
  if (tokens.length > 0) return keyAfter(config.text, tokens, tokens.length - 1, recipient);
  throw shared(
    config,
    inventory,
    index,
    node,
    `add ${inventory.nameOf(recipient) ?? recipient} to its ${field} keys`,
  );
}

/** `*name` where the anchor stands above, else the key itself. */
function keyText(config: ConfigText, inventory: Inventory, recipient: string, place: number): string {
  const canonical = canonicalRecipient(recipient);
  const key = inventory.keys.find(({ name, recipient: other }) => {
    const offset = config.source.anchors.get(name)?.range?.[0] ?? Number.POSITIVE_INFINITY;
    return canonicalRecipient(other) === canonical && offset < place;
  });
  return key === undefined ? recipientScalar(recipient) : `*${key.name}`;
}

function removing(config: ConfigText, fields: KeyFields, recipient: string): Splice | null {
  const keys = new Set([canonicalRecipient(recipient)]);
  for (const node of [fields.get('age') ?? null, fields.get('pgp') ?? null]) {
    const inList = isSeq(node) ? withoutKeyOfList(config, node as Collection, keys) : null;
    const splice = isScalar(node) ? withoutKeyOfText(config, node, keys) : inList;
    if (splice !== null) return splice;
  }
  return null;
}

function notFound(config: ConfigText, fields: KeyFields, index: number): SecretsError {
  const at = [...fields.values()].find(node => isAlias(node)) ?? fields.values().next().value ?? null;
  return config.notEditableAt(
    at,
    `rule ${index} shares its list of keys with others`,
    'give it a list of its own',
  );
}

function withoutKeyOfList(config: ConfigText, list: Collection, keys: ReadonlySet<string>): Splice | null {
  const items = list.items as Node[];
  const index = items.findIndex(item => holdsKey(config, item, keys));
  if (index >= 0) return withoutItem(config, list, index);
  for (const item of items) {
    const splice = isScalar(item) ? withoutKeyOfText(config, item, keys) : null;
    if (splice !== null) return splice;
  }
  return null;
}

function withoutKeyOfText(config: ConfigText, node: Node, keys: ReadonlySet<string>): Splice | null {
  const tokens = keyTokens(config.text, node);
  const index = tokens.findIndex(token => keys.has(canonicalRecipient(token.key)));
  return index < 0 ? null : withoutKeyToken(tokens, index);
}

function shared(
  config: ConfigText,
  inventory: Inventory,
  index: number,
  node: Node | null,
  wanted: string,
): SecretsError {
  const line = node === null ? (inventory.rules[index]?.line ?? 0) : config.source.lineOf(node);
  const reason = isAlias(node)
    ? `its keys are *${node.source}, which others may use too`
    : 'it has no list of such keys';
  return new SecretsError(
    'BAD_INVENTORY',
    `the rule on line ${line} cannot be edited by this tool: ${reason}`,
    {
      file: inventory.file,
      line,
      hint: `make this change by hand: ${wanted}`,
    },
  );
}
