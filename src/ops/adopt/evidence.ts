import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { KeyContext } from '../../workspace/key-context.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { audienceOf } from '../../workspace/rules.ts';
import type { NixNames } from './nix-names.ts';
import { bareName, namesInTree, type Role, roleOf } from './words.ts';

/** Why somebody takes a key for that of a machine or of a person. */
interface Evidence {
  readonly role: Role;
  readonly weight: number;
  readonly why: string;
}

/** What a key seems to be. */
export interface Judgement {
  readonly key: KeyContext;
  /** `null`: nothing says it, or as much speaks for the one as for the other. */
  readonly role: Role | null;
  /** The reasons for its role, or all of them. */
  readonly why: readonly string[];
}

/** What is seen beside `.sops.yaml`. */
export interface Seen {
  readonly paths: readonly string[];
  /** Canonical public keys of the identities at hand. */
  readonly own: ReadonlySet<string>;
  readonly flakes: readonly FlakeHost[];
  /** What hand-written Nix calls people and machines. */
  readonly nix: NixNames;
}

/** With less than this nobody is called anything. */
const ENOUGH = 2;
const CONFIGURATION = {
  nixos: 'nixosConfigurations',
  darwin: 'darwinConfigurations',
  home: 'homeConfigurations',
};

/** Tells machines from people by everything that is seen of their keys. */
export function judgeKeys(inventory: Inventory, keys: readonly KeyContext[], seen: Seen): Judgement[] {
  const tree = namesInTree(seen.paths);
  const rules = inventory.rules.map(readRule);
  const audiences = new Set(rules.map(({ readers }) => [...readers].sort().join()));
  return keys.map(key => {
    const names = [...new Set(key.names.flatMap(name => [name.toLowerCase(), bareName(name)]))];
    const all = [
      ...fromKey(key, seen.own),
      ...fromWords(key),
      ...fromTree(names, tree),
      ...fromFlake(names, seen.flakes),
      ...fromNix(names, seen.nix),
      ...(audiences.size > 1 ? fromRules(key, names, rules) : []),
    ];
    return judged(key, all);
  });
}

function judged(key: KeyContext, all: readonly Evidence[]): Judgement {
  const weigh = (role: Role) =>
    all.filter(each => each.role === role).reduce((sum, { weight }) => sum + weight, 0);
  const [admin, host] = [weigh('admin'), weigh('host')];
  const role = admin === host || Math.max(admin, host) < ENOUGH ? null : admin > host ? 'admin' : 'host';
  const reasons = all.filter(each => role === null || each.role === role).sort((a, b) => b.weight - a.weight);
  return { key, role, why: [...new Set(reasons.map(({ why }) => why))] };
}

function fromKey({ recipient, comments }: KeyContext, own: ReadonlySet<string>): Evidence[] {
  const found: Evidence[] = [];
  if (own.has(canonicalRecipient(recipient))) found.push(admin(5, 'you have its private half'));
  if (isPlugin(recipient)) found.push(admin(5, 'it lies on a token'));
  if (/^[0-9A-Fa-fx ]{16,}!?$/.test(recipient)) found.push(admin(2, 'it is a PGP key'));
  const account = comments.map(text => /^([^\s@]+)@([^\s@]+)$/.exec(text)).find(match => match !== null);
  if (account?.[1] === 'root') found.push(host(3, `its comment says ${account[0]}`));
  else if (account !== undefined && account !== null) found.push(admin(1, `its comment says ${account[0]}`));
  return found;
}

/** `age1yubikey1…`: the data of bech32 has no `1`, so that the last one ends the name. */
function isPlugin(recipient: string): boolean {
  return (
    recipient.startsWith('age1') &&
    recipient.lastIndexOf('1') > 3 &&
    !/^age1(?:pq|tag|tagpq)1/.test(recipient)
  );
}

function fromWords({ names, around, comments }: KeyContext): Evidence[] {
  const found: Evidence[] = [];
  for (const name of names) {
    const role = roleOf(name);
    if (role !== null) found.push({ role, weight: 3, why: `its name is ${name}` });
  }
  for (const text of [...around, ...comments]) {
    const role = roleOf(text);
    if (role !== null)
      found.push({ role, weight: 3, why: `it stands under ${JSON.stringify(text.slice(0, 60))}` });
  }
  // the same words stand around many keys: they count once for each role
  return found.filter((each, index) => found.findIndex(({ role }) => role === each.role) === index);
}

function fromTree(names: readonly string[], tree: ReturnType<typeof namesInTree>): Evidence[] {
  return names.flatMap(name => {
    const [machine, person] = [tree.host.get(name), tree.admin.get(name)];
    return [
      ...(machine === undefined ? [] : [host(3, `there is ${machine}`)]),
      ...(person === undefined ? [] : [admin(2, `there is ${person}`)]),
    ];
  });
}

/** Whoever has an account on a machine is a person, unless a machine bears that name too. */
function fromNix(names: readonly string[], { people, machines }: NixNames): Evidence[] {
  return names.flatMap(name => {
    const [person, machine] = [people.get(name), machines.get(name)];
    return [
      ...(person === undefined ? [] : [admin(3, `${person} has an account of that name`)]),
      ...(machine === undefined ? [] : [host(4, `${machine} calls a machine so`)]),
    ];
  });
}

function fromFlake(names: readonly string[], flakes: readonly FlakeHost[]): Evidence[] {
  return flakes.flatMap(({ name, platform, inside }) => {
    const lower = name.toLowerCase();
    const set = CONFIGURATION[platform];
    if (platform === 'home') {
      const user = lower.split('@')[0] ?? lower;
      return names.includes(user)
        ? [admin(2, inside === null ? `${set} has ${name}` : `${inside} has a profile of ${name}`)]
        : [];
    }
    return names.includes(lower) || names.includes(lower.split('.')[0] ?? lower)
      ? [host(4, `${set} has ${name}`)]
      : [];
  });
}

function fromRules(
  { recipient }: KeyContext,
  names: readonly string[],
  rules: readonly ReadRule[],
): Evidence[] {
  const key = canonicalRecipient(recipient);
  const reads = rules.filter(({ readers }) => readers.has(key));
  if (reads.length === rules.length) return [admin(2, 'it is in every rule')];
  const named = reads.find(({ words }) => names.some(name => words.has(name)));
  return [
    ...(named === undefined ? [] : [host(1, `the rule ${named.pattern} is called after it`)]),
    ...(reads.length > 0 ? [host(1, `it is in ${reads.length} of ${rules.length} rules`)] : []),
  ];
}

interface ReadRule {
  readonly pattern: string;
  readonly words: ReadonlySet<string>;
  /** Canonical. */
  readonly readers: ReadonlySet<string>;
}

function readRule(rule: Rule): ReadRule {
  const pattern = rule.pathRegex ?? '';
  return {
    pattern,
    words: new Set(pattern.toLowerCase().split(/[^a-z0-9_-]+/)),
    readers: new Set(audienceOf(rule).map(canonicalRecipient)),
  };
}

function admin(weight: number, why: string): Evidence {
  return { role: 'admin', weight, why };
}

function host(weight: number, why: string): Evidence {
  return { role: 'host', weight, why };
}
