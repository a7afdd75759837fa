import { ExitCode, SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import { loadIdentities } from '../../keys/sources.ts';
import { removeKey, type StoredKey, type Stores, storedKeys } from '../../keys/stores.ts';
import { nodeKeysWorld } from '../../keys/world.ts';
import { filesOnlyReadWith } from '../../ops/only-reader.ts';
import { findRoot } from '../../ops/workspace.ts';
import { chooseKeys } from '../choose-key.ts';
import { namesHere, withoutKeyCommands } from '../known-keys.ts';
import { newSession, readWorkspace, type Session } from '../session.ts';
import { personAt, storesOf } from '../vault.ts';
import type { World } from '../world.ts';

interface KeyRmOptions {
  readonly store?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** So much of the public key is to be typed. */
const TYPED = 8;

/** `secrets key rm` */
export async function runKeyRm(world: World, wanted: string, options: KeyRmOptions): Promise<number> {
  const session = newSession(world, options);
  const stores = storesOf(world);
  const stored = await storedKeys(stores);
  const key = await choose(session, stored, wanted, options.store);
  if (options.yes !== true) {
    await refuseLast(session, stores, stored, key);
    await confirm(session, key);
  }
  await removeKey(stores, key);
  await session.talk.note(`removed ${key.name ?? 'the key'} from ${key.location}`);
  if (session.talk.json) {
    const { name, recipient, store, location } = key;
    await session.talk.outJson({ name, recipient, store, location });
  }
  return ExitCode.ok;
}

/** One place: the same key in two of them is removed from one at a time. */
async function choose(
  session: Session,
  stored: readonly StoredKey[],
  wanted: string,
  store: string | undefined,
): Promise<StoredKey> {
  const { nameOf } = await namesHere(session.world);
  const candidates = stored
    .filter(key => store === undefined || key.store === store)
    .map(key => ({
      key,
      label: key.name,
      name: key.recipient === null ? null : nameOf(key.recipient),
      recipient: key.recipient,
    }));
  const [first, ...others] = chooseKeys(candidates, wanted);
  if (first !== undefined && others.length === 0) return first.key;
  const places = [first, ...others].map(found => found?.key.location ?? '').join(', ');
  throw new SecretsError('AMBIGUOUS_NAME', `several are meant: ${places}`, {
    hint: 'give --store, or the beginning of a public key',
  });
}

/** Without it files of this repository could not be opened any more, with nothing that is at hand here. */
async function refuseLast(
  session: Session,
  stores: Stores,
  stored: readonly StoredKey[],
  key: StoredKey,
): Promise<void> {
  const { world } = session;
  const root = await findRoot(world.cwd, await findGitTop(world.cwd, world.env));
  if (key.recipient === null || root === null) return;
  const elsewhere = await loadIdentities(nodeKeysWorld({ ...world, env: withoutKeyCommands(world.env) }));
  const others = new Set([
    ...stored.filter(other => other !== key).flatMap(other => other.recipient ?? []),
    ...elsewhere.sources
      .filter(source => source.location !== stores.keyFile)
      .flatMap(source => source.recipients ?? [])
      .filter(recipient => recipient !== null),
  ]);
  const files = await filesOnlyReadWith(await readWorkspace(session), key.recipient, others);
  if (files.length === 0) return;
  const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
  throw new SecretsError('LAST_KEY', `no other key of yours opens ${files[0]}${more}`, {
    hint: 'let another key of yours read them first (secrets admin rotate), or keep a copy and give --yes',
  });
}

async function confirm(session: Session, { recipient, location }: StoredKey): Promise<void> {
  const terminal = await personAt(session.world);
  if (terminal === null) {
    throw new SecretsError('USAGE', 'nothing was removed: nobody is there to confirm it', {
      hint: 'give --yes where it is meant',
    });
  }
  await session.talk.say(`removes for good, from ${location}:\n  ${recipient ?? 'a key of a plugin'}`);
  const typed = (await terminal.readLine(`type its first ${TYPED} characters to go on: `)).trim();
  if (typed.length >= TYPED && (recipient ?? '').startsWith(typed)) return;
  throw new SecretsError('INTERRUPTED', 'nothing was removed');
}
