import { SecretsError } from '../../errors.ts';
import type { Secret } from '../../workspace/model.ts';
import { collisions, doubleAddresses } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import { emitModules } from '../modules.ts';
import { pendingSecrets } from '../secrets/pending.ts';
import { type CheckFinding, finding } from './finding.ts';

/** Names of secrets that a host's Nix declares, emitted or written by hand. */
export type IsDeclared = (secret: Secret, host: string) => boolean;

/** What the hosts would receive, and what of it stops the installer. */
export async function checkDelivery(draft: Draft, isDeclared: IsDeclared): Promise<CheckFinding[]> {
  return [
    ...checkValues(draft, isDeclared),
    ...checkNames(draft.secrets),
    ...(await checkModules(draft)),
    ...checkPending(draft.secrets),
  ];
}

function checkValues(draft: Draft, isDeclared: IsDeclared): CheckFinding[] {
  return draft.secrets.flatMap(secret => {
    const { key, file, address } = secret;
    const [host] = secret.hosts.filter(name => isDeclared(secret, name));
    if (host === undefined || key === null) return [];
    const place = { file, host, secret: address };
    const what = draft.managedFile(file)?.odd?.get(key);
    const found: CheckFinding[] = [];
    if (what !== undefined) {
      const message = `${key} is ${what}: sops-nix takes strings alone, and installs no secret of the host otherwise`;
      found.push(finding('not-a-string', place, message, `secrets set ${address}, which stores a string`));
    }
    if (secret.format === 'json' && key.includes('/')) {
      const message = `${key} lies inside a map of a JSON file, into which sops-nix cannot look`;
      found.push(finding('nested-json', place, message, 'put it at the top level, or into a YAML file'));
    }
    return found;
  });
}

function checkNames(secrets: readonly Secret[]): CheckFinding[] {
  const emitted = secrets.filter(secret => secret.emitted);
  return [
    ...collisions(secrets).map(({ host, addresses, message }) =>
      finding(
        'name-twice',
        { host, ...(addresses[0] === undefined ? {} : { secret: addresses[0] }) },
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

/** Not five hundred addresses. */
function shortened(message: string): string {
  const addresses = message.split(', ');
  return addresses.length <= 4
    ? message
    : `${addresses.slice(0, 3).join(', ')} and ${addresses.length - 3} more`;
}

/** What the modules would be is compared with what is there. */
async function checkModules(draft: Draft): Promise<CheckFinding[]> {
  const fresh = new Draft(draft.workspace);
  try {
    await emitModules(fresh);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    const place = error.file === undefined ? {} : { file: error.file };
    return [finding('module-outdated', place, error.message, error.hint ?? 'secrets nix')];
  }
  return fresh.toPlan().steps.map(({ file, action }) => {
    const message =
      action === 'create'
        ? 'the module does not exist, so the host declares none of its secrets'
        : 'the module is not what .sops.yaml and the files say';
    return finding('module-outdated', { file }, message, 'secrets nix');
  });
}

function checkPending(secrets: readonly Secret[]): CheckFinding[] {
  return pendingSecrets(secrets).map(({ address, hosts }) =>
    finding(
      'pending',
      { secret: address, ...(hosts[0] === undefined ? {} : { host: hosts[0] }) },
      `it has no value yet, and ${hosts.join(', ') || 'no host'} cannot be built until it has`,
      `secrets fill ${address}`,
    ),
  );
}
