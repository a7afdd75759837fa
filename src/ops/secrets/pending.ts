import { SecretsError } from '../../errors.ts';
import type { Secret, SecretOptions } from '../../workspace/model.ts';
import { checkSecretName } from '../../workspace/names.ts';
import { hostOwnFile } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import type { PayloadKind } from '../values/payload.ts';
import type { Workspace } from '../workspace.ts';
import type { Added } from './add-request.ts';
import { addedAt, placeNew } from './new-secret.ts';

/** A secret whose value somebody else knows. */
export interface PendingRequest {
  readonly name: string;
  /** Hosts, or one group. */
  readonly hosts: readonly string[];
  /** How the value will be stored. */
  readonly kind: PayloadKind;
  readonly options: SecretOptions;
}

/**
 * Plans a secret without its value: the rule, the options, the declaration in the modules. Needs no private key,
 * and leaves a host that cannot be built until {@link planFill} gives it the value.
 *
 * @throws SecretsError as `planAdd`
 */
export async function planPending(workspace: Workspace, request: PendingRequest): Promise<Added> {
  checkSecretName(request.name);
  const draft = new Draft(workspace);
  const [host, ...others] = request.hosts;
  const own = others.length > 0 || host === undefined ? null : ownFile(workspace, host);
  if (own !== null)
    draft.note(`${own} cannot hold a value that is not there, so ${request.name} becomes a file of its own`);
  const secret = { ...request, options: { ...request.options, pending: request.kind } };
  const placed = await placeNew(draft, secret);
  draft.note(
    `${placed.place.address} has no value yet, and what receives it cannot be built until \`secrets fill ${request.name}\``,
  );
  return addedAt(draft, secret, placed);
}

function ownFile({ inventory, files }: Workspace, host: string): string | null {
  return inventory.hosts.has(host) ? (hostOwnFile(inventory, host, files)?.path ?? null) : null;
}

/** Those whose value is still to come, in the order of their addresses. */
export function pendingSecrets(secrets: readonly Secret[]): Secret[] {
  return secrets.filter(secret => secret.pending === true);
}

/**
 * Refuses to work on a value that is not there.
 *
 * @throws SecretsError `VALUE_PENDING`
 */
export function refusePending(secret: Secret): void {
  if (secret.pending !== true) return;
  throw new SecretsError('VALUE_PENDING', `${secret.address} has no value yet`, {
    hint: `whoever knows it: secrets fill ${secret.address}`,
  });
}
