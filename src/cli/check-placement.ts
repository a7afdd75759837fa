import { STORED_AS } from '../ops/sealing/seal-file.ts';
import { refuseIgnored } from '../ops/secrets/guards.ts';
import type { PayloadKind } from '../ops/values/payload.ts';
import type { Workspace } from '../ops/workspace.ts';
import { placeSecret } from '../workspace/placement.ts';

/**
 * Finds out whether a new secret has a place, before its value is asked for. The kind may still change with the
 * value (binary for bytes that are no text); the place does not depend on it.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `BAD_NAME`, `IGNORED_TARGET` and what else `placeSecret` throws
 */
export async function checkPlacement(
  workspace: Workspace,
  name: string,
  hosts: readonly string[],
  options: { readonly env?: boolean | undefined; readonly binary?: boolean | undefined },
): Promise<void> {
  const kind: PayloadKind = options.env ? 'env' : options.binary ? 'binary' : 'value';
  const place = placeSecret(workspace.inventory, { hosts, name, ...STORED_AS[kind] }, workspace.files);
  await refuseIgnored(workspace, place.path);
}
