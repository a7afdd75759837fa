import { SecretsError } from '../errors.ts';
import { refusePending } from '../ops/secrets/pending.ts';
import type { Workspace } from '../ops/workspace.ts';
import type { Secret } from '../workspace/model.ts';
import { checkHost, findSecret } from '../workspace/secrets.ts';
import type { Session } from './session.ts';

/** Which secrets are to get new values. */
export interface RotateChoice {
  readonly host?: string | undefined;
  /** The names come on stdin. */
  readonly stdin?: boolean | undefined;
  /** Only those with a recorded generator. */
  readonly generated?: boolean | undefined;
}

const LARGEST = 1024 * 1024;

/**
 * The secrets that were chosen, each once, in the order in which they were named.
 *
 * @throws SecretsError `USAGE` (none was named, or in two ways), `UNKNOWN_SECRET`, `UNKNOWN_HOST`, `VALUE_PENDING`
 */
export async function chooseRotated(
  session: Session,
  workspace: Workspace,
  names: readonly string[],
  choice: RotateChoice,
): Promise<Secret[]> {
  const found = await namedSecrets(session, workspace, names, choice);
  const unique = [...new Map(found.map(secret => [secret.address, secret])).values()];
  if (choice.generated !== true) return unique;
  const left = unique.filter(({ options }) => options.generate === undefined);
  if (left.length > 0)
    await session.talk.say(
      `left, no generator is recorded: ${left.map(({ address }) => address).join(', ')}`,
    );
  return unique.filter(({ options }) => options.generate !== undefined);
}

async function namedSecrets(
  session: Session,
  workspace: Workspace,
  names: readonly string[],
  { host, stdin }: RotateChoice,
): Promise<Secret[]> {
  if (names.length > 0 && stdin === true)
    throw new SecretsError('USAGE', 'names are given on the command line or on stdin, not both');
  if (names.length === 0 && stdin !== true)
    return host === undefined ? refuseNothing() : ofHost(session, workspace, host);
  const wanted = stdin === true ? parseWorklist(await stdinText(session)) : names;
  const secrets = wanted.map(name => findSecret(workspace.secrets, name, host));
  for (const secret of secrets) refusePending(secret);
  return secrets;
}

function refuseNothing(): never {
  throw new SecretsError('USAGE', 'nothing to rotate was named', {
    hint: 'secrets rotate NAME, secrets rotate --host HOST, or names on stdin with --stdin',
  });
}

async function ofHost(session: Session, workspace: Workspace, host: string): Promise<Secret[]> {
  const { name } = checkHost(workspace.inventory, host);
  const received = workspace.secrets.filter(({ hosts }) => hosts.includes(name));
  const waiting = received.filter(({ pending }) => pending === true);
  if (waiting.length > 0)
    await session.talk.say(
      `left, they have no value yet: ${waiting.map(({ address }) => address).join(', ')}`,
    );
  if (received.length === 0) throw new SecretsError('UNKNOWN_SECRET', `${name} receives no secret`);
  return received.filter(({ pending }) => pending !== true);
}

/**
 * Names or addresses: one a line (`#` begins a comment), or the worklist that `host rm --json` prints,
 * `{ "secrets": [ { "address": … } ] }`.
 *
 * @throws SecretsError `USAGE`
 */
function parseWorklist(text: string): string[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) {
    const lines = trimmed.split('\n').map(line => line.trim());
    return lines.filter(line => line !== '' && !line.startsWith('#'));
  }
  const secrets = secretsOf(trimmed);
  if (secrets === null)
    throw new SecretsError(
      'USAGE',
      'stdin holds no worklist: `{ "secrets": [ { "address": … } ] }` was expected',
    );
  return secrets.flatMap(entry => addressOf(entry) ?? []);
}

function secretsOf(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('secrets' in value)) return null;
    return Array.isArray(value.secrets) ? value.secrets : null;
  } catch {
    return null;
  }
}

/** `null` for a file that holds no secret any more, which the worklist names too. */
function addressOf(entry: unknown): string | null {
  if (typeof entry === 'object' && entry !== null && 'address' in entry) {
    if (typeof entry.address === 'string') return entry.address;
    if (entry.address === null) return null;
  }
  throw new SecretsError('USAGE', 'an entry of the worklist on stdin has no address');
}

async function stdinText(session: Session): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of session.world.stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST) throw new SecretsError('USAGE', 'the worklist on stdin is larger than 1 MiB');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
