import { SecretsError } from '../../errors.ts';
import { getPath, removePath, setPath } from '../../sops/tree-path.ts';
import { addRule, moveSecretOptions, setSecretOptions } from '../../workspace/edit.ts';
import type { Inventory, Secret } from '../../workspace/model.ts';
import { parseInventory } from '../../workspace/parse.ts';
import { placeSecret } from '../../workspace/placement.ts';
import type { Draft } from '../draft.ts';
import { syncDraft } from '../drift/sync.ts';
import { emitModules } from '../modules.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { unlock } from '../unlock.ts';
import type { Workspace } from '../workspace.ts';
import { moveBeside } from './beside-moves.ts';
import { refuseCollisions, refuseIgnored } from './guards.ts';
import { mentionsOfFiles } from './mentions.ts';

/** Where a secret of our tree goes. */
export interface Relocation {
  /** Names of hosts or groups that receive it from then on. */
  readonly hosts: readonly string[];
  readonly name: string;
  /** True: a new data key, because somebody who could read the file must not any more. */
  readonly rekey: boolean;
}

/** What was planned. */
export interface Relocated {
  readonly address: string;
  readonly file: string;
  /** Hosts that receive it from then on. */
  readonly hosts: readonly string[];
}

/**
 * Moves a secret of the tree under `secrets/` to the folder of its new audience: the file with the stanzas of
 * readers that stay, its options, the modules of every host concerned.
 *
 * @throws SecretsError `ALREADY_EXISTS` (the address is taken), `NAME_COLLISION`, `NO_IDENTITY`, `RULE_CONFLICT`,
 * `IGNORED_TARGET`
 */
export async function relocate(draft: Draft, secret: Secret, wanted: Relocation): Promise<Relocated> {
  const [moved] = await relocateAll(draft, [{ secret, wanted }]);
  if (moved === undefined) throw new SecretsError('INTERNAL', 'nothing was moved', { file: secret.file });
  return moved;
}

/** A secret, and where it goes. */
export interface Move {
  readonly secret: Secret;
  readonly wanted: Relocation;
}

/** Moves several, as {@link relocate} does; what looks at the whole repository is done once. */
export async function relocateAll(draft: Draft, moves: readonly Move[]): Promise<Relocated[]> {
  if (moves.length === 0) return [];
  const places = new Map<string, Move & { readonly address: string }>();
  for (const move of moves) {
    const { path, address } = await moveToAudience(draft, move);
    places.set(path, { ...move, address });
  }
  const paths = [...places.keys()];
  const ignored = await draft.workspace.around.versionControl?.ignored(paths);
  for (const path of ignored?.keys() ?? []) await refuseIgnored(draft.workspace, path);
  const { left } = await syncDraft(draft, {
    only: paths,
    rekey: ({ path, drift }) => places.get(path)?.wanted.rekey === true || (drift?.remove.length ?? 0) > 0,
  });
  const [problem] = left;
  if (problem !== undefined) throw new SecretsError('RULE_CONFLICT', problem.reason, { file: problem.path });
  for (const { address } of places.values()) refuseCollisions(draft, address);
  const receivers = new Map(draft.secrets.map(({ file, hosts }) => [file, hosts]));
  const relocated = [...places].map(([file, { address }]) => ({
    address,
    file,
    hosts: receivers.get(file) ?? [],
  }));
  const former = moves.flatMap(({ secret }) => secret.hosts);
  await emitModules(draft, [...new Set([...former, ...relocated.flatMap(({ hosts }) => hosts)])]);
  return relocated;
}

/** Puts file, rule, options and what stands beside into their new places; readers follow later. */
async function moveToAudience(
  draft: Draft,
  { secret, wanted: { hosts, name } }: Move,
): Promise<{ path: string; address: string }> {
  const extension = /\.[a-z]+$/.exec(secret.file)?.[0];
  const place = placeSecret(
    withoutPending(draft.inventory, secret),
    { hosts, name, format: secret.format, extension },
    draft.files.filter(file => file.path !== secret.file),
  );
  if (place.newRule) {
    const recipients = place.audience.map(reader => reader.name ?? reader.recipient);
    const paths = draft.paths.filter(path => path !== secret.file);
    draft.setInventory(
      addRule(draft.inventory, { folder: place.folder, recipients }, paths),
      `rule for ${place.folder}`,
    );
  }
  const options = moveSecretOptions(draft.inventory, secret.address, place.address);
  if (options !== draft.inventory.text) draft.setInventory(options, `options of ${place.address}`);
  await draft.move(secret.file, place.path);
  if (name !== secret.name && secret.key !== null) await renameKey(draft, secret, name, place.path);
  await moveBeside(draft, secret, { folder: place.folder, name });
  return place;
}

/** A secret without a file is listed because of its options alone: it must not be in its own way. */
function withoutPending(inventory: Inventory, secret: Secret): Inventory {
  if (secret.pending !== true) return inventory;
  return parseInventory(setSecretOptions(inventory, secret.address, null), inventory.file);
}

/** A value stands under its own name, and what it is encrypted with names that too. */
async function renameKey(draft: Draft, secret: Secret, name: string, path: string): Promise<void> {
  const file = await draft.read(path);
  if (file === null) return;
  const unlocked = await unlock(draft.workspace, path, secret.format, file);
  const { documents } = unlocked.opened;
  const value = getPath(documents, secret.key?.split('/') ?? []);
  if (value === undefined) throw new SecretsError('UNKNOWN_SECRET', `${secret.address} has lost its value`);
  removePath(documents, secret.key?.split('/') ?? []);
  setPath(documents, name.split('/'), value);
  await draft.writeSops(path, await resealed(draft.workspace, unlocked), `named ${name}`);
}

/** `hosts/megumu/default.nix:12` for each hand-written line that names the file of a secret. */
export async function mentionsOf(workspace: Workspace, secret: Secret): Promise<string[]> {
  return (await mentionsOfFiles(workspace, [secret.file])).map(({ place }) => place);
}
