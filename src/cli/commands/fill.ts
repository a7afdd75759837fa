import { ExitCode, SecretsError } from '../../errors.ts';
import { type NewValue, planFill } from '../../ops/secrets/fill.ts';
import { pendingSecrets } from '../../ops/secrets/pending.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Secret } from '../../workspace/model.ts';
import { checkHost, findSecret } from '../../workspace/secrets.ts';
import {
  newSession,
  readWorkspace,
  type Session,
  showAndApply,
  type WriteOptions,
  writeWorkspace,
} from '../session.ts';
import { type GivenValue, takeValue, type ValueOptions } from '../value-input.ts';
import type { World } from '../world.ts';

interface FillOptions extends WriteOptions, Omit<ValueOptions, 'env' | 'binary'> {
  readonly host?: string | undefined;
}

interface Filled {
  readonly address: string;
  readonly given: GivenValue;
}

/** `secrets fill`: the values of secrets that were added with `--pending`; needs no private key. */
export async function runFill(world: World, name: string | undefined, options: FillOptions): Promise<number> {
  const session = newSession(world, options);
  const targets = chosen(await readWorkspace(session), name, options.host);
  if (targets.length === 0) await session.talk.note('no secret waits for a value');
  else refuseOneForMany(session, targets, options);
  const filled = await takeAll(session, targets, options);
  return writeWorkspace(session, async workspace => {
    const values = filled.map(
      ({ address, given }): NewValue => ({ secret: findSecret(workspace.secrets, address), ...given }),
    );
    await showAndApply(session, workspace, await planFill(workspace, values), options);
    return ExitCode.ok;
  });
}

function chosen(workspace: Workspace, name: string | undefined, host: string | undefined): Secret[] {
  const { secrets, inventory } = workspace;
  if (host !== undefined) checkHost(inventory, host);
  if (name === undefined)
    return pendingSecrets(secrets).filter(({ hosts }) => host === undefined || hosts.includes(host));
  const secret = findSecret(secrets, name, host);
  if (secret.pending === true) return [secret];
  throw new SecretsError('USAGE', `${secret.address} has a value already`, {
    hint: `to change it: secrets set ${secret.address}`,
  });
}

/** Stdin, a file and a generator hold one value; only a person can be asked for several. */
function refuseOneForMany(session: Session, targets: readonly Secret[], options: FillOptions): void {
  const asked =
    session.world.stdin.isTTY === true && options.fromFile === undefined && options.generate === undefined;
  if (asked || targets.length === 1) return;
  throw new SecretsError('USAGE', `${targets.length} secrets wait for a value, and here is one`, {
    hint: `name the one that is meant: ${targets.map(({ address }) => `secrets fill ${address}`).join(', or ')}`,
  });
}

async function takeAll(
  session: Session,
  targets: readonly Secret[],
  options: FillOptions,
): Promise<Filled[]> {
  const filled: Filled[] = [];
  for (const secret of targets) {
    const { address, hosts } = secret;
    await session.talk.say(`${address}: for ${hosts.join(', ') || 'no host'}`);
    const given = await takeOne(session, secret, options, targets.length > 1);
    if (given !== null) filled.push({ address, given });
  }
  return filled;
}

/** `null`: nothing was typed, and there are others to fill. */
async function takeOne(
  session: Session,
  { address, options: { pending } }: Secret,
  options: FillOptions,
  several: boolean,
): Promise<GivenValue | null> {
  try {
    const kind =
      options.generate === undefined ? { env: pending === 'env', binary: pending === 'binary' } : {};
    return await takeValue(session, address, { ...options, ...kind });
  } catch (error) {
    if (!several || !(error instanceof SecretsError) || error.code !== 'EMPTY_VALUE') throw error;
    await session.talk.say(`  ${address} keeps waiting for its value`);
    return null;
  }
}
