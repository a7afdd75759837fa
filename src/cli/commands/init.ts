import { generateIdentity } from '../../age/identity.ts';
import { ExitCode, SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import { createKeyFile } from '../../keys/key-file.ts';
import { defaultKeyFile, type IdentitySet } from '../../keys/sources.ts';
import { type Initialised, planInit } from '../../ops/init.ts';
import type { Surroundings } from '../../ops/ports.ts';
import { findRoot } from '../../ops/workspace.ts';
import { checkHostName } from '../../workspace/names.ts';
import { setUpDrivers } from '../driver-setup.ts';
import { type HookOffer, offerHooks } from '../init-hook.ts';
import { locked, newSession, type Session, showAndApply, surroundings } from '../session.ts';
import { showWiring } from '../wiring.ts';
import type { World } from '../world.ts';

interface InitOptions extends HookOffer {
  readonly admin?: string | undefined;
}

/** `secrets init` */
export async function runInit(world: World, options: InitOptions): Promise<number> {
  const session = newSession(world, options);
  const top = await findGitTop(world.cwd, world.env);
  const root = (await findRoot(world.cwd, top)) ?? top ?? world.cwd;
  const around = await surroundings(world, root);
  const admin = options.admin ?? nameFrom(world.username);
  checkHostName(admin);
  const recipients = await ownRecipients(session, around, options.dryRun === true);
  await locked(session.world, root, around, async () => {
    const done = await planInit({ root, admin, recipients }, around);
    await sayWhatIsThere(session, done);
    await showAndApply(session, done.workspace, done.plan, options);
    if (done.plan.steps.length === 0) await session.talk.note('nothing to do: all of it is there');
    if (done.workspace.inventory.hosts.size === 0) {
      await session.talk.say('next: secrets host add NAME --ssh');
    } else if (done.found && [...done.workspace.inventory.hosts.values()].every(host => !host.declared)) {
      await session.talk.say('next: secrets adopt, which finds out which of the keys are machines');
    } else await showWiring(session, root, around);
  });
  if (top !== null && options.dryRun !== true) await setUpDrivers(session.world);
  return top === null ? ExitCode.ok : offerHooks(session, options);
}

/** A login name such as `Jan.Kowalski` is no anchor. */
function nameFrom(username: string): string {
  return (
    username
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '') || 'admin'
  );
}

/**
 * The public keys at hand; where there is none, a new key at the place where sops looks for it. A dry run plans
 * with a key that is kept nowhere.
 */
async function ownRecipients(session: Session, around: Surroundings, dryRun: boolean): Promise<string[]> {
  const { world, talk } = session;
  const set = await around.identities();
  const present = publicKeys(set);
  const path = defaultKeyFile(world.env, world.platform, world.homedir);
  if (present.length > 0) {
    await talk.note(`your key: ${present[0]} (${placeOf(set, present[0] ?? '')})`);
    return present;
  }
  refuseBrokenKeyFile(set, path);
  if (dryRun) {
    await talk.note(`would make an age key in ${path}, then .sops.yaml and secrets/ with it`);
    return [generateIdentity(world.random).recipient];
  }
  const { recipient } = await createKeyFile(path, { now: world.now(), random: world.random });
  await talk.note(`made an age key in ${path} (mode 0600): back it up, without it your secrets are lost`);
  await talk.note(`your public key: ${recipient}`);
  return [recipient];
}

function placeOf(set: IdentitySet, recipient: string): string {
  const source = set.sources.find(({ recipients }) => recipients?.includes(recipient) === true);
  const guarded = set.guarded?.find(identity => identity.recipient === recipient);
  return source?.location ?? guarded?.location ?? 'found';
}

function publicKeys(set: IdentitySet): string[] {
  return [...set.identities, ...(set.guarded ?? [])]
    .map(identity => identity.recipient)
    .filter(recipient => recipient?.startsWith('age1') === true) as string[];
}

/** A key file that does not parse may hold the only copy of a key: say so instead of making another. */
function refuseBrokenKeyFile(set: IdentitySet, path: string): void {
  const broken = set.sources.find(source => source.location === path && source.error !== null);
  if (broken === undefined) return;
  throw new SecretsError('BAD_IDENTITY', `your key file cannot be used: ${broken.error}`, {
    file: path,
    hint: 'mend that line, or move the file away to get a new key',
  });
}

async function sayWhatIsThere(session: Session, done: Initialised): Promise<void> {
  const { inventory, files, secrets } = done.workspace;
  if (!done.found) return;
  const counts = [
    count(inventory.keys.length, 'key'),
    count(inventory.rules.length, 'rule'),
    count(files.length, 'encrypted file'),
  ];
  await session.talk.note(`found .sops.yaml: ${counts.join(', ')}, ${count(secrets.length, 'secret')}`);
  if (done.admin === null) {
    await session.talk.note(
      `your key is no admin here (${inventory.admins.join(', ')}): ask one of them to add it to .sops.yaml`,
    );
  } else await session.talk.note(`you are ${done.admin}`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
