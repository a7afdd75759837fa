import type { Inventory, Rule } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { hostsOfAudience } from '../../workspace/receivers.ts';
import { namesOfRule } from '../../workspace/rule-folder.ts';
import { audienceOf, ruleFor } from '../../workspace/rules.ts';
import { hasBareDot } from './bare-dot.ts';
import { mayBe } from './evaluated-hosts.ts';
import { type CheckFinding, finding } from './finding.ts';
import { checkRuleKeys } from './rule-keys.ts';

/** Anchors that go-yaml takes; any other makes stock sops refuse the whole file. */
const ANCHOR = /^[A-Za-z0-9_-]+$/;
/**
 * What a `.sops.yaml` says that its author cannot have meant, or that stock sops or sops-nix takes otherwise.
 *
 * @param paths every file that the config governs or could govern, as its rules see them
 * @param machines names of hosts that `hosts:` need not say
 */
export function checkConfig(
  inventory: Inventory,
  paths: readonly string[],
  machines: ReadonlySet<string>,
): CheckFinding[] {
  return [
    ...checkAnchors(inventory),
    ...inventory.warnings
      .filter(({ line }) => !holdsAnchors(inventory.text, line))
      .map(({ message, line }) =>
        finding(
          'unknown-setting',
          { file: inventory.file, line },
          message,
          'correct it, or take it out: it has no effect',
        ),
      ),
    ...checkHosts(inventory),
    ...inventory.rules.flatMap(rule => checkRule(inventory, rule, machines)),
    ...checkOrder(inventory, paths),
  ];
}

/** A section of its own for keys that rules take up by their anchors does something. */
function holdsAnchors(text: string, line: number): boolean {
  const [first = '', ...rest] = text.split('\n').slice(line - 1);
  if (!/^[^\s#-]/.test(first)) return false;
  const end = rest.findIndex(each => /^[^\s#-]/.test(each));
  return [first, ...(end < 0 ? rest : rest.slice(0, end))].some(each =>
    /(?:^|[\s[{,:-])&[A-Za-z0-9_-]/.test(each),
  );
}

function checkAnchors({ keys, file }: Inventory): CheckFinding[] {
  const seen = new Map<string, number>();
  return keys.flatMap(({ name, line }) => {
    const place = { file, line };
    if (!ANCHOR.test(name)) {
      const message = `stock sops refuses the whole file because of the anchor &${name}: letters, digits, _ and - alone are allowed`;
      return [finding('anchor-refused', place, message, 'give the key another name')];
    }
    const before = seen.get(name);
    seen.set(name, line);
    if (before === undefined) return [];
    const message = `the anchor &${name} stands on line ${before} too: what comes between them means another key than what comes after`;
    return [finding('anchor-twice', place, message, 'give one of the two keys another name')];
  });
}

/** A misspelt host, or one whose key somebody took out. */
function checkHosts({ hosts, file }: Inventory): CheckFinding[] {
  return [...hosts.values()]
    .filter(({ declared, recipient }) => declared && recipient === null)
    .map(({ name }) => {
      const message = `hosts: has ${name}, and keys: has no key of that name: it receives nothing`;
      return finding(
        'host-without-key',
        { file, host: name },
        message,
        `secrets host add ${name}, or correct the name`,
      );
    });
}

function checkRule(inventory: Inventory, rule: Rule, machines: ReadonlySet<string>): CheckFinding[] {
  const place = { file: inventory.file, line: rule.line };
  const found: CheckFinding[] = [];
  if (rule.pathRegex !== null && hasBareDot(rule.pathRegex)) {
    const message = `a dot of ${rule.pathRegex} is not escaped, so that it stands for any character`;
    found.push(finding('unescaped-dot', place, message, 'write \\. where a dot is meant'));
  }
  return [
    ...found,
    ...checkRuleKeys(inventory, rule, place, machines),
    ...checkFolder(inventory, rule, place),
    ...checkForeignFolder(inventory, rule, place, machines),
  ];
}

/** The folder is a claim, the rule decides. */
function checkFolder(
  inventory: Inventory,
  rule: Rule,
  place: { file: string; line: number },
): CheckFinding[] {
  const names = namesOfRule(rule.pathRegex) ?? [];
  const named = new Set(names.flatMap(name => inventory.groups.get(name) ?? [name]));
  const readers = new Set(audienceOf(rule).map(canonicalRecipient));
  const lacking = [...named].filter(name => {
    const recipient = inventory.hosts.get(name)?.recipient ?? null;
    return recipient !== null && !readers.has(canonicalRecipient(recipient));
  });
  const known =
    names.length > 0 && names.every(name => inventory.hosts.has(name) || inventory.groups.has(name));
  const beside = known ? machinesOf(inventory, rule).filter(name => !named.has(name)) : [];
  return [
    ...lacking.map(host => {
      const message = `the folder of ${rule.pathRegex} is named after ${host}, whose key the rule does not name`;
      const fix = `add *${host} to the rule, then run \`secrets sync\``;
      return finding('folder-differs', { ...place, host }, message, fix);
    }),
    ...beside.map(host => {
      const message = `the rule ${rule.pathRegex} lets ${host} read too, after whom the folder is not named`;
      const fix = `take *${host} out of the rule, then run \`secrets sync\`; or secrets grant NAME --host ${host}, which takes a folder of both names`;
      return finding('folder-differs', { ...place, host }, message, fix);
    }),
  ];
}

/** `^hosts/megumu/` in a repository that was laid out by hand: a folder that is called after a machine. */
function checkForeignFolder(
  inventory: Inventory,
  rule: Rule,
  place: { file: string; line: number },
  machines: ReadonlySet<string>,
): CheckFinding[] {
  if (namesOfRule(rule.pathRegex) !== null) return [];
  const readers = new Set(audienceOf(rule).map(canonicalRecipient));
  const folders = (rule.pathRegex ?? '').split('/').slice(0, -1);
  const lacking = folders.filter(folder => {
    if (!machines.has(folder)) return false;
    // `&megumu` may be the laptop of somebody, and `&megumu_host` the machine
    const alike = inventory.keys.filter(({ name }) => mayBe(name, folder));
    return alike.length > 0 && !alike.some(({ recipient }) => readers.has(canonicalRecipient(recipient)));
  });
  return [...new Set(lacking)].map(host => {
    const message = `a folder of ${rule.pathRegex} is named after ${host}, whose key the rule does not name`;
    return finding(
      'folder-differs',
      { ...place, host },
      message,
      `add *${host} to the rule, if ${host} is to read it`,
    );
  });
}

/** Hosts of `hosts:` that the rule lets read; one that shares the key of a person is that person here. */
function machinesOf(inventory: Inventory, rule: Rule): string[] {
  const { hosts, admins } = inventory;
  const people = new Set(admins.map(name => canonicalRecipient(inventory.recipientOf(name) ?? '')));
  return hostsOfAudience(inventory, audienceOf(rule), null).filter(name => {
    const host = hosts.get(name);
    return host?.declared === true && !people.has(canonicalRecipient(host.recipient ?? ''));
  });
}

/** Rules that match nothing, and rules that others leave nothing to. A folder that waits for its first secret is fine. */
function checkOrder(inventory: Inventory, paths: readonly string[]): CheckFinding[] {
  const first = new Set<number>();
  for (const path of paths) {
    const rule = ruleFor(inventory, path);
    if (rule !== null) first.add(rule.index);
  }
  return inventory.rules.flatMap(rule => {
    if (first.has(rule.index) || rule.pathRegex === null) return [];
    const place = { file: inventory.file, line: rule.line };
    const path = paths.find(candidate => rule.matches(candidate));
    if (path === undefined) {
      if (isKnownFolder(inventory, rule)) return [];
      const message = `the rule ${rule.pathRegex} matches no file`;
      return [finding('rule-unused', place, message, 'see what it was meant for: `secrets why FILE`')];
    }
    const message = `the rule ${rule.pathRegex} decides nothing: an earlier one takes ${path} and all else that it matches`;
    return [finding('rule-shadowed', place, message, 'move it up, or take it out')];
  });
}

function isKnownFolder({ hosts, groups, admins }: Inventory, rule: Rule): boolean {
  const names = namesOfRule(rule.pathRegex) ?? [];
  const known = (name: string) =>
    hosts.has(name) || groups.has(name) || admins.includes(name) || name === 'admins';
  return names.length > 0 && names.every(known);
}
