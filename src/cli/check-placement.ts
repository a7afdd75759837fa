import { SecretsError } from '../errors.ts';
import { STORED_AS } from '../ops/sealing/seal-file.ts';
import { refuseIgnored } from '../ops/secrets/guards.ts';
import type { PayloadKind } from '../ops/values/payload.ts';
import type { Workspace } from '../ops/workspace.ts';
import type { SecretOptions } from '../workspace/model.ts';
import { placeSecret } from '../workspace/placement.ts';

interface PlacementOptions {
  readonly env?: boolean | undefined;
  readonly binary?: boolean | undefined;
  /** How it is to be delivered. */
  readonly delivery?: SecretOptions | undefined;
}

/**
 * Finds out whether a new secret has a place, before its value is asked for. The kind may still change with the
 * value (binary for bytes that are no text); the place does not depend on it.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_NAME`, `IGNORED_TARGET`, `BAD_OPTION` (the platform of a host lacks it) and what else `placeSecret` throws
 */
export async function checkPlacement(
  workspace: Workspace,
  name: string,
  hosts: readonly string[],
  options: PlacementOptions,
): Promise<void> {
  const kind: PayloadKind = options.env ? 'env' : options.binary ? 'binary' : 'value';
  const place = placeSecret(workspace.inventory, { hosts, name, ...STORED_AS[kind] }, workspace.files);
  await refuseIgnored(workspace, place.path);
  const receiving = new Set(hosts.flatMap(host => workspace.inventory.groups.get(host) ?? [host]));
  for (const host of receiving)
    refuseLacking(workspace, { host, name, file: place.path }, options.delivery ?? {});
}

/** What the host's platform does not know is refused by the very code that would write it. */
function refuseLacking(
  { inventory, around }: Workspace,
  place: { readonly host: string; readonly name: string; readonly file: string },
  options: SecretOptions,
): void {
  const platform = inventory.hosts.get(place.host)?.platform;
  if (platform === undefined) return;
  const declaration = { name: place.name, file: place.file, format: 'yaml', key: null, options } as const;
  try {
    around.modules.emit({ host: place.host, platform, directory: 'secrets', declarations: [declaration] });
  } catch (error) {
    if (!(error instanceof SecretsError) || error.code !== 'BAD_OPTION') throw error;
    const hint = error.hint?.startsWith('under hosts.')
      ? 'leave the option out for hosts that do not know it'
      : error.hint;
    throw new SecretsError(error.code, error.message, { hint });
  }
}
