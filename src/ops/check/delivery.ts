import type { Secret } from '../../workspace/model.ts';
import { collisions, doubleAddresses } from '../../workspace/secrets.ts';
import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { pendingSecrets } from '../secrets/pending.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import { checkEmitted } from './emitted.ts';
import { type CheckFinding, finding } from './finding.ts';
import { checkModules } from './modules.ts';

/** What the hosts would receive, and what of it stops the installer. */
export async function checkDelivery(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  return [
    ...(await checkEmitted(draft)),
    ...checkNames(draft.secrets),
    ...(await checkModules(draft, states)),
    ...checkPending(draft.secrets),
  ];
}

function checkNames(secrets: readonly Secret[]): CheckFinding[] {
  const files = new Map(secrets.map(({ address, file }) => [address, file]));
  const emitted = secrets.filter(secret => secret.emitted);
  return [
    // a file of another layout is installed only as hand-written Nix says, and that is looked at by itself
    ...collisions(emitted).map(({ host, addresses, message }) =>
      finding(
        'name-twice',
        { host, ...placeOf(files, addresses[0]) },
        `${shortened(message)}: the installer would install no secret at all`,
        `give one of them another name: secrets mv ${addresses[0] ?? 'NAME'} OTHER`,
      ),
    ),
    ...doubleAddresses(emitted).map(({ address, files }) =>
      finding(
        'name-twice',
        { secret: address, ...(files[0] === undefined ? {} : { file: files[0] }) },
        `${files.join(' and ')} are both ${address}`,
        `remove the one that is not meant: git rm ${files.at(-1) ?? ''}`,
      ),
    ),
  ];
}

function placeOf(files: ReadonlyMap<string, string>, address: string | undefined) {
  const file = address === undefined ? undefined : files.get(address);
  return { ...(address === undefined ? {} : { secret: address }), ...(file === undefined ? {} : { file }) };
}

/** Not five hundred addresses. */
function shortened(message: string): string {
  const addresses = message.split(', ');
  return addresses.length <= 4
    ? message
    : `${addresses.slice(0, 3).join(', ')} and ${addresses.length - 3} more`;
}

function checkPending(secrets: readonly Secret[]): CheckFinding[] {
  return pendingSecrets(secrets).map(({ address, hosts }) =>
    finding(
      'pending',
      { file: INVENTORY_FILE, secret: address, ...(hosts[0] === undefined ? {} : { host: hosts[0] }) },
      `it has no value yet, and ${hosts.join(', ') || 'no host'} cannot be built until it has`,
      `secrets fill ${address}`,
    ),
  );
}
