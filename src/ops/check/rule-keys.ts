import { parseRecipient } from '../../age/recipient.ts';
import { SecretsError } from '../../errors.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { hostsOfAudience } from '../../workspace/receivers.ts';
import { audienceOf } from '../../workspace/rules.ts';
import { type CheckFinding, finding, softened } from './finding.ts';

interface RulePlace {
  readonly file: string;
  readonly line: number;
}

/** What stock sops makes of a threshold of one: `Split` of its shamir package refuses it. */
const LEAST_THRESHOLD = 2;

/**
 * What is wrong with the keys of one rule: with how many are needed, with their forms, and with how often they stand in it.
 *
 * @param machines names of hosts that `hosts:` need not say
 */
export function checkRuleKeys(
  inventory: Inventory,
  rule: Rule,
  place: RulePlace,
  machines: ReadonlySet<string>,
): CheckFinding[] {
  return [
    ...checkNone(rule, place),
    ...checkGroups(rule, place),
    ...checkForms(inventory, rule, place),
    ...checkSsh(inventory, rule, place, machines),
    ...checkTwice(inventory, rule, place),
  ];
}

function shownRule({ pathRegex }: Rule): string {
  return pathRegex ?? '(every path)';
}

function checkNone(rule: Rule, place: RulePlace): CheckFinding[] {
  if (audienceOf(rule).length + rule.groups.flatMap(({ other }) => other).length > 0) return [];
  const message = `the rule ${shownRule(rule)} names no key: sops encrypts nothing by it, and leaves what is encrypted as it is`;
  return [finding('rule-without-keys', place, message, 'name those who read it: `- age: [*NAME, *HOST]`')];
}

/** sops-nix holds one key: a share of the data key opens nothing. */
function checkGroups(rule: Rule, place: RulePlace): CheckFinding[] {
  const count = rule.groups.length;
  if (count < 2) return [];
  const needed = rule.threshold ?? count;
  const message =
    needed < LEAST_THRESHOLD
      ? `${shownRule(rule)} has ${count} key groups and shamir_threshold: ${needed}, and sops refuses any below ${LEAST_THRESHOLD}`
      : `${shownRule(rule)} has ${count} key groups, of which ${needed} are needed: no host can open such a file alone`;
  const fix = 'put the keys into one list: a second `- age:` begins a second group';
  return [finding('second-group', place, message, fix)];
}

/** One letter that was lost on the way: whoever encrypts the next file is stopped by it. */
function checkForms(inventory: Inventory, rule: Rule, place: RulePlace): CheckFinding[] {
  const all = new Set(rule.groups.flatMap(({ age }) => age));
  return [...all].flatMap(recipient => {
    const problem = problemOf(recipient);
    if (problem === null) return [];
    const name = inventory.nameOf(recipient) ?? recipient.slice(0, 16);
    const message = `the key ${name} in the rule ${shownRule(rule)} is no key that sops takes (${problem}): nothing can be encrypted by that rule`;
    return [finding('recipient-refused', place, message, 'copy the public key again, whole')];
  });
}

const problems = new Map<string, string | null>();

/** A fleet names the same keys in a thousand rules. */
function problemOf(recipient: string): string | null {
  const known = problems.get(recipient);
  if (known !== undefined) return known;
  const found = readProblem(recipient);
  problems.set(recipient, found);
  return found;
}

function readProblem(recipient: string): string | null {
  try {
    parseRecipient(recipient);
    return null;
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
}

/** sops-nix turns the host key into an age key, and with that it does not look at stanzas of ssh keys. */
function checkSsh(
  inventory: Inventory,
  rule: Rule,
  place: RulePlace,
  machines: ReadonlySet<string>,
): CheckFinding[] {
  const isMachine = (name: string) => inventory.hosts.get(name)?.declared === true || machines.has(name);
  return audienceOf(rule)
    .filter(recipient => recipient.startsWith('ssh-'))
    .flatMap(recipient => {
      const hosts = hostsOfAudience(inventory, [recipient], null).filter(isMachine);
      if (hosts.length > 0) return hosts.map(host => sshHost(host, place));
      return inventory.nameOf(recipient) === null ? [sshOfNobody(rule, place)] : [];
    });
}

function sshHost(host: string, place: RulePlace): CheckFinding {
  return finding(
    'ssh-recipient',
    { ...place, host },
    `${host} is in the rule by its ssh key: sops-nix decrypts with the age form of that key and would open nothing`,
    `secrets host rotate ${host} --ssh-key ssh_host_ed25519_key.pub, which takes the age form`,
  );
}

function sshOfNobody(rule: Rule, place: RulePlace): CheckFinding {
  const message = `an ssh key without a name stands in the rule ${shownRule(rule)}: where it is that of a machine, sops-nix, which decrypts with its age form, opens nothing`;
  const fix =
    'for a machine, write the age form: ssh-to-age <FILE.pub, or `secrets host add HOST --ssh-key FILE.pub`';
  return softened(finding('ssh-recipient', place, message, fix));
}

function checkTwice(inventory: Inventory, rule: Rule, place: RulePlace): CheckFinding[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { age, pgp, twice: written = [] } of rule.groups) {
    for (const recipient of written) twice.add(canonicalRecipient(recipient));
    for (const recipient of [...age, ...pgp]) {
      const key = canonicalRecipient(recipient);
      if (seen.has(key)) twice.add(key);
      seen.add(key);
    }
  }
  return [...twice].map(key => {
    const names = inventory.keys
      .filter(({ recipient }) => canonicalRecipient(recipient) === key)
      .map(({ name }) => name);
    const who =
      names.length > 1 ? `one key, that of ${names.join(' and ')},` : (names[0] ?? 'a key without a name');
    return finding('twice-in-rule', place, `${who} stands in the rule twice`, 'take one of the two out');
  });
}
