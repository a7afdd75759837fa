import { refusedOptions } from '../../workspace/edit.ts';
import type { EvaluatedSecret } from '../../workspace/flake-host.ts';
import type { Inventory, Secret, SecretOptions } from '../../workspace/model.ts';
import type { DeclaredFiles } from '../check/evaluated-files.ts';
import { placeOf } from '../check/evaluated-secret.ts';

/** Options of a secret as the Nix of its hosts has them. */
export interface SeenOptions {
  readonly address: string;
  readonly options: SecretOptions;
}

/** A declaration, and the host whose it is. */
export interface Declared {
  readonly host: string;
  readonly secret: EvaluatedSecret;
}

/** What sops-nix does where nothing is said. */
const DEFAULT_MODE = '0400';
const DEFAULT_OWNER = 'root';

/**
 * What hosts say of their secrets and `.sops.yaml` does not. Hosts that disagree are left alone, and told.
 */
export function proposeOptions(
  inventory: Inventory,
  secrets: readonly Secret[],
  declared: readonly Declared[],
  files: DeclaredFiles,
): { options: SeenOptions[]; notes: string[] } {
  const byPlace = new Map(secrets.map(secret => [placeOf(secret.file, secret.key), secret]));
  const found = new Map<string, { options: SecretOptions; hosts: string[]; differ: boolean }>();
  for (const { host, secret } of declared) {
    const file = files.known(secret.sopsFile);
    if (file?.state !== 'sops' || file.path === null) continue;
    const keyed = secret.format === 'yaml' || secret.format === 'json';
    const known = byPlace.get(placeOf(file.path, keyed && secret.key !== '' ? secret.key : null));
    if (known === undefined) continue;
    const options = optionsOf(secret);
    const before = found.get(known.address);
    if (before === undefined) found.set(known.address, { options, hosts: [host], differ: false });
    else {
      before.hosts.push(host);
      before.differ ||= JSON.stringify(before.options) !== JSON.stringify(options);
    }
  }
  return sorted(inventory, found);
}

function sorted(
  inventory: Inventory,
  found: ReadonlyMap<string, { options: SecretOptions; hosts: readonly string[]; differ: boolean }>,
) {
  const options: SeenOptions[] = [];
  const notes: string[] = [];
  for (const [address, each] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const present = inventory.secrets.get(address) ?? {};
    if (each.differ)
      notes.push(`${each.hosts.join(', ')} give ${address} different options, which are left to their Nix`);
    else if (Object.keys(each.options).length > 0 && Object.keys(present).length === 0) {
      if (refusedOptions(address, each.options) === null) options.push({ address, options: each.options });
      else notes.push(`the options of ${address} are none that .sops.yaml can hold: they are left to Nix`);
    }
  }
  return { options, notes };
}

/** Only where it is not the default, so that nothing stands there twice. */
function optionsOf(secret: EvaluatedSecret): SecretOptions {
  const { owner, group, mode, path, name, neededForUsers, restartUnits, reloadUnits } = secret;
  const isUsual =
    path === '' || path.endsWith(`/secrets/${name}`) || path.endsWith(`/secrets-for-users/${name}`);
  return {
    ...(owner === null || owner === DEFAULT_OWNER ? {} : { owner }),
    ...(group === null || group === DEFAULT_OWNER ? {} : { group }),
    ...(mode === DEFAULT_MODE ? {} : { mode }),
    ...(isUsual ? {} : { path }),
    ...(neededForUsers ? { neededForUsers } : {}),
    ...(restartUnits.length === 0 ? {} : { restartUnits }),
    ...(reloadUnits.length === 0 ? {} : { reloadUnits }),
  };
}
