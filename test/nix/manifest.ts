import type { Platform } from '../../src/workspace/model.ts';

/** What the installer is told of one secret; `sopsFile` is relative to the workspace root. */
export type ManifestSecret = Readonly<Record<string, unknown>>;

/** The two manifests of a host, secrets alone, in order of their names. */
export interface Manifest {
  readonly secrets: readonly ManifestSecret[];
  readonly secretsForUsers: readonly ManifestSecret[];
}

const HOME = '/home/user/.config/sops-nix/secrets';

/**
 * A model of what the modules of sops-nix make of `sops.secrets`: their defaults, as far as an emitted module
 * relies on them. The golden manifests, made by the real modules, hold it to the truth.
 */
export function modelManifest(
  platform: Platform,
  secrets: Readonly<Record<string, ManifestSecret>>,
): Manifest {
  const all = Object.keys(secrets)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(name => ({ ...defaults(platform, name, secrets[name] ?? {}), ...secrets[name] }));
  return {
    secrets: all.filter(secret => secret.neededForUsers !== true),
    secretsForUsers: all.filter(secret => secret.neededForUsers === true),
  };
}

function defaults(platform: Platform, name: string, given: ManifestSecret): ManifestSecret {
  const usual = { name, key: name, format: 'yaml', mode: '0400' };
  if (platform === 'home') return { ...usual, path: `${HOME}/${name}` };
  const path = given.neededForUsers === true ? `/run/secrets-for-users/${name}` : `/run/secrets/${name}`;
  const accounts = { owner: null, uid: 0, group: null, gid: 0 };
  const system = { ...usual, path, ...accounts, neededForUsers: false };
  if (platform === 'darwin') return { ...system, owner: 'root', group: 'staff' };
  // the primary group of the account that the harness declares
  const group = typeof given.owner === 'string' ? given.owner : null;
  return { ...system, group, restartUnits: [], reloadUnits: [] };
}
