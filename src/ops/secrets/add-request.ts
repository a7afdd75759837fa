import type { FormatName } from '../../sops/formats/format.ts';
import type { Inventory, SecretOptions } from '../../workspace/model.ts';
import type { Plan } from '../plan.ts';
import type { Payload } from '../values/payload.ts';
import type { Beside } from './beside.ts';

export interface AddRequest {
  readonly name: string;
  /** Hosts, or one group. */
  readonly hosts: readonly string[];
  readonly payload: Payload;
  /** What to record in `secrets:`; empty where all is as by default. */
  readonly options: SecretOptions;
  /** What a generator made beside the value. */
  readonly beside?: Beside | undefined;
}

/** Someone who will be able to read the secret. */
export interface Reader {
  /** `null`: a key without a name. */
  readonly name: string | null;
  readonly recipient: string;
  /** True where this key could read nothing in that folder before. */
  readonly isNew: boolean;
}

export interface Added {
  readonly plan: Plan;
  readonly address: string;
  readonly file: string;
  readonly format: FormatName;
  /** The hosts that receive it. */
  readonly hosts: readonly string[];
  readonly readers: readonly Reader[];
  /** True where the secret became a key of a file that the host had before; the module is then hand-written. */
  readonly inHostFile: boolean;
}

/** Names for a list of recipients; `isNew` marks those that could read nothing here before. */
export function readersOf(
  inventory: Inventory,
  recipients: readonly string[],
  fresh: ReadonlySet<string>,
): Reader[] {
  return recipients.map(recipient => ({
    name: inventory.nameOf(recipient),
    recipient,
    isNew: fresh.has(recipient),
  }));
}
