import { isAlias, isMap, isScalar } from 'yaml';
import { SecretsError } from '../errors.ts';
import { ConfigText, collectionOf, type Section } from './config-text.ts';
import { appendToSection } from './insert.ts';
import type { Inventory, SecretOptions } from './model.ts';
import { addressProblem, relativePathProblem } from './names.ts';
import { isAccountName, isDeliveredPath, isMode, isRecipe, isUnitName } from './parse-options.ts';
import { shown } from './shown.ts';
import {
  type Collection,
  endOfColon,
  endOfContent,
  endOfLine,
  isFlow,
  lineAt,
  nextLine,
  splice,
  startOfItem,
  startOfLine,
} from './splice.ts';
import { verifiedEdit } from './verify-edit.ts';
import { optionsText, scalarText } from './yaml-write.ts';

/**
 * The text with the options of a secret in `secrets:`: added, replaced as a whole, or (for `null`, or when
 * nothing is set) removed. Options that say the same already are no change.
 *
 * @throws SecretsError `BAD_OPTION`, `BAD_NAME` (no address), `BAD_INVENTORY`
 */
export function setSecretOptions(
  inventory: Inventory,
  address: string,
  options: SecretOptions | null,
): string {
  const refused = refusedOptions(address, options ?? {});
  if (refused !== null) throw refused;
  const config = new ConfigText(inventory.text, inventory.file);
  const value = optionsText(options ?? {}, config.flow);
  const present = inventory.secrets.get(address);
  const wanted = value === '{}' ? null : value;
  if (present !== undefined && wanted !== null && optionsText(present, config.flow) === wanted)
    return inventory.text;
  const text = textWithOptions(config, address, wanted);
  return verifiedEdit(inventory, text, { secrets: [address] });
}

/** Why options cannot stand in `.sops.yaml`; `null` where they can. */
export function refusedOptions(address: string, options: SecretOptions): SecretsError | null {
  const problem = addressProblem(address);
  if (problem !== null) return new SecretsError('BAD_NAME', `${shown(address)} is no address: ${problem}`);
  try {
    checkOptions(options);
    return null;
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
}

function textWithOptions(config: ConfigText, address: string, value: string | null): string {
  const section = config.section('secrets');
  const entries = section === null ? null : collectionOf(config, section, 'secrets');
  const index = entries === null ? -1 : indexOfKey(entries, address);
  if (section === null || entries === null || index < 0) {
    if (value === null) return config.text;
    const entry = `${scalarText(address)}: ${value}`;
    return appendToSection(config, 'secrets', { block: [entry], flow: entry }, config.mapIndent);
  }
  return value === null
    ? withoutEntry(config, section, entries, index)
    : withValue(config, entries, index, value);
}

function indexOfKey(entries: Collection, address: string): number {
  if (!isMap(entries)) return -1;
  return entries.items.findIndex(({ key }) => isScalar(key) && String(key.value) === address);
}

function withValue(config: ConfigText, entries: Collection, index: number, value: string): string {
  const { text } = config;
  const colon = endOfColon(entries, index);
  const old = isMap(entries) ? (entries.items[index]?.value ?? null) : null;
  if (colon === null) throw config.notEditable('an entry of secrets has no colon');
  const end = old === null ? colon : Math.max(endOfContent(text, old), colon);
  const inline = old === null || isAlias(old) || isScalar(old) || (isMap(old) && isFlow(old as Collection));
  if (inline) return splice(text, colon, end, ` ${value}`);
  // a block map below the key: a comment behind the key stays
  const key = endOfLine(text, colon);
  return splice(splice(text, key, end, ''), colon, colon, ` ${value}`);
}

function withoutEntry(config: ConfigText, section: Section, entries: Collection, index: number): string {
  if (isFlow(entries)) return withoutFlowEntry(config, entries, index);
  if (entries.items.length === 1 && !hasOwnComments(config, section, entries))
    return withoutSection(config, section, entries);
  const end = endOfEntry(config.text, entries, index);
  return withoutLines(config.text, startOfItem(entries, index), end);
}

function endOfEntry(text: string, entries: Collection, index: number): number {
  const pair = isMap(entries) ? entries.items[index] : undefined;
  const node = pair?.value ?? pair?.key;
  return Math.max(node === undefined ? 0 : endOfContent(text, node), endOfColon(entries, index) ?? 0);
}

/** Removes whole lines; at the end of a text without a final line end, the one before them. */
function withoutLines(text: string, from: number, to: number): string {
  const start = startOfLine(text, from);
  const end = nextLine(text, to);
  const last = end === text.length && !text.endsWith('\n');
  if (!last || start === 0) return splice(text, start, end, '');
  return splice(text, endOfLine(text, startOfLine(text, start - 1)), end, '');
}

function withoutFlowEntry(config: ConfigText, entries: Collection, index: number): string {
  const { text } = config;
  const start = startOfItem(entries, index);
  if (index + 1 < entries.items.length) return splice(text, start, startOfItem(entries, index + 1), '');
  const from = index === 0 ? start : endOfEntry(text, entries, index - 1);
  return splice(text, from, endOfEntry(text, entries, index), '');
}

function hasOwnComments({ text, root }: ConfigText, section: Section, entries: Collection): boolean {
  const start = root === null ? 0 : startOfItem(root, section.index);
  const end = endOfLine(text, endOfContent(text, entries));
  const first = startOfLine(text, startOfItem(entries, 0));
  return text.slice(start, first).includes('#') || /^[ \t]+#/.test(lineAt(text, nextLine(text, end)));
}

/** The section with the blank line that set it off. */
function withoutSection({ text, root }: ConfigText, section: Section, entries: Collection): string {
  const start = startOfLine(text, root === null ? 0 : startOfItem(root, section.index));
  const end = endOfContent(text, entries);
  const above = start === 0 ? start : startOfLine(text, start - 1);
  const blankAbove = above < start && lineAt(text, above).trim() === '';
  if (blankAbove) return withoutLines(text, above, end);
  const below = nextLine(text, end);
  const blankBelow = below < text.length && lineAt(text, below).trim() === '';
  return withoutLines(text, start, blankBelow && above === start ? below : end);
}

/** Refuses values that sops-nix, or this tool on its next run, would refuse. */
function checkOptions(options: SecretOptions): void {
  const accounts = [options.owner, options.group].filter(name => name !== undefined);
  const units = [...(options.restartUnits ?? []), ...(options.reloadUnits ?? [])];
  for (const name of accounts) if (!isAccountName(name)) throw badOption(`${shown(name)} is no account name`);
  for (const unit of units) {
    if (!isUnitName(unit))
      throw badOption(`${shown(unit)} names no systemd unit`, 'a unit has its suffix: kotori.service');
  }
  const { mode, path, sopsFile, generate, deliver, key } = options;
  if (mode !== undefined && !isMode(mode))
    throw badOption(`${shown(mode)} is no octal mode`, 'write it like 0440');
  if (path !== undefined && !isDeliveredPath(path)) throw badOption(`${shown(path)} is no absolute path`);
  const outside = sopsFile === undefined ? null : relativePathProblem(sopsFile);
  if (outside !== null) throw badOption(`the file is not inside the repository: ${outside}`);
  if (key !== undefined && key !== '' && key.split('/').includes(''))
    throw badOption(`${shown(key)} has an empty part`);
  if (generate !== undefined && !isRecipe(generate))
    throw badOption('the recipe is not of the form password:32');
  if (deliver !== undefined) throw badOption('`deliver` is said for a host, not for a secret');
}

function badOption(message: string, hint?: string): SecretsError {
  return new SecretsError('BAD_OPTION', message, { hint });
}
