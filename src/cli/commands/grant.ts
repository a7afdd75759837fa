import { ExitCode, SecretsError } from '../../errors.ts';
import { type AudienceChange, planGrant, planMove, planRevoke } from '../../ops/secrets/grant.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Secret } from '../../workspace/model.ts';
import { checkSecretName } from '../../workspace/names.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { confirmAndApply } from '../confirmed.ts';
import { newSession, readWorkspace, type WriteOptions } from '../session.ts';
import type { World } from '../world.ts';

interface AudienceOptions extends WriteOptions {
  readonly host: readonly string[];
}

type Make = (workspace: Workspace, secret: Secret) => Promise<AudienceChange>;

/** `secrets grant` */
export function runGrant(world: World, name: string, options: AudienceOptions): Promise<number> {
  const host = theHost(options);
  return run(world, name, options, (workspace, secret) => planGrant(workspace, secret, host), null);
}

/** `secrets revoke` */
export function runRevoke(world: World, name: string, options: AudienceOptions): Promise<number> {
  const host = theHost(options);
  const make: Make = (workspace, secret) => planRevoke(workspace, secret, host);
  return run(world, name, options, make, `take ${name} from ${host}?`, host);
}

/** `secrets mv` */
export function runMove(
  world: World,
  name: string,
  newName: string | undefined,
  options: { readonly host?: readonly string[] | undefined } & WriteOptions,
): Promise<number> {
  const { host = [] } = options;
  if (newName === undefined && host.length === 0)
    throw new SecretsError('USAGE', 'neither a new name nor --host was given');
  if (newName !== undefined) checkSecretName(newName);
  const make: Make = (workspace, secret) => planMove(workspace, secret, newName ?? secret.name, host);
  return run(world, name, options, make, null);
}

function theHost({ host }: AudienceOptions): string {
  const [only, ...others] = host;
  if (only !== undefined && others.length === 0) return only;
  throw new SecretsError('USAGE', 'one host at a time', {
    hint: 'for several: secrets mv NAME --host A --host B',
  });
}

async function run(
  world: World,
  name: string,
  options: WriteOptions,
  make: Make,
  question: string | null,
  owner?: string,
): Promise<number> {
  const session = newSession(world, options);
  const { secrets } = await readWorkspace(session);
  // what is to be taken from a host is one that it has
  const own = secrets.filter(
    secret => secret.name === name && owner !== undefined && secret.hosts.includes(owner),
  );
  const { address } = (own.length === 1 ? own[0] : undefined) ?? findSecret(secrets, name);
  await confirmAndApply(
    session,
    async workspace => {
      const change = await make(workspace, findSecret(workspace.secrets, address));
      refuseMentions(change, options);
      return withMentions(change);
    },
    options,
    { ask: () => question, unattended: `to see the plan: add --dry-run; to carry it out: add --yes` },
  );
  return ExitCode.ok;
}

/** They are named whether they stop the plan or not. */
function withMentions(change: AudienceChange): AudienceChange {
  const { plan, mentions } = change;
  const notes = mentions.map(place => `${place} names the file at its old place: change that line`);
  return { ...change, plan: { ...plan, notes: [...plan.notes, ...notes] } };
}

/** Hand-written Nix that names the file would not evaluate any more. */
function refuseMentions({ mentions }: AudienceChange, { yes, dryRun }: WriteOptions): void {
  if (mentions.length === 0 || yes === true || dryRun === true) return;
  throw new SecretsError(
    'STILL_MENTIONED',
    `Nix files name the file at its old place: ${mentions.slice(0, 10).join(', ')}`,
    { hint: 'change these lines afterwards, or before; --yes moves the secret all the same' },
  );
}
