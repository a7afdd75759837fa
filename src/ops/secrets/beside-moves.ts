import { SecretsError } from '../../errors.ts';
import { getPath, removePath, setPath } from '../../sops/tree-path.ts';
import type { Secret } from '../../workspace/model.ts';
import type { Draft } from '../draft.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { unlock } from '../unlock.ts';
import { adminsPath, type BesideOf, besideOf, passwordName, passwordPath, publicPath } from './beside.ts';

/** Generators that leave something beside the value. */
const WITH_PUBLIC_HALF = /^(ssh-ed25519|wireguard|age)$/;
const WITH_PASSWORD = /^mkpasswd(:|$)/;

/** Takes a removed secret's public half and password away with it. */
export async function removeBeside(draft: Draft, secret: Secret): Promise<void> {
  for (const path of pathsOf(secret)) await draft.remove(path, `belonged to ${secret.address}`);
}

/**
 * Moves them to where a secret goes.
 *
 * @throws SecretsError `NO_IDENTITY` (a password is encrypted under its name), `ALREADY_EXISTS`
 */
export async function moveBeside(draft: Draft, secret: Secret, to: BesideOf): Promise<void> {
  const generate = secret.options.generate ?? '';
  const from = besideOf(secret);
  if (from.folder === to.folder && from.name === to.name) return;
  if (WITH_PUBLIC_HALF.test(generate)) await movePublicHalf(draft, from, to);
  if (WITH_PASSWORD.test(generate)) await moveForAdmins(draft, passwordName(from), passwordName(to));
}

/** Says what a value that a person gave leaves behind. */
export async function noteStale(draft: Draft, secret: Secret): Promise<void> {
  for (const path of pathsOf(secret)) {
    if ((await draft.read(path)) !== null)
      draft.note(`${path} belongs to the value that was there before: replace it, or remove it`);
  }
}

function pathsOf(secret: Secret): string[] {
  const generate = secret.options.generate ?? '';
  const of = besideOf(secret);
  if (WITH_PUBLIC_HALF.test(generate)) return [publicPath(of)];
  return WITH_PASSWORD.test(generate) ? [passwordPath(of)] : [];
}

async function movePublicHalf(draft: Draft, from: BesideOf, to: BesideOf): Promise<void> {
  const file = await draft.read(publicPath(from));
  if (file === null) return;
  await refuseOccupied(draft, publicPath(to));
  await draft.writeText(
    publicPath(to),
    new TextDecoder().decode(file.bytes),
    `moved from ${publicPath(from)}`,
  );
  await draft.remove(publicPath(from), `moved to ${publicPath(to)}`);
}

/**
 * Moves what only people read; nothing where there is none. It stands under its own name, and what it is encrypted
 * with names that too.
 *
 * @param from name below the folder of the admins, as for `writeForAdmins`
 * @throws SecretsError `NO_IDENTITY`, `ALREADY_EXISTS`
 */
export async function moveForAdmins(draft: Draft, from: string, to: string): Promise<void> {
  const [old, path] = [adminsPath(from), adminsPath(to)];
  const file = await draft.read(old);
  if (file === null) return;
  await refuseOccupied(draft, path);
  const unlocked = await unlock(draft.workspace, old, 'yaml', file);
  const { documents } = unlocked.opened;
  const value = getPath(documents, from.split('/'));
  if (value === undefined) return;
  removePath(documents, from.split('/'));
  setPath(documents, to.split('/'), value);
  await draft.writeSops(path, await resealed(draft.workspace, unlocked), `moved from ${old}`);
  await draft.remove(old, `moved to ${path}`);
}

async function refuseOccupied(draft: Draft, path: string): Promise<void> {
  if ((await draft.read(path)) === null) return;
  throw new SecretsError('ALREADY_EXISTS', 'a file stands where another has to move', { file: path });
}
