import { ExitCode, SecretsError } from '../../errors.ts';
import type { NewValue } from '../../ops/secrets/fill.ts';
import { planRotate } from '../../ops/secrets/rotate-values.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Secret } from '../../workspace/model.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { askNewValue, placeholderFor, terminalFor } from '../ask-new-value.ts';
import { confirmAndApply } from '../confirmed.ts';
import { chooseRotated, type RotateChoice } from '../rotate-choice.ts';
import { newSession, readWorkspace, type Session, type WriteOptions } from '../session.ts';
import { type GivenValue, generatedValue, takeValue } from '../value-input.ts';
import type { World } from '../world.ts';

interface RotateOptions extends WriteOptions, RotateChoice {}

interface Rotated {
  readonly address: string;
  readonly given: GivenValue;
}

/** `secrets rotate`: new values, made by the recorded generators or asked for. */
export async function runRotate(
  world: World,
  names: readonly string[],
  options: RotateOptions,
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const targets = await chooseRotated(session, workspace, names, options);
  const rotated = await newValues(session, workspace, targets, options);
  const made = rotated.filter(({ given }) => given.recipe !== null).length;
  await confirmAndApply(
    session,
    async current => ({ plan: await planRotate(current, valuesIn(current, rotated)) }),
    options,
    {
      // what a person has just typed twice needs no third question
      ask: () =>
        made === 0
          ? null
          : `give ${rotated.length === 1 ? 'it a new value' : `${rotated.length} secrets new values`}?`,
      unattended: 'to see the plan: add --dry-run; to carry it out: add --yes',
    },
  );
  return ExitCode.ok;
}

function valuesIn(workspace: Workspace, rotated: readonly Rotated[]): NewValue[] {
  return rotated.map(({ address, given }) => ({ secret: findSecret(workspace.secrets, address), ...given }));
}

async function newValues(
  session: Session,
  workspace: Workspace,
  targets: readonly Secret[],
  options: RotateOptions,
): Promise<Rotated[]> {
  const asked = targets.filter(({ options: { generate } }) => generate === undefined);
  for (const secret of targets) {
    const { generate } = secret.options;
    await session.talk.say(
      `${secret.address}: ${generate === undefined ? 'asked for' : `made by ${generate}`}, received by ${secret.hosts.join(', ') || 'no host'}`,
    );
  }
  const ask = await howToAsk(session, workspace, targets, asked, options);
  const rotated: Rotated[] = [];
  for (const secret of targets)
    rotated.push({ address: secret.address, given: await nextValue(session, secret, ask) });
  return rotated;
}

async function nextValue(
  session: Session,
  secret: Secret,
  ask: (secret: Secret) => Promise<GivenValue>,
): Promise<GivenValue> {
  const { address, name, options } = secret;
  if (options.generate === undefined) return ask(secret);
  try {
    return await generatedValue(session, name, options.generate);
  } catch (error) {
    throw error instanceof SecretsError && error.code === 'BAD_OPTION'
      ? new SecretsError('BAD_OPTION', `${address}: ${error.message}`, {
          hint: `give it a value, and with it another generator or none: secrets set ${address} --generate KIND`,
        })
      : error;
  }
}

/** From a person at the terminal; one value alone may come on stdin. */
async function howToAsk(
  session: Session,
  workspace: Workspace,
  targets: readonly Secret[],
  asked: readonly Secret[],
  options: RotateOptions,
): Promise<(secret: Secret) => Promise<GivenValue>> {
  if (options.dryRun === true) return async secret => placeholderFor(secret);
  const terminal = asked.length === 0 ? null : await terminalFor(session, options.stdin === true);
  if (terminal !== null) return secret => askNewValue(terminal, workspace, secret);
  if (options.stdin !== true && targets.length === 1) return secret => fromStdin(session, secret);
  if (asked.length > 0) throw nobodyThere(asked);
  return () => Promise.reject(new SecretsError('INTERNAL', 'nothing is asked for'));
}

function fromStdin(session: Session, secret: Secret): Promise<GivenValue> {
  const { format } = secret;
  return takeValue(session, secret.address, { env: format === 'dotenv', binary: format === 'binary' });
}

function nobodyThere(asked: readonly Secret[]): SecretsError {
  const addresses = asked.map(({ address }) => address);
  const shown = addresses.slice(0, 8).join(', ') + (addresses.length > 8 ? ', …' : '');
  return new SecretsError(
    'USAGE',
    `nothing was changed: ${asked.length === 1 ? 'one secret has' : `${asked.length} secrets have`} no generator, and nobody is there to be asked: ${shown}`,
    {
      hint: 'do the others with --generated, and these on a terminal (or each with `secrets set NAME` from stdin)',
    },
  );
}
