import { createHash } from 'node:crypto';
import type { Platform } from '../../src/workspace/model.ts';
import { ACCOUNTS, type Options, type RandomHost, type RandomInventory } from './random-inventory.ts';

/** What the installer is told of one secret. */
export type ManifestSecret = Readonly<Record<string, unknown>>;

/** The two lists of a host: what is installed as usual, and what is there before the users are. */
export interface Manifest {
  readonly regular: readonly ManifestSecret[];
  readonly forUsers: readonly ManifestSecret[];
}

/** What the evaluation of a host came to. */
export interface EvaluatedHost extends Manifest {
  readonly assertions: readonly string[];
  readonly warnings: readonly string[];
  /** Options that do not exist. */
  readonly refused: number;
}

/** Bytes of a file by its path in the repository. */
export type ReadFile = (path: string) => Uint8Array;

const HOME = '/home/user/.config/sops-nix/secrets';

/** The manifest that a host has to have, from what was drawn; the rules are those that sops-nix documents. */
export function expectedManifest(inventory: RandomInventory, host: RandomHost, read: ReadFile): Manifest {
  const all = inventory.secrets
    .filter(secret => secret.receivers.has(host.name))
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .map(({ name, key, format, file, address, options }) => {
      const byHand = inventory.handWritten.find(each => each.host === host.name && each.secret === name);
      const asked = byHand?.options ?? { ...options, ...host.overrides.get(address) };
      const usual = { name, key, format, mode: (asked.mode ?? '0400').padStart(4, '0'), sopsFile: file };
      return { ...usual, ...onPlatform(host.platform, name, asked, () => sha256(read(file))) };
    });
  return {
    regular: all.filter(secret => !isForUsers(secret)),
    forUsers: all.filter(isForUsers),
  };
}

function onPlatform(platform: Platform, name: string, asked: Options, hash: () => string): ManifestSecret {
  if (platform === 'home') return { path: asked.path ?? `${HOME}/${name}` };
  const neededForUsers = asked.neededForUsers === true;
  const path = asked.path ?? `/run/secrets${neededForUsers ? '-for-users' : ''}/${name}`;
  const system = { path, neededForUsers, uid: 0, gid: 0, sopsFileHash: hash() };
  if (platform === 'darwin')
    return { ...system, owner: asked.owner ?? 'root', group: asked.group ?? 'staff' };
  const primary = asked.owner === undefined ? null : ACCOUNTS.get(asked.owner);
  const { owner = null, group = primary, restartUnits = [], reloadUnits = [] } = asked;
  return { ...system, owner, group, restartUnits, reloadUnits };
}

function isForUsers(secret: ManifestSecret): boolean {
  return secret['neededForUsers'] === true;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Everything in which an evaluated host is not as it has to be, in words; nothing where it is.
 *
 * @param read a file of the repository
 * @param readStore what a manifest names
 */
export function differences(
  wanted: Manifest,
  found: EvaluatedHost,
  read: ReadFile,
  readStore: ReadFile,
): string[] {
  const said = [
    ...found.assertions.map(text => `fails: ${text}`),
    ...found.warnings.map(text => `warns: ${text}`),
    ...(found.refused === 0 ? [] : [`sets ${found.refused} options that do not exist`]),
  ];
  for (const list of ['regular', 'forUsers'] as const) {
    said.push(...differing(list, 'name', wanted[list].map(nameOf), found[list].map(nameOf)));
    for (const secret of wanted[list]) {
      const other = found[list].find(each => each['name'] === secret['name']);
      if (other !== undefined)
        said.push(...differingFields(`${list} ${nameOf(secret)}`, secret, other, read, readStore));
    }
  }
  return said;
}

function differingFields(
  what: string,
  wanted: ManifestSecret,
  found: ManifestSecret,
  read: ReadFile,
  readStore: ReadFile,
): string[] {
  const said = differing(what, 'fields', Object.keys(wanted).sort(), Object.keys(found).sort());
  for (const [field, value] of Object.entries(wanted)) {
    if (field !== 'sopsFile') said.push(...differing(what, field, value, found[field]));
    else if (Buffer.compare(read(String(value)), readStore(String(found[field]))) !== 0) {
      said.push(`${what}: ${found[field]} is not ${value}`);
    }
  }
  return said;
}

function differing(what: string, field: string, wanted: unknown, found: unknown): string[] {
  const [a, b] = [JSON.stringify(wanted), JSON.stringify(found)];
  return a === b ? [] : [`${what}: ${field} is ${b}, not ${a}`];
}

function nameOf(secret: ManifestSecret): string {
  return String(secret['name']);
}
