import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { type KeyKind, textWithKey } from './edit-keys.ts';
import { refusedOptions } from './edit-options.ts';
import { appendToSection, insertSection } from './insert.ts';
import type { Inventory, Platform, SecretOptions } from './model.ts';
import { parseInventory } from './parse.ts';
import { verifiedEdit } from './verify-edit.ts';
import { flowList, flowMap, optionsText, recipientScalar, scalarText } from './yaml-write.ts';

/** Somebody whose key stands in the file already. */
export interface KnownMember {
  readonly name: string;
  readonly recipient: string;
  /** The anchor of the key; `null`: it has none, and gets the name for one. */
  readonly anchor: string | null;
}

/** A machine or a profile whose key stands in the file already. */
export interface KnownHost extends KnownMember {
  readonly platform: Platform;
}

/**
 * The text with admins who are none yet, in one edit: a file of a thousand keys is read once, not for each.
 *
 * @throws SecretsError `BAD_NAME`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function addAdmins(inventory: Inventory, admins: readonly KnownMember[]): string {
  if (admins.length === 0) return inventory.text;
  const config = new ConfigText(withKeys(inventory, admins, 'admin'), inventory.file);
  const names = admins.map(({ name, anchor }) => scalarText(anchor ?? name));
  const block = names.map(name => `- ${name}`);
  const text =
    config.section('admins') === null
      ? insertSection(config, 'admins', [`admins: ${flowList(names, config.flow)}`])
      : appendToSection(config, 'admins', { block, flow: names.join(', ') }, config.listIndent);
  const known = admins.map(({ name, anchor }) => anchor ?? name);
  return verifiedEdit(inventory, text, { keys: newKeys(admins), admins: known, hosts: known });
}

/**
 * The text with hosts that are none yet, in one edit.
 *
 * @throws SecretsError `BAD_NAME`, `ALREADY_EXISTS`, `BAD_INVENTORY`
 */
export function addHosts(inventory: Inventory, hosts: readonly KnownHost[]): string {
  if (hosts.length === 0) return inventory.text;
  const keyed = withKeys(inventory, hosts, 'host');
  const scope = { keys: newKeys(hosts), hosts: hosts.map(({ name }) => name) };
  try {
    return verifiedEdit(inventory, withHosts(keyed, inventory.file, hosts, true), scope);
  } catch (error) {
    // an alias may stand above its anchor
    if (!(error instanceof SecretsError) || error.code !== 'BAD_INVENTORY') throw error;
    return verifiedEdit(inventory, withHosts(keyed, inventory.file, hosts, false), scope);
  }
}

/**
 * The text with the options of secrets that have none yet, in one edit.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_OPTION`, `BAD_INVENTORY`
 */
export function addOptions(
  inventory: Inventory,
  entries: readonly { readonly address: string; readonly options: SecretOptions }[],
): string {
  if (entries.length === 0) return inventory.text;
  for (const { address, options } of entries) {
    const refused = refusedOptions(address, options);
    if (refused !== null) throw refused;
  }
  const config = new ConfigText(inventory.text, inventory.file);
  const block = entries.map(
    ({ address, options }) => `${scalarText(address)}: ${optionsText(options, config.flow)}`,
  );
  const text = appendToSection(config, 'secrets', { block, flow: block.join(', ') }, config.mapIndent);
  return verifiedEdit(inventory, text, { secrets: entries.map(({ address }) => address) });
}

function withHosts(keyed: string, file: string, hosts: readonly KnownHost[], byAlias: boolean): string {
  const config = new ConfigText(keyed, file);
  const block = hosts.map(({ name, recipient, anchor, platform }) => {
    const fields: [string, string][] = [['platform', platform]];
    if (anchor !== null && anchor !== name)
      fields.push(['recipient', byAlias ? `*${anchor}` : recipientScalar(recipient)]);
    return `${scalarText(name)}: ${flowMap(fields, config.flow)}`;
  });
  return appendToSection(config, 'hosts', { block, flow: block.join(', ') }, config.mapIndent);
}

function withKeys(inventory: Inventory, members: readonly KnownMember[], kind: KeyKind): string {
  let current: Inventory = inventory;
  for (const { name, recipient, anchor } of members)
    if (anchor === null)
      current = parseInventory(textWithKey(current, name, recipient, kind), inventory.file);
  return current.text;
}

function newKeys(members: readonly KnownMember[]): string[] {
  return members.filter(({ anchor }) => anchor === null).map(({ name }) => name);
}
