import { SecretsError } from '../../errors.ts';
import type { Redacted } from '../../redacted.ts';
import type { Draft } from '../draft.ts';
import { adminsPath, writeForAdmins } from '../secrets/beside.ts';
import { moveForAdmins } from '../secrets/beside-moves.ts';

/** Which of a host's private keys: the present one, or the one that is staged. */
type Which = 'now' | 'next';

const NAMES: Readonly<Record<Which, string>> = {
  now: 'ssh_host_ed25519_key',
  next: 'ssh_host_ed25519_key_next',
};

/**
 * Keeps a private host key in the repository, for the admins.
 *
 * @throws SecretsError `ALREADY_EXISTS` (one is kept for this host), `BAD_OPTION`, `RULE_CONFLICT`, `IGNORED_TARGET`
 */
export async function keepKey(
  draft: Draft,
  host: string,
  privateHalf: Redacted<string>,
  which: Which = 'now',
): Promise<void> {
  const name = keptName(host, which);
  if ((await draft.read(adminsPath(name))) !== null) {
    throw new SecretsError('ALREADY_EXISTS', `a private key of ${host} is kept already`, {
      file: adminsPath(name),
      hint: `if it is of no use any more: secrets rm admins/${name}`,
    });
  }
  await writeForAdmins(draft, name, privateHalf, 'its private key, for the admins');
}

/** The kept keys of a host are of no use any more; git has them still. */
export async function dropKeptKeys(draft: Draft, host: string, which: readonly Which[]): Promise<void> {
  for (const each of which) {
    const path = adminsPath(keptName(host, each));
    if ((await draft.read(path)) === null) continue;
    await draft.remove(path, `the private half of ${each === 'now' ? 'the old key' : 'the staged key'}`);
  }
}

/** The staged key has taken the place of the old one. */
export async function finishKeptKey(draft: Draft, host: string): Promise<void> {
  await dropKeptKeys(draft, host, ['now']);
  await moveForAdmins(draft, keptName(host, 'next'), keptName(host, 'now'));
}

/** @throws SecretsError `NO_IDENTITY` (it is encrypted under its name), `ALREADY_EXISTS` */
export async function renameKeptKeys(draft: Draft, from: string, to: string): Promise<void> {
  for (const which of ['now', 'next'] as const)
    await moveForAdmins(draft, keptName(from, which), keptName(to, which));
}

function keptName(host: string, which: Which): string {
  return `${host}/${NAMES[which]}`;
}
