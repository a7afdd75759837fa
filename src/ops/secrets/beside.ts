import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { addRule } from '../../workspace/edit.ts';
import type { Inventory, Rule, Secret } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { audienceOf, ruleFor } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import { plainTree, sealNew } from '../sealing/seal-file.ts';
import { refuseIgnored } from './guards.ts';

/** What a generator makes beside the value that the hosts receive. */
export interface Beside {
  /** One line without its end: `ssh-ed25519 … wg`, `age1…`. It is no secret. */
  readonly publicHalf: string | null;
  /** Where the value is the hash of a password: that password, for the admins alone. */
  readonly password: Redacted<string> | null;
}

/** Of a value that stands for itself. */
export const NOTHING_BESIDE: Beside = { publicHalf: null, password: null };

/** Which secret it stands beside. */
export interface BesideOf {
  /** `megumu`, `aya+megumu` */
  readonly folder: string;
  readonly name: string;
}

/** Folder of what only people read. */
const ADMINS_FOLDER = 'admins';
/** What takes the place of the folder where a file serves more hosts than a folder can name. */
const NO_FOLDER = 'shared';

/** Where a secret's public half and password lie: by its own folder, else by the hosts that receive it. */
export function besideOf(secret: Secret): BesideOf {
  const { address, name, hosts } = secret;
  if (secret.emitted) return { folder: address.slice(0, address.indexOf('/')), name };
  const few = hosts.length > 0 && hosts.length <= 3;
  return { folder: few ? [...hosts].sort().join('+') : NO_FOLDER, name };
}

/** `secrets/public/megumu/wg.pub`, which may lie there in clear whatever the rules claim. */
export function publicPath({ folder, name }: BesideOf): string {
  return `secrets/public/${folder}/${name}.pub`;
}

/** `secrets/admins/megumu/kamov-password.yaml` */
export function passwordPath(of: BesideOf): string {
  return adminsPath(passwordName(of));
}

/** Where {@link writeForAdmins} puts what has this name. */
export function adminsPath(name: string): string {
  return `secrets/${ADMINS_FOLDER}/${name}.yaml`;
}

/** What the password is called, below the folder of the admins. A `+` has no place in the name of a secret, and a dot none in that of a host. */
export function passwordName({ folder, name }: BesideOf): string {
  return `${folder.replaceAll('+', '.')}/${name}-password`;
}

/**
 * Puts what a generator made beside a value into the draft: the public half in clear, a password encrypted for the
 * admins and nobody else. Needs no private key.
 *
 * @throws SecretsError `BAD_OPTION` (a password, and no admin who could read it), `RULE_CONFLICT`, `IGNORED_TARGET`
 */
export async function writeBeside(draft: Draft, of: BesideOf, beside: Beside): Promise<void> {
  if (beside.publicHalf !== null) await writePublicHalf(draft, of, beside.publicHalf);
  if (beside.password !== null) await writePassword(draft, of, beside.password);
}

async function writePublicHalf(draft: Draft, of: BesideOf, line: string): Promise<void> {
  const path = publicPath(of);
  await refuseIgnored(draft.workspace, path);
  await draft.writeText(path, `${line}\n`, 'public half');
}

async function writePassword(draft: Draft, of: BesideOf, password: Redacted<string>): Promise<void> {
  await writeForAdmins(draft, passwordName(of), password, 'the password, for the admins');
}

/**
 * Puts a value that only people read into the draft, under `secrets/admins/`. Needs no private key.
 *
 * @param name below the folder of the admins
 * @param detail what the plan says of the file
 * @throws SecretsError as {@link writeBeside}
 */
export async function writeForAdmins(
  draft: Draft,
  name: string,
  value: Redacted<string>,
  detail: string,
): Promise<void> {
  const path = adminsPath(name);
  const rule = adminsRule(draft, path);
  await refuseIgnored(draft.workspace, path);
  const bytes = new Redacted(new TextEncoder().encode(value.reveal()));
  const tree = await plainTree({ kind: 'value', bytes, notes: [] }, name);
  await draft.writeSops(path, await sealNew(tree, 'yaml', rule, draft.workspace.around), detail);
  draft.note(`it is read by the admins alone: secrets get ${ADMINS_FOLDER}/${name}`);
}

/** The rule of the folder, made where there is none; a host must not be among its readers. */
function adminsRule(draft: Draft, path: string): Rule {
  const { admins } = draft.inventory;
  if (admins.length === 0) {
    throw new SecretsError('BAD_OPTION', 'it belongs to the admins, and .sops.yaml names none', {
      hint: 'add `admins: [YOUR-KEY-NAME]` to it, or make the value yourself',
    });
  }
  if (draft.inventory.hosts.has(ADMINS_FOLDER) || draft.inventory.groups.has(ADMINS_FOLDER)) {
    throw new SecretsError(
      'RULE_CONFLICT',
      `\`${ADMINS_FOLDER}\` names a host or a group here, so nothing of the admins can lie there`,
    );
  }
  draft.setInventory(
    addRule(draft.inventory, { folder: ADMINS_FOLDER, recipients: admins }, draft.paths),
    `rule for ${ADMINS_FOLDER}`,
  );
  const rule = ruleFor(draft.inventory, path);
  if (rule === null || !readByAdminsAlone(draft.inventory, rule)) {
    throw new SecretsError('RULE_CONFLICT', `${path} would not be read by the admins alone`);
  }
  return rule;
}

function readByAdminsAlone(inventory: Inventory, rule: Rule): boolean {
  const keys = new Set(inventory.admins.map(admin => canonicalRecipient(inventory.recipientOf(admin) ?? '')));
  return audienceOf(rule).every(recipient => keys.has(canonicalRecipient(recipient)));
}
