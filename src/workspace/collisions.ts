import type { Secret } from './model.ts';

/** Two secrets that one host cannot have both: the installer of sops-nix would install none at all. */
export interface Collision {
  readonly host: string;
  readonly addresses: readonly string[];
  /** `megumu would receive kotori twice: …`; the same text for the same collision. */
  readonly message: string;
}

/** Two files that claim one address. */
export interface DoubleAddress {
  readonly address: string;
  readonly files: readonly string[];
}

/**
 * Names that a host would receive twice, and names that are a file and a folder at once (`a` beside `a/b`).
 * Two keys of files that this tool did not lay out never collide here: which of them a host installs, its
 * hand-written Nix says.
 */
export function collisions(secrets: readonly Secret[]): Collision[] {
  const byHost = new Map<string, Map<string, Secret[]>>();
  for (const secret of secrets) {
    if (!hasInstalledName(secret)) continue;
    for (const host of secret.hosts) remember(byHost, host, secret);
  }
  return [...byHost]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([host, names]) => onHost(host, names).sort(byMessage));
}

function byMessage(a: Collision, b: Collision): number {
  return a.message < b.message ? -1 : 1;
}

/** A whole foreign file is installed under whatever name its declaration gives it. */
function hasInstalledName(secret: Secret): boolean {
  return secret.emitted || secret.key !== null;
}

function remember(byHost: Map<string, Map<string, Secret[]>>, host: string, secret: Secret): void {
  const names = byHost.get(host) ?? new Map<string, Secret[]>();
  byHost.set(host, names);
  const same = names.get(secret.name);
  if (same === undefined) names.set(secret.name, [secret]);
  else same.push(secret);
}

function onHost(host: string, names: ReadonlyMap<string, readonly Secret[]>): Collision[] {
  const found: Collision[] = [];
  for (const [name, same] of names) {
    if (same.length > 1) found.push(...collision(host, same, `${name} twice`));
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      const parent = names.get(name.slice(0, slash));
      if (parent !== undefined) {
        found.push(...collision(host, [...parent, ...same], `${name.slice(0, slash)} beside ${name}`));
      }
    }
  }
  return found;
}

function collision(host: string, secrets: readonly Secret[], what: string): Collision[] {
  const kinds = new Set(secrets.map(secret => secret.emitted));
  if (!kinds.has(true)) return [];
  const addresses = secrets.map(secret => secret.address).sort();
  return [{ host, addresses, message: `${host} would receive ${what}: ${addresses.join(', ')}` }];
}

/** Addresses that several files claim, `kotori.yaml` beside `kotori.env`; sorted. */
export function doubleAddresses(secrets: readonly Secret[]): DoubleAddress[] {
  const files = new Map<string, string[]>();
  for (const { address, file } of secrets) files.set(address, [...(files.get(address) ?? []), file]);
  return [...files]
    .filter(([, claimed]) => claimed.length > 1)
    .map(([address, claimed]) => ({ address, files: claimed }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}
