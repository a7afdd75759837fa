import { isAlias, isScalar } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { applySplices, nodesOf, type Splice } from './list-splices.ts';
import { type Meaning, meaningOf, meantEdit } from './meaning.ts';
import type { Inventory } from './model.ts';
import { checkHostName, folderOf, folderOfRegex, namesOfFolder, pathRegexOf } from './names.ts';
import { scalarText } from './yaml-write.ts';

/** A member with another name. */
export interface Renamed {
  readonly text: string;
  /** Folders below `secrets/` whose files have to move along. */
  readonly folders: readonly (readonly [from: string, to: string])[];
}

/**
 * The text in which a host, an admin or a group has another name: anchors and aliases, entries, memberships,
 * addresses, and the patterns of the rules of its folders.
 *
 * @throws SecretsError `BAD_NAME`, `UNKNOWN_HOST`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function renameMember(inventory: Inventory, from: string, to: string): Renamed {
  checkHostName(to);
  refuseTaken(inventory, from, to);
  const renamer = new Renamer(from, to);
  const config = new ConfigText(inventory.text, inventory.file);
  const text = applySplices(inventory.text, splicesOf(config, renamer));
  const folders = new Map<string, string>();
  for (const { pathRegex } of inventory.rules) {
    const folder = folderOfRegex(pathRegex);
    if (folder !== null && renamer.folder(folder) !== folder) folders.set(folder, renamer.folder(folder));
  }
  return { text: meantEdit(inventory, text, wantedOf(inventory, renamer)), folders: [...folders] };
}

/** What stands where the old name stood. */
class Renamer {
  readonly #from: string;
  readonly #to: string;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  name(name: string): string {
    if (name === this.#from) return this.#to;
    return name === `${this.#from}_next` ? `${this.#to}_next` : name;
  }

  folder(folder: string): string {
    const names = namesOfFolder(folder);
    return names?.includes(this.#from) === true ? folderOf(names.map(name => this.name(name))) : folder;
  }

  address(address: string): string {
    const slash = address.indexOf('/');
    return slash < 0 ? address : this.folder(address.slice(0, slash)) + address.slice(slash);
  }

  regex(pathRegex: string | null): string | null {
    const folder = folderOfRegex(pathRegex);
    return folder === null ? pathRegex : pathRegexOf(this.folder(folder));
  }
}

function refuseTaken(inventory: Inventory, from: string, to: string): void {
  const members = [...inventory.hosts.keys(), ...inventory.admins, ...inventory.groups.keys()];
  const all = [...members, ...inventory.keys.map(key => key.name)];
  if (!all.includes(from)) throw new SecretsError('UNKNOWN_HOST', `nobody is called ${from}`);
  const taken = all.find(name => name.toLowerCase() === to);
  if (taken !== undefined)
    throw new SecretsError('ALREADY_EXISTS', `${taken} is the name of somebody already`);
}

function splicesOf(config: ConfigText, renamer: Renamer): Splice[] {
  const splices: Splice[] = [];
  for (const { node, path, isKey } of nodesOf(config)) {
    const range = node.range;
    if (range === null || range === undefined) continue;
    const [start, end] = range;
    if (isAlias(node)) put(splices, start, `*${node.source}`, `*${renamer.name(node.source)}`);
    else if (isScalar(node) && node.anchor !== undefined) {
      const at = config.text.lastIndexOf(`&${node.anchor}`, start);
      if (at >= 0) put(splices, at, `&${node.anchor}`, `&${renamer.name(node.anchor)}`);
    } else if (isScalar(node)) {
      const old = String(node.value);
      const fresh = renamedScalar(path, isKey, old, renamer);
      const source = config.text.slice(start, end).trimEnd();
      // What was plain stays plain: a pattern differs by nothing but a name.
      const insert = source === old ? fresh : scalarText(fresh);
      if (fresh !== old) splices.push({ from: start, to: start + source.length, insert });
    }
  }
  return splices;
}

function put(splices: Splice[], from: number, old: string, fresh: string): void {
  if (old !== fresh) splices.push({ from, to: from + old.length, insert: fresh });
}

/** @param path the keys above, the top-level section first */
function renamedScalar(path: readonly string[], isKey: boolean, text: string, renamer: Renamer): string {
  const [section, ...rest] = path;
  if (section === 'admins' && !isKey) return renamer.name(text);
  if (section === 'groups') return rest.length === 0 || !isKey ? renamer.name(text) : text;
  if (section === 'hosts' && isKey) {
    if (rest.length === 0) return renamer.name(text);
    return rest.length === 2 && rest[1] === 'secrets' ? renamer.address(text) : text;
  }
  if (section === 'secrets' && isKey && rest.length === 0) return renamer.address(text);
  const isPattern = section === 'creation_rules' && !isKey && rest.at(-1) === 'path_regex';
  return isPattern ? (renamer.regex(text) ?? text) : text;
}

function wantedOf(inventory: Inventory, renamer: Renamer): Meaning {
  const meaning = meaningOf(inventory);
  const named = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].map(([name, value]) => [renamer.name(name), value]));
  const groups = [...named(meaning.groups)].map(
    ([name, members]) => [name, members.map(member => renamer.name(member))] as const,
  );
  return {
    keys: named(meaning.keys),
    admins: meaning.admins.map(name => renamer.name(name)),
    hosts: named(meaning.hosts),
    groups: new Map(groups),
    secrets: new Map([...meaning.secrets].map(([address, options]) => [renamer.address(address), options])),
    rules: meaning.rules.map(rule => ({ ...rule, pathRegex: renamer.regex(rule.pathRegex) })),
  };
}
