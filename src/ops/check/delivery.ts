import { SecretsError } from '../../errors.ts';
import type { Secret } from '../../workspace/model.ts';
import { collisions, doubleAddresses } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { emitModules } from '../modules.ts';
import { pendingSecrets } from '../secrets/pending.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import { checkEmitted } from './emitted.ts';
import { type CheckFinding, finding } from './finding.ts';

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
    ...collisions(secrets).map(({ host, addresses, message }) =>
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

/** What the modules would be is compared with what is there. */
async function checkModules(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const fresh = new Draft(draft.workspace);
  try {
    await emitModules(fresh);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return [refusedModule(error)];
  }
  const unread = states.filter(({ state }) => state === 'plaintext' || state === 'broken');
  const { steps, changes } = fresh.toPlan();
  const before = new Map(changes.map(change => [change.path, change.before]));
  return steps.flatMap(({ file, action }) => {
    const known = before.get(file);
    const text = known === null || known === undefined ? '' : Buffer.from(known.bytes).toString('utf8');
    // it would lose what cannot be read at the moment: that is to be repaired, and not the module
    if (unread.some(({ path }) => text.includes(`/${path.split('/').slice(-2).join('/')}`))) return [];
    const message =
      action === 'create'
        ? 'the module does not exist, so the host declares none of its secrets'
        : 'the module is not what .sops.yaml and the files say';
    return [finding('module-outdated', { file }, message, 'secrets nix')];
  });
}

/** An option of `.sops.yaml` that cannot be emitted, or a file in the way. */
function refusedModule(error: SecretsError): CheckFinding {
  if (error.code !== 'BAD_OPTION') {
    const place = error.file === undefined ? {} : { file: error.file };
    return finding('module-outdated', place, error.message, error.hint ?? 'secrets nix');
  }
  const code = / mode /.test(error.message) ? 'mode-refused' : 'option-refused';
  return finding(
    code,
    { file: INVENTORY_FILE },
    error.message,
    error.hint ?? 'correct it, then `secrets nix`',
  );
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
