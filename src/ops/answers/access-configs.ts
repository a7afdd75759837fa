import { SecretsError } from '../../errors.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { audienceOf } from '../../workspace/rules.ts';
import type { TreeConfigs } from '../guard/configs.ts';
import type { MemberChange, MemberChangeKind, Reader, RuleChange } from './access-model.ts';

/** A config on both sides; `null`: it is not there. */
interface ConfigPair {
  readonly config: string;
  readonly before: Inventory | null;
  readonly after: Inventory | null;
}

/** What the configs of two states say differently. */
export function configChanges(before: TreeConfigs, after: TreeConfigs) {
  const [was, is] = [before.all(), after.all()];
  const members: MemberChange[] = [];
  const rules: RuleChange[] = [];
  const notes: string[] = [];
  for (const config of [...new Set([...was.keys(), ...is.keys()])].sort()) {
    for (const [when, side] of [
      ['before', was],
      ['now', is],
    ] as const) {
      const found = side.get(config);
      if (found instanceof SecretsError) notes.push(`${config} does not load (${when}): ${found.message}`);
    }
    const pair = { config, before: loaded(was.get(config)), after: loaded(is.get(config)) };
    members.push(...keyChanges(pair), ...roleChanges(pair));
    rules.push(...ruleChanges(pair));
  }
  return { members, rules, notes };
}

function loaded(found: Inventory | SecretsError | undefined): Inventory | null {
  return found === undefined || found instanceof SecretsError ? null : found;
}

function keyChanges({ config, before, after }: ConfigPair): MemberChange[] {
  const [was, is] = [keysOf(before), keysOf(after)];
  const oldNames = new Map([...was].map(([name, key]) => [canonicalRecipient(key), name]));
  const renamedFrom = new Set<string>();
  const found: MemberChange[] = [];
  for (const [name, key] of is) {
    const former = was.get(name);
    const oldName = oldNames.get(canonicalRecipient(key));
    if (former === undefined && oldName !== undefined && !is.has(oldName)) {
      renamedFrom.add(oldName);
      found.push({ config, name, change: 'renamed', before: oldName, after: name });
    } else if (former === undefined)
      found.push({ config, name, change: 'key-added', before: null, after: key });
    else if (canonicalRecipient(former) !== canonicalRecipient(key))
      found.push({ config, name, change: 'key-replaced', before: former, after: key });
  }
  for (const [name, key] of was)
    if (!is.has(name) && !renamedFrom.has(name))
      found.push({ config, name, change: 'key-removed', before: key, after: null });
  return found;
}

/** Anchors, and hosts that name their key themselves. */
function keysOf(inventory: Inventory | null): Map<string, string> {
  const keys = new Map((inventory?.keys ?? []).map(({ name, recipient }) => [name, recipient]));
  for (const { name, recipient } of inventory?.hosts.values() ?? [])
    if (recipient !== null && !keys.has(name)) keys.set(name, recipient);
  return keys;
}

function roleChanges({ config, before, after }: ConfigPair): MemberChange[] {
  const groups = new Set([...(before?.groups.keys() ?? []), ...(after?.groups.keys() ?? [])]);
  const changes = (
    kinds: readonly [MemberChangeKind, MemberChangeKind],
    group: string | null,
    of: Members,
  ) => {
    const [was, is] = [new Set(before === null ? [] : of(before)), new Set(after === null ? [] : of(after))];
    const come = [...is].filter(name => !was.has(name));
    const gone = [...was].filter(name => !is.has(name));
    return [
      ...come.map(name => ({ config, name, change: kinds[0], before: null, after: group })),
      ...gone.map(name => ({ config, name, change: kinds[1], before: group, after: null })),
    ];
  };
  return [
    ...changes(['admin-added', 'admin-removed'], null, ({ admins }) => admins),
    ...changes(['host-added', 'host-removed'], null, declaredHosts),
    ...[...groups].flatMap(group =>
      changes(['group-joined', 'group-left'], group, inventory => inventory.groups.get(group) ?? []),
    ),
  ];
}

type Members = (inventory: Inventory) => Iterable<string>;

function declaredHosts({ hosts }: Inventory): string[] {
  return [...hosts.values()].filter(({ declared }) => declared).map(({ name }) => name);
}

function ruleChanges({ config, before, after }: ConfigPair): RuleChange[] {
  const [was, is] = [rulesOf(before), rulesOf(after)];
  const found: RuleChange[] = [];
  for (const [id, rule] of is) {
    const former = was.get(id) ?? null;
    const { add, remove } = readersOf(former, rule, before, after);
    const also = former === null ? [] : otherDifferences(former, rule);
    if (former === null || add.length + remove.length + also.length > 0)
      found.push({
        config,
        pathRegex: rule.pathRegex,
        change: former === null ? 'added' : 'changed',
        add,
        remove,
        also,
      });
  }
  for (const [id, rule] of was)
    if (!is.has(id)) {
      const { add, remove } = readersOf(rule, null, before, after);
      found.push({ config, pathRegex: rule.pathRegex, change: 'removed', add, remove, also: [] });
    }
  const [oldOrder, order] = [
    [...was.keys()].filter(id => is.has(id)),
    [...is.keys()].filter(id => was.has(id)),
  ];
  const isMoved = order.some((id, index) => id !== oldOrder[index]);
  const nothing = { add: [], remove: [], also: [] };
  return isMoved ? [...found, { config, pathRegex: null, change: 'order', ...nothing }] : found;
}

/** By pattern; of several with one pattern, by their order too. */
function rulesOf(inventory: Inventory | null): Map<string, Rule> {
  const seen = new Map<string, number>();
  return new Map(
    (inventory?.rules ?? []).map(rule => {
      const pattern = JSON.stringify(rule.pathRegex);
      const times = seen.get(pattern) ?? 0;
      seen.set(pattern, times + 1);
      return [`${pattern} ${times}`, rule];
    }),
  );
}

function readersOf(
  former: Rule | null,
  rule: Rule | null,
  before: Inventory | null,
  after: Inventory | null,
): { add: Reader[]; remove: Reader[] } {
  const had = former === null ? [] : audienceOf(former);
  const has = rule === null ? [] : audienceOf(rule);
  const lacking = (these: readonly string[], those: readonly string[]) => {
    const known = new Set(those.map(canonicalRecipient));
    return these.filter(each => !known.has(canonicalRecipient(each)));
  };
  const named = (recipient: string) => ({
    name: after?.nameOf(recipient) ?? before?.nameOf(recipient) ?? null,
    recipient,
  });
  return { add: lacking(has, had).map(named), remove: lacking(had, has).map(named) };
}

function otherDifferences(former: Rule, rule: Rule): string[] {
  const groups = former.groups.length !== rule.groups.length || former.threshold !== rule.threshold;
  const selection =
    JSON.stringify(former.selection) !== JSON.stringify(rule.selection) ||
    former.macOnlyEncrypted !== rule.macOnlyEncrypted;
  return [...(groups ? ['key groups'] : []), ...(selection ? ['which values are encrypted'] : [])];
}
