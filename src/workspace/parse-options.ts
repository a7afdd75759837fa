import type { Node } from 'yaml';
import { nearest } from '../suggest.ts';
import type { PendingKind, SecretOptions } from './model.ts';
import { addressProblem, relativePathProblem } from './names.ts';
import { shown } from './shown.ts';
import { booleanOf, type Entry, entriesOf, itemsOf, textOf } from './yaml-read.ts';
import type { YamlSource } from './yaml-source.ts';

type Field = keyof SecretOptions;
type Read = (source: YamlSource, node: Node | null, what: string) => unknown;

const readers = new Map<Field, Read>([
  ['owner', account],
  ['group', account],
  ['mode', mode],
  ['path', deliveredPath],
  ['restartUnits', units],
  ['reloadUnits', units],
  ['neededForUsers', flag],
  ['sopsFile', repositoryPath],
  ['key', keyPath],
  ['generate', recipe],
  ['pending', pendingKind],
  ['deliver', flag],
]);

const PENDING_KINDS: readonly PendingKind[] = ['value', 'env', 'binary'];

/** Says where a secret lies or how it was made, which no host can change for itself. */
const OF_THE_SECRET = new Set<Field>(['sopsFile', 'key', 'generate', 'pending']);

/**
 * Reads the options of secrets by address.
 *
 * @param ofHost true for the overrides of one host, which may say `deliver` and may not say `sopsFile`
 * @throws SecretsError `BAD_INVENTORY`
 */
export function parseSecretOptions(
  source: YamlSource,
  node: Node | null,
  what: string,
  ofHost: boolean,
): Map<string, SecretOptions> {
  const options = new Map<string, SecretOptions>();
  for (const { key, keyNode, value } of entriesOf(source, node, what)) {
    const problem = addressProblem(key);
    if (problem !== null) {
      throw source.fail(
        `${shown(key)} in ${what} is no address: ${problem}`,
        keyNode,
        'an address is FOLDER/NAME, megumu/kotori',
      );
    }
    options.set(key, readOptions(source, value, shown(key), ofHost));
  }
  return options;
}

function readOptions(source: YamlSource, node: Node | null, address: string, ofHost: boolean): SecretOptions {
  const options = new Map<string, unknown>();
  for (const entry of entriesOf(source, node, `the options of ${address}`)) {
    const field = knownField(source, entry, address, ofHost);
    const value = readers.get(field)?.(source, entry.value, `${field} of ${address}`);
    if (value !== null && value !== undefined) options.set(field, value);
  }
  return Object.fromEntries(options);
}

function knownField(source: YamlSource, { key, keyNode }: Entry, address: string, ofHost: boolean): Field {
  const field = [...readers.keys()].find(name => name === key);
  if (field === undefined) {
    const near = nearest(key, readers.keys());
    const hint = near === null ? `known options: ${[...readers.keys()].join(', ')}` : `did you mean ${near}?`;
    throw source.fail(`${address} has an unknown option ${shown(key)}`, keyNode, hint);
  }
  if (ofHost && OF_THE_SECRET.has(field)) {
    throw source.fail(
      `${field} of ${address} cannot differ by host`,
      keyNode,
      'write it under `secrets:` at the top level',
    );
  }
  if (!ofHost && field === 'deliver') {
    throw source.fail(
      `deliver of ${address} has to name a host`,
      keyNode,
      'write it as hosts.NAME.secrets.ADDRESS.deliver',
    );
  }
  return field;
}

function account(source: YamlSource, node: Node | null, what: string): string | null {
  const text = textOf(source, node, what);
  if (text !== null && !isAccountName(text))
    throw source.fail(`${what} is no account name: ${shown(text)}`, node);
  return text;
}

function mode(source: YamlSource, node: Node | null, what: string): string | null {
  const text = textOf(source, node, what);
  if (text !== null && !isMode(text)) {
    throw source.fail(
      `${what} is no octal mode: ${shown(text)}`,
      node,
      'write it as text of three or four digits, "0440"',
    );
  }
  return text;
}

function deliveredPath(source: YamlSource, node: Node | null, what: string): string | null {
  const text = textOf(source, node, what);
  if (text !== null && !isDeliveredPath(text))
    throw source.fail(`${what} is no absolute path: ${shown(text)}`, node);
  return text;
}

function units(source: YamlSource, node: Node | null, what: string): string[] {
  return itemsOf(source, node, what).map(item => {
    const text = textOf(source, item, `a unit in ${what}`) ?? '';
    if (isUnitName(text)) return text;
    throw source.fail(
      `${what} names no systemd unit: ${shown(text)}`,
      item ?? node,
      'a unit has its suffix: kotori.service',
    );
  });
}

function repositoryPath(source: YamlSource, node: Node | null, what: string): string | null {
  const text = textOf(source, node, what);
  const problem = text === null ? null : relativePathProblem(text);
  if (problem !== null) throw source.fail(`${what} is no path inside the repository: ${problem}`, node);
  return text;
}

/** `""` is the whole document, as it is to sops-nix; so an empty value counts here. */
function keyPath(source: YamlSource, node: Node | null, what: string): string | null {
  const text = textOf(source, node, what);
  if (text !== null && text !== '' && text.split('/').includes('')) {
    throw source.fail(`${what} has an empty part: ${shown(text)}`, node);
  }
  return text;
}

function recipe(source: YamlSource, node: Node | null, what: string): string | null {
  const text = textOf(source, node, what);
  if (text !== null && !isRecipe(text)) throw source.fail(`${what} is no recipe such as password:32`, node);
  return text;
}

/** `true` is what a person would write for a plain value. */
function pendingKind(source: YamlSource, node: Node | null, what: string): PendingKind | null {
  const text = textOf(source, node, what);
  if (text === null || text === 'false') return null;
  const kind = PENDING_KINDS.find(name => name === text);
  if (kind !== undefined) return kind;
  if (text === 'true') return 'value';
  throw source.fail(`${what} is none of ${PENDING_KINDS.join(', ')}`, node);
}

function flag(source: YamlSource, node: Node | null, what: string): boolean | null {
  return booleanOf(source, node, what);
}

/** What useradd and systemd take, and what dynamic domains add (`user@realm`, `DOM\user` is not taken). */
export function isAccountName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?$/.test(text);
}

/** Three or four octal digits. */
export function isMode(text: string): boolean {
  return /^[0-7]{3,4}$/.test(text);
}

/** sops-nix wants an absolute path; in home-manager it may begin with a `%` specifier. */
export function isDeliveredPath(text: string): boolean {
  return /^[/%][^\u0000-\u001f\u007f]*$/.test(text);
}

/** A unit with its suffix; the alphabet of systemd.unit(5). */
export function isUnitName(text: string): boolean {
  return /^[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(
    text,
  );
}

/** The text form of a recipe; which ones there are is not known here. */
export function isRecipe(text: string): boolean {
  return /^[a-z][a-z0-9-]*(:[A-Za-z0-9_.,=-]{1,64})*$/.test(text);
}
