import { SecretsError } from '../../errors.ts';
import { addRule, setSecretOptions } from '../../workspace/edit.ts';
import type { Inventory, Rule, SecretOptions } from '../../workspace/model.ts';
import { type Placement, placeSecret } from '../../workspace/placement.ts';
import { audienceOf, ruleFor } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import { emitModules } from '../modules.ts';
import { STORED_AS } from '../sealing/seal-file.ts';
import type { PayloadKind } from '../values/payload.ts';
import { type Added, readersOf } from './add-request.ts';
import { refuseCollisions, refuseIgnored } from './guards.ts';

/** A new secret with a file of its own. */
export interface NewSecret {
  readonly name: string;
  /** Hosts, or one group. */
  readonly hosts: readonly string[];
  readonly kind: PayloadKind;
  /** What to record in `secrets:`. */
  readonly options: SecretOptions;
}

/** Its place, and the rule that governs it: both are in the draft. */
interface Placed {
  readonly place: Placement;
  readonly rule: Rule;
}

/**
 * Finds the place of a new secret and puts its rule and its options into the draft.
 *
 * @throws SecretsError `UNKNOWN_HOST`, `ALREADY_EXISTS`, `NAME_COLLISION`, `IGNORED_TARGET`, `RULE_CONFLICT`
 */
export async function placeNew(draft: Draft, secret: NewSecret): Promise<Placed> {
  const { format, extension } = STORED_AS[secret.kind];
  const { hosts, name } = secret;
  const place = placeSecret(draft.inventory, { hosts, name, format, extension }, draft.files);
  await refuseTaken(draft, place);
  refuseNestedConfig(draft, place.path);
  await refuseIgnored(draft.workspace, place.path);
  editInventory(draft, secret, place);
  const rule = ruleFor(draft.inventory, place.path);
  if (rule === null)
    throw new SecretsError('INTERNAL', 'the new rule does not match the new file', { file: place.path });
  return { place, rule };
}

/** What is to be done, once the file (if there is one) is in the draft: the modules follow. */
export async function addedAt(draft: Draft, secret: NewSecret, { place, rule }: Placed): Promise<Added> {
  refuseCollisions(draft, place.address);
  const hosts = draft.secrets.find(other => other.file === place.path)?.hosts ?? [];
  await emitModules(draft, hosts);
  draft.note(...lonelyNote(draft.inventory, place, secret.hosts));
  return {
    plan: draft.toPlan(),
    address: place.address,
    file: place.path,
    format: STORED_AS[secret.kind].format,
    hosts,
    readers: readersOf(draft.inventory, audienceOf(rule), new Set(place.newReaders)),
    inHostFile: false,
  };
}

function editInventory(draft: Draft, secret: NewSecret, place: Placement): void {
  if (place.newRule) {
    const names = place.audience.map(reader => reader.name ?? reader.recipient);
    draft.setInventory(
      addRule(draft.inventory, { folder: place.folder, recipients: names }, draft.paths),
      `rule for ${place.folder}`,
    );
  }
  if (Object.keys(secret.options).length > 0) {
    draft.setInventory(
      setSecretOptions(draft.inventory, place.address, secret.options),
      `options of ${place.address}`,
    );
  }
}

/** sops takes the nearest config: the rule of this one would not govern the file. */
function refuseNestedConfig(draft: Draft, path: string): void {
  const nested = draft.paths.find(
    other => other.endsWith('/.sops.yaml') && path.startsWith(other.slice(0, -'.sops.yaml'.length)),
  );
  if (nested === undefined) return;
  throw new SecretsError(
    'RULE_CONFLICT',
    `${nested} governs that folder, not the .sops.yaml of this workspace`,
    {
      file: nested,
      hint: 'run the command in that folder, or remove the nested file',
    },
  );
}

async function refuseTaken(draft: Draft, place: Placement): Promise<void> {
  const taken = draft.secrets.find(secret => secret.address === place.address);
  const occupied = (await draft.read(place.path)) !== null;
  if (taken === undefined && !occupied) return;
  throw new SecretsError('ALREADY_EXISTS', `${place.address} exists already`, {
    file: taken?.file ?? place.path,
    hint: `to change its value: secrets set ${place.address}`,
  });
}

function lonelyNote(inventory: Inventory, place: Placement, hosts: readonly string[]): string[] {
  const readers = new Set(place.audience.map(reader => reader.name));
  if (inventory.admins.some(admin => readers.has(admin))) return [];
  return [
    `no person reads it, only ${hosts.join(', ')}: add \`admins: [YOUR-KEY-NAME]\` and your key to that rule in .sops.yaml if you want to`,
  ];
}
