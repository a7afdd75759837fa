import { isMap, type Node } from 'yaml';
import type { Host, Inventory, InventoryWarning, SecretOptions } from './model.ts';
import { KeyNames, namedKeys } from './parse-keys.ts';
import { parseSecretOptions } from './parse-options.ts';
import { inferHosts, parseAdmins, parseGroups, parseHosts, type Reading } from './parse-people.ts';
import { parseRules } from './parse-rules.ts';
import { shown } from './shown.ts';
import { entriesOf, isNull } from './yaml-read.ts';
import { YamlSource } from './yaml-source.ts';

const KNOWN_SECTIONS = new Set([
  'keys',
  'admins',
  'hosts',
  'groups',
  'secrets',
  'creation_rules',
  'destination_rules',
  'stores',
]);

/** How programs say in the first comment that the file is theirs. */
const GENERATED =
  /\b(auto-?generated|automatically generated|generated (by|from|with|using|via|automatically)|(is|was|file) generated|do not (edit|modify|change)|don't edit|managed by)\b/i;

type Sections = ReadonlyMap<string, Node | null>;

/**
 * Reads `.sops.yaml` as stock sops (go-yaml) would, and what this tool keeps beside it.
 *
 * @param file how the file is called in errors
 * @throws SecretsError `BAD_INVENTORY` with line and column: a syntax error, a doubled key or anchor, an anchor
 * or a node type that stock sops refuses, a pattern that Go does not compile, a name that nothing bears
 */
export function parseInventory(text: string, file = '.sops.yaml'): Inventory {
  const source = new YamlSource(text, file);
  const warnings: InventoryWarning[] = [];
  const sections = readSections(source, warnings);
  const section = (name: string): Node | null => sections.get(name) ?? null;

  const keys = namedKeys(source);
  const names = new KeyNames(keys);
  const reading: Reading = { source, keys: names, warnings };
  const admins = parseAdmins(reading, section('admins'));
  const declared = parseHosts(reading, section('hosts'));
  const hosts = declared ?? inferHosts(keys, admins);
  const groups = parseGroups(reading, section('groups'), hosts);
  refuseSharedNames(source, sections, admins, declared, groups);
  const secrets = parseSecrets(reading, section('secrets'));
  const rules = parseRules(source, section('creation_rules'), warnings);
  return {
    file,
    text,
    keys,
    admins,
    hosts,
    groups,
    secrets,
    rules,
    generated: isGenerated(source),
    warnings: warnings.sort((a, b) => a.line - b.line),
    nameOf: recipient => names.nameOf(recipient),
    recipientOf: name => declared?.get(name)?.recipient ?? names.recipientOf(name),
  };
}

function readSections(source: YamlSource, warnings: InventoryWarning[]): Sections {
  const { root } = source;
  if (root === null || isNull(root)) return new Map();
  if (!isMap(root)) throw source.fail('the top level of the file has to be a map', root);
  const entries = entriesOf(source, root, 'the top level');
  for (const { key, keyNode } of entries) {
    if (KNOWN_SECTIONS.has(key)) continue;
    warnings.push({
      message: `${shown(key)} at the top level means nothing to sops`,
      line: source.lineOf(keyNode),
    });
  }
  return new Map(entries.map(({ key, value }) => [key, value]));
}

function parseSecrets(reading: Reading, node: Node | null): Map<string, SecretOptions> {
  const { source, warnings } = reading;
  const resolved = source.resolve(node);
  if (resolved !== null && !isNull(resolved) && !isMap(resolved)) {
    warnings.push({
      message: 'secrets is not in the form that this tool knows and was ignored',
      line: source.lineOf(node),
    });
    return new Map();
  }
  return parseSecretOptions(source, node, 'secrets', false);
}

/** Hosts, groups and admins share one namespace, because a folder and `--host` may name any of them. */
function refuseSharedNames(
  source: YamlSource,
  sections: Sections,
  admins: readonly string[],
  declared: ReadonlyMap<string, Host> | null,
  groups: ReadonlyMap<string, unknown>,
): void {
  const taken = new Map<string, string>();
  const sets: [string, string, Iterable<string>][] = [
    ['an admin', 'admins', admins],
    ['a host', 'hosts', declared?.keys() ?? []],
    ['a group', 'groups', groups.keys()],
  ];
  for (const [what, section, names] of sets) {
    for (const name of names) {
      const other = taken.get(name.toLowerCase());
      if (other !== undefined) {
        const hint =
          'hosts, groups and admins share one namespace; hosts.NAME.recipient: *key gives a key a second name';
        throw source.fail(
          `${shown(name)} names both ${other} and ${what}`,
          sections.get(section) ?? null,
          hint,
        );
      }
      taken.set(name.toLowerCase(), what);
    }
  }
}

/** The comments above the first line of content. */
function isGenerated(source: YamlSource): boolean {
  const end = source.root?.range?.[0] ?? source.text.length;
  const comments = source.text
    .slice(0, end)
    .split(/\r?\n/)
    .filter(line => /^\s*#/.test(line.replace(/^\ufeff/, '')));
  return comments.some(line => GENERATED.test(line));
}
