import type { FormatName } from '../sops/formats/format.ts';
import { formatOfPath } from '../sops/formats/of-path.ts';
import { cleanLeaves, treePath, treePlace } from './layout.ts';
import type { ManagedFile } from './managed-file.ts';
import type { Inventory, PendingKind, Rule, Secret, SecretOptions } from './model.ts';
import { hostsOfFolder, hostsOfRule } from './receivers.ts';
import { ruleFor } from './rules.ts';

export { collisions, doubleAddresses } from './collisions.ts';
export { findSecret } from './find-secret.ts';
export type { ManagedFile } from './managed-file.ts';
export { hostOwnFile } from './own-file.ts';
export { checkHost } from './receivers.ts';

const KEYED: ReadonlySet<FormatName> = new Set(['yaml', 'json']);
const PENDING_EXTENSION: Record<PendingKind, string> = { value: '.yaml', env: '.env', binary: '.bin' };
const NO_OPTIONS: SecretOptions = {};

/**
 * Every secret that the repository holds, sorted by address: one for each file of the tree under `secrets/`,
 * one for each `sopsFile:` entry, one for each key of any other file, and one for each entry whose value is pending.
 *
 * Two files for one address both appear; {@link doubleAddresses} finds them.
 */
export function listSecrets(inventory: Inventory, files: readonly ManagedFile[]): Secret[] {
  const lister = new Lister(inventory);
  const declared = [...inventory.secrets].flatMap(([address, options]) => lister.ofEntry(address, options));
  const claimed = new Set(declared.map(placeOf));
  const found = files.flatMap(file => lister.ofFile(file));
  const present = new Set(found.map(secret => secret.address));
  const pending = [...inventory.secrets].flatMap(([address, options]) =>
    present.has(address) ? [] : lister.ofPending(address, options),
  );
  const unclaimed = found.filter(secret => secret.emitted || !claimed.has(placeOf(secret)));
  return [...declared, ...pending, ...unclaimed].sort(byAddress);
}

/**
 * The options of a secret on one host: those of `secrets:`, then those that the host has for itself.
 *
 * @param host a host that receives the secret; an unknown one has no overrides
 */
export function optionsFor(inventory: Inventory, secret: Secret, host: string): SecretOptions {
  const override = inventory.hosts.get(host)?.secrets.get(secret.address) ?? NO_OPTIONS;
  return { ...secret.options, ...override };
}

class Lister {
  readonly #inventory: Inventory;
  readonly #hosts = new Map<Rule, Map<string, readonly string[]>>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  ofFile(file: ManagedFile): Secret[] {
    const tree = treePlace(this.#inventory, file);
    if (tree !== null) return [this.#secret(file, tree.name, tree.address, tree.key, tree.folder)];
    if (!KEYED.has(file.format)) {
      const name = file.path.slice(file.path.lastIndexOf('/') + 1);
      return [this.#secret(file, name, file.path, null, null)];
    }
    const keys = new Set(cleanLeaves(file.leaves ?? []).map(leaf => leaf.join('/')));
    return [...keys].map(key => this.#secret(file, key, `${file.path}#${key}`, key, null));
  }

  /** An entry of `secrets:` that says where the secret lies; the folder of its address narrows who receives it. */
  ofEntry(address: string, options: SecretOptions): Secret[] {
    const { sopsFile } = options;
    const slash = address.indexOf('/');
    if (sopsFile === undefined || slash < 0 || address.includes('#')) return [];
    const name = address.slice(slash + 1);
    const format = formatOfPath(sopsFile);
    const key = KEYED.has(format) ? (options.key ?? name) || null : null;
    const folder = address.slice(0, slash);
    const secret = this.#secret({ path: sopsFile, format }, name, address, key, folder);
    const named = hostsOfFolder(this.#inventory, folder);
    return [named.size === 0 ? secret : { ...secret, hosts: secret.hosts.filter(host => named.has(host)) }];
  }

  /** An entry of `secrets:` whose value is still to come: listed with the file that it will have. */
  ofPending(address: string, options: SecretOptions): Secret[] {
    const { pending, sopsFile } = options;
    const slash = address.indexOf('/');
    if (pending === undefined || sopsFile !== undefined || slash < 0 || address.includes('#')) return [];
    const [folder, name] = [address.slice(0, slash), address.slice(slash + 1)];
    const path = treePath(folder, name, PENDING_EXTENSION[pending]);
    const key = pending === 'value' ? name : null;
    return [
      { ...this.#secret({ path, format: formatOfPath(path) }, name, address, key, folder), pending: true },
    ];
  }

  #secret(
    file: Pick<ManagedFile, 'path' | 'format'>,
    name: string,
    address: string,
    key: string | null,
    folder: string | null,
  ): Secret {
    const { secrets, hosts } = this.#inventory;
    const receives = (host: string) => hosts.get(host)?.secrets.get(address)?.deliver !== false;
    return {
      name,
      address,
      file: file.path,
      key,
      format: file.format,
      hosts: this.#receivers(file.path, folder).filter(receives),
      options: secrets.get(address) ?? NO_OPTIONS,
      emitted: folder !== null,
    };
  }

  #receivers(path: string, folder: string | null): readonly string[] {
    const rule = ruleFor(this.#inventory, path);
    if (rule === null) return [];
    const byFolder = this.#hosts.get(rule) ?? new Map<string, readonly string[]>();
    this.#hosts.set(rule, byFolder);
    const known = byFolder.get(folder ?? '');
    if (known !== undefined) return known;
    const named = folder === null ? null : hostsOfFolder(this.#inventory, folder);
    const hosts = hostsOfRule(this.#inventory, rule, named);
    byFolder.set(folder ?? '', hosts);
    return hosts;
  }
}

/** Where the value lies; two secrets with the same place are one value. */
function placeOf({ file, key }: Secret): string {
  return `${file}\0${key ?? ''}`;
}

function byAddress(a: Secret, b: Secret): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return a.file < b.file ? -1 : 1;
}
