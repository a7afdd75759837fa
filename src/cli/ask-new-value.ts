import { SecretsError } from '../errors.ts';
import { NOTHING_BESIDE } from '../ops/secrets/beside.ts';
import { readValue } from '../ops/secrets/read-value.ts';
import { type EnvNames, envNames, withVariables } from '../ops/values/env-variables.ts';
import { toPayload } from '../ops/values/payload.ts';
import type { Workspace } from '../ops/workspace.ts';
import { Redacted } from '../redacted.ts';
import type { Secret } from '../workspace/model.ts';
import { confirmedHidden } from './prompt.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';
import type { GivenValue } from './value-input.ts';

/** The terminal to ask on, `null` where there is none. While stdin brings the names, it is the controlling one. */
export async function terminalFor(session: Session, stdinTaken: boolean): Promise<Terminal | null> {
  const { world } = session;
  if (stdinTaken) return (await world.controllingTerminal?.()) ?? null;
  return world.stdin.isTTY === true ? world.terminal() : null;
}

/**
 * Asks for the next value of a secret: hidden and twice; of an env file each variable by its name, where an empty
 * answer keeps what is there (that needs an identity).
 *
 * @throws SecretsError `INTERRUPTED`, `EMPTY_VALUE`, `BAD_VALUE`, `NO_IDENTITY`
 */
export async function askNewValue(
  terminal: Terminal,
  workspace: Workspace,
  secret: Secret,
): Promise<GivenValue> {
  if (secret.format === 'dotenv') return askVariables(terminal, workspace, secret);
  const value = await confirmedHidden(terminal, `new value of ${secret.address}: `);
  const bytes = new Redacted(new TextEncoder().encode(value.reveal()));
  return given(toPayload({ bytes, source: 'prompt', binary: secret.format === 'binary' }));
}

/** Stands for a value that nobody is asked for, because nothing will be written. */
export function placeholderFor({ format }: Secret): GivenValue {
  const env = format === 'dotenv';
  const bytes = new Redacted(new TextEncoder().encode(env ? 'A=-' : '-'));
  return given(toPayload({ bytes, source: 'file', env, binary: format === 'binary' }));
}

async function askVariables(terminal: Terminal, workspace: Workspace, secret: Secret): Promise<GivenValue> {
  const present = await envNames(workspace, secret);
  const values = new Map<string, Redacted<string>>();
  for (const name of present.names) {
    const value = await confirmedHidden(
      terminal,
      `new value of ${name} in ${secret.address} (empty keeps it): `,
    );
    if (value.reveal() !== '') values.set(name, value);
  }
  if (values.size === 0)
    throw new SecretsError('EMPTY_VALUE', `no variable of ${secret.address} got a new value`);
  const bytes = withVariables(await formerText(workspace, secret, present, values.size), values);
  return given(toPayload({ bytes, source: 'file', env: true }));
}

/** What stays has to be read; where nothing does, the names are enough. */
async function formerText(
  workspace: Workspace,
  secret: Secret,
  { names, comments }: EnvNames,
  answered: number,
): Promise<Redacted<string>> {
  if (answered === names.length && !comments) return new Redacted(names.map(name => `${name}=\n`).join(''));
  const bytes = await readValue(workspace, secret);
  return new Redacted(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.reveal()));
}

function given(payload: GivenValue['payload']): GivenValue {
  return { payload, recipe: null, beside: NOTHING_BESIDE };
}
