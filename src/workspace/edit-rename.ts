import { isAlias, isScalar, type Scalar } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { applySplices, nodesOf } from './list-splices.ts';
import { type Meaning, meaningOf, meantEdit } from './meaning.ts';
import type { Inventory } from './model.ts';
import { checkHostName, folderOf, namesOfFolder, SECRETS_FOLDER } from './names.ts';
import { parseInventory } from './parse.ts';
import { unknownHost } from './receivers.ts';
import { escapedFolder, folderPattern } from './rule-folder.ts';
import { ruleFor } from './rules.ts';
import type { Splice } from './splice.ts';
import { anchorOf, nextOf, STAGED } from './staged.ts';
import { scalarText } from './yaml-write.ts';

const HEAD = `${SECRETS_FOLDER}/`;

/** A member with another name. */
export interface Renamed {
  readonly text: string;
  /** Folders below `secrets/` whose files have to move along. */
  readonly folders: readonly (readonly [from: string, to: string])[];
}

/**
 * The text in which a host, an admin or a group has another name: anchors and aliases, entries, memberships,
 * addresses, and the patterns of the rules of its folders. A key whose anchor has another name keeps it.
 *
 * @param files every file of the repository: one below a folder that moves has to keep its rule
 * @throws SecretsError `BAD_NAME`, `UNKNOWN_HOST`, `ALREADY_EXISTS`, `RULE_CONFLICT` (a file would come under another
 * rule), `BAD_INVENTORY`
 */
export function renameMember(
  inventory: Inventory,
  from: string,
  to: string,
  files: readonly string[] = [],
): Renamed {
  checkHostName(to);
  if (from === to) return { text: inventory.text, folders: [] };
  const renamer = new Renamer(inventory, from, to);
  refuseTaken(inventory, renamer, from, to);
  const config = new ConfigText(inventory.text, inventory.file);
  const text = meantEdit(
    inventory,
    applySplices(inventory.text, splicesOf(config, renamer)),
    wantedOf(inventory, renamer),
  );
  refuseOtherRules(inventory, parseInventory(text, inventory.file), renamer, files);
  return { text, folders: foldersOf(inventory, renamer, files) };
}

/** What stands where the old name stood. */
class Renamer {
  readonly #members: ReadonlyMap<string, string>;
  readonly #anchors: ReadonlyMap<string, string>;
  readonly #from: string;

  constructor(inventory: Inventory, from: string, to: string) {
    this.#from = from;
    this.#members = new Map([[from, to]]);
    const anchors = new Map<string, string>();
    if (anchorOf(inventory, from) === from && !inventory.groups.has(from)) {
      anchors.set(from, to);
      if (nextOf(inventory, from) !== null) anchors.set(`${from}${STAGED}`, `${to}${STAGED}`);
    }
    this.#anchors = anchors;
  }

  member(name: string): string {
    return this.#members.get(name) ?? name;
  }

  anchor(name: string): string {
    return this.#anchors.get(name) ?? name;
  }

  folder(folder: string): string {
    const names = namesOfFolder(folder);
    return names?.includes(this.#from) === true ? folderOf(names.map(name => this.member(name))) : folder;
  }

  address(address: string): string {
    const slash = address.indexOf('/');
    return slash < 0 ? address : this.folder(address.slice(0, slash)) + address.slice(slash);
  }

  /** Of a file below `secrets/`; any other keeps its place. */
  path(path: string): string {
    return path.startsWith(HEAD) ? HEAD + this.address(path.slice(HEAD.length)) : path;
  }

  regex(pathRegex: string | null): string | null {
    const pattern = folderPattern(pathRegex);
    if (pattern === null || this.folder(pattern.folder) === pattern.folder) return pathRegex;
    return pattern.head + escapedFolder(this.folder(pattern.folder)) + pattern.tail;
  }
}

function refuseTaken(inventory: Inventory, renamer: Renamer, from: string, to: string): void {
  const members = [...inventory.hosts.keys(), ...inventory.admins, ...inventory.groups.keys()];
  const all = [...members, ...inventory.keys.map(key => key.name)];
  if (!all.includes(from)) throw unknownHost(inventory, from, members);
  const others = all.filter(name => name !== from && renamer.anchor(name) === name);
  const taken = others.find(name => name.toLowerCase() === to);
  if (taken !== undefined)
    throw new SecretsError('ALREADY_EXISTS', `${taken} is the name of somebody already`);
  const address = [...inventory.secrets.keys()].find(
    old => renamer.address(old) !== old && inventory.secrets.has(renamer.address(old)),
  );
  if (address === undefined) return;
  throw new SecretsError('ALREADY_EXISTS', `${renamer.address(address)} has options already`, {
    file: inventory.file,
    hint: `what ${to} had before has to go first, or take another name`,
  });
}

function foldersOf(
  inventory: Inventory,
  renamer: Renamer,
  files: readonly string[],
): (readonly [string, string])[] {
  const present = files.flatMap(path => (path.startsWith(HEAD) ? [path.slice(HEAD.length)] : []));
  const folders = [
    ...inventory.rules.map(rule => folderPattern(rule.pathRegex)?.folder ?? ''),
    ...[...inventory.secrets.keys(), ...present].map(path => path.slice(0, Math.max(0, path.indexOf('/')))),
  ];
  const moved = [...new Set(folders)].filter(folder => renamer.folder(folder) !== folder);
  return moved.map(folder => [folder, renamer.folder(folder)] as const);
}

/** A left-over rule of the new name, or one that knows the old name in a form of its own, would change who reads. */
function refuseOtherRules(
  before: Inventory,
  after: Inventory,
  renamer: Renamer,
  files: readonly string[],
): void {
  const present = new Set(files);
  const own = before.rules.flatMap(rule => folderPattern(rule.pathRegex)?.folder ?? []);
  const probes = own.flatMap(folder => ['x.yaml', 'x.env', 'x.bin'].map(file => `${HEAD}${folder}/${file}`));
  for (const path of [...files, ...probes]) {
    const moved = renamer.path(path);
    if (moved === path) continue;
    if (present.has(moved))
      throw new SecretsError('ALREADY_EXISTS', `${moved} exists already`, { file: moved });
    const old = ruleFor(before, path);
    const fresh = ruleFor(after, moved);
    if (old?.index === fresh?.index) continue;
    const by = fresh === null ? 'no rule' : `the rule on line ${fresh.line}`;
    throw new SecretsError('RULE_CONFLICT', `${moved} would come under ${by}`, {
      file: before.file,
      line: (old ?? fresh)?.line,
      hint: 'change that rule by hand first, so that it takes the new folder as it takes the old one',
    });
  }
}

function splicesOf(config: ConfigText, renamer: Renamer): Splice[] {
  const splices: Splice[] = [];
  for (const { node, path, isKey } of nodesOf(config)) {
    const range = node.range;
    if (range === null || range === undefined) continue;
    const [start, end] = range;
    if (isAlias(node)) put(splices, start, `*${node.source}`, `*${renamer.anchor(node.source)}`);
    else if (isScalar(node) && node.anchor !== undefined) {
      const at = config.text.lastIndexOf(`&${node.anchor}`, start);
      if (at >= 0) put(splices, at, `&${node.anchor}`, `&${renamer.anchor(node.anchor)}`);
    } else if (isScalar(node)) {
      const old = String(node.value);
      const fresh = renamedScalar(path, isKey, old, renamer);
      const to = start + config.text.slice(start, end).trimEnd().length;
      if (fresh !== old) splices.push({ from: start, to, insert: inStyleOf(node, fresh) });
    }
  }
  return splices;
}

/** Text in the quotes that the old one had. */
function inStyleOf({ type, value }: Scalar, fresh: string): string {
  if (type === 'QUOTE_SINGLE') return `'${fresh.replaceAll("'", "''")}'`;
  if (type === 'QUOTE_DOUBLE') return JSON.stringify(fresh);
  // a pattern that was plain may stay so: it differs by nothing but a name
  const isPattern = type === 'PLAIN' && scalarText(String(value)) !== String(value);
  return isPattern ? fresh : scalarText(fresh);
}

function put(splices: Splice[], from: number, old: string, fresh: string): void {
  if (old !== fresh) splices.push({ from, to: from + old.length, insert: fresh });
}

/** @param path the keys above, the top-level section first */
function renamedScalar(path: readonly string[], isKey: boolean, text: string, renamer: Renamer): string {
  const [section, ...rest] = path;
  if (section === 'hosts' && !isKey && rest.length === 2 && rest[1] === 'recipient')
    return renamer.anchor(text);
  if (section === 'admins' && !isKey) return renamer.member(text);
  if (section === 'groups') return rest.length === 0 || !isKey ? renamer.member(text) : text;
  if (section === 'hosts' && isKey) {
    if (rest.length === 0) return renamer.member(text);
    return rest.length === 2 && rest[1] === 'secrets' ? renamer.address(text) : text;
  }
  if (section === 'secrets' && isKey && rest.length === 0) return renamer.address(text);
  const isPattern = section === 'creation_rules' && !isKey && rest.at(-1) === 'path_regex';
  return isPattern ? (renamer.regex(text) ?? text) : text;
}

function wantedOf(inventory: Inventory, renamer: Renamer): Meaning {
  const meaning = meaningOf(inventory);
  const mapped = <T>(map: ReadonlyMap<string, T>, name: (old: string) => string) =>
    new Map([...map].map(([old, value]) => [name(old), value]));
  const member = (name: string) => renamer.member(name);
  const address = (old: string) => renamer.address(old);
  const hostOptions = [...meaning.hostOptions].map(
    ([name, host]) => [member(name), { ...host, secrets: mapped(host.secrets, address) }] as const,
  );
  const groups = [...meaning.groups].map(([name, members]) => [member(name), members.map(member)] as const);
  return {
    keys: mapped(meaning.keys, name => renamer.anchor(name)),
    admins: meaning.admins.map(member),
    hosts: mapped(meaning.hosts, member),
    hostOptions: new Map(hostOptions),
    groups: new Map(groups),
    secrets: mapped(meaning.secrets, address),
    rules: meaning.rules.map(rule => ({ ...rule, pathRegex: renamer.regex(rule.pathRegex) })),
  };
}
