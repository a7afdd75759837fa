import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { Host, Inventory } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';

/** A configuration of the flake, and whom `.sops.yaml` knows it as. */
export interface PairedHost {
  readonly flake: FlakeHost;
  /** What findings call it: the name in `.sops.yaml`, else that in the flake. */
  readonly name: string;
  /** `null`: `.sops.yaml` has no host of that kind; a key alone may bear the name. */
  readonly host: Host | null;
  readonly recipient: string | null;
}

/**
 * Says of each configuration which host it is: by its name, else as the only host whose key reads all of its files.
 *
 * @param readersOf who reads the files that a configuration declares, one canonical set for each that is known
 */
export function pairHosts(
  inventory: Inventory,
  flakes: readonly FlakeHost[],
  readersOf: (flake: FlakeHost) => readonly ReadonlySet<string>[],
): PairedHost[] {
  const byName = new Map(flakes.map(flake => [flake, hostByName(inventory, flake, flakes)]));
  const taken = new Set([...byName.values()].map(host => host?.name));
  return flakes.map(flake => {
    const named = byName.get(flake) ?? null;
    if (named !== null) return paired(flake, named);
    const names = candidates(flake).filter(name => name !== machineOf(flake));
    const recipient = names.map(name => inventory.recipientOf(name)).find(key => key !== null) ?? null;
    const host = recipient === null ? hostByKey(inventory, flake, readersOf(flake), taken) : null;
    return host === null ? { flake, name: flake.name, host, recipient } : paired(flake, host);
  });
}

/** True where a configuration of that name may be the host, as {@link pairHosts} sees it. */
export function mayBe(name: string, host: string): boolean {
  const lower = name.toLowerCase();
  return lower.split(/[@._-]/).includes(host) || isAround(host, lower) || lower === host;
}

function paired(flake: FlakeHost, host: Host): PairedHost {
  return { flake, name: host.name, host, recipient: host.recipient };
}

function hostByName(inventory: Inventory, flake: FlakeHost, all: readonly FlakeHost[]): Host | null {
  for (const name of candidates(flake)) {
    const host = inventory.hosts.get(name);
    if (host === undefined) continue;
    // `kamov@momiji` may be the profile that is called after its machine, and not the machine
    if (name === machineOf(flake) && !(host.declared && host.platform === 'home')) continue;
    if (!host.declared || host.platform === flake.platform) return host;
    const other = all.some(each => each.platform === host.platform && candidates(each).includes(name));
    if (!other) return host;
  }
  // `&host_megumu`, `&megumu-ssh`: people give anchors a prefix
  const [own = ''] = candidates(flake);
  const [host, ...more] = [...inventory.hosts.values()].filter(
    ({ name, declared }) => !declared && isAround(name, own),
  );
  return more.length === 0 ? (host ?? null) : null;
}

/** `host_megumu` and `megumu-ssh` are around `megumu`. */
function isAround(anchor: string, name: string): boolean {
  const lower = anchor.toLowerCase();
  return /^[-_]/.test(lower.slice(name.length))
    ? lower.startsWith(name)
    : /[-_]$/.test(lower.slice(0, Math.max(0, lower.length - name.length))) && lower.endsWith(name);
}

/** Names under which `.sops.yaml` may know a configuration, the likeliest first. */
function candidates(flake: FlakeHost): string[] {
  const { name, platform } = flake;
  const lower = name.toLowerCase();
  if (platform !== 'home') return [...new Set([lower, lower.split('.')[0] ?? lower])];
  const [user = lower] = lower.split('@');
  const machine = machineOf(flake);
  if (machine === null) return [...new Set([lower, user])];
  const joined = ['-', '_'].flatMap(sign => [`${user}${sign}${machine}`, `${machine}${sign}${user}`]);
  return [...new Set([lower, ...joined, user, machine])];
}

/** The machine of a profile, where the flake names it. */
function machineOf({ name, platform, inside }: FlakeHost): string | null {
  if (platform !== 'home') return null;
  return (inside ?? name.split('@')[1] ?? null)?.toLowerCase() ?? null;
}

function hostByKey(
  inventory: Inventory,
  flake: FlakeHost,
  readers: readonly ReadonlySet<string>[],
  taken: ReadonlySet<string | undefined>,
): Host | null {
  if (readers.length === 0) return null;
  const [host, ...more] = [...inventory.hosts.values()].filter(({ name, recipient, platform, declared }) => {
    if (taken.has(name) || recipient === null || (declared && platform !== flake.platform)) return false;
    const key = canonicalRecipient(recipient);
    return readers.every(each => each.has(key));
  });
  return more.length === 0 ? (host ?? null) : null;
}
