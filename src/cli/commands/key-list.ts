import { shortRecipient } from '../../age/recipient.ts';
import { ExitCode, SecretsError } from '../../errors.ts';
import { modeTooOpen } from '../../keys/key-file.ts';
import { type KnownSource, knownSources, namesHere } from '../known-keys.ts';
import { table } from '../render/table.ts';
import { newSession } from '../session.ts';
import { storesOf } from '../vault.ts';
import type { World } from '../world.ts';

/** `secrets key list` */
export async function runKeyList(world: World, options: { readonly json?: boolean }): Promise<number> {
  const { talk } = newSession(world, options);
  const { nameOf, problem } = await namesHere(world);
  const found = await knownSources(world, nameOf);
  const sources = await withModes(world, await withKeychainState(world, found));
  if (problem !== null) await talk.note(`no names, because .sops.yaml does not load: ${problem}`);
  if (talk.json) await talk.outJson({ sources });
  else await talk.out(table(sources.flatMap(rows)));
  if (sources.every(({ recipients }) => recipients.length === 0)) {
    await talk.note('no key was found: make one with `secrets key new`');
  }
  return ExitCode.ok;
}

/** Asked once, and only where a key is said to lie in it. No window opens for this question. */
async function withKeychainState(world: World, sources: readonly KnownSource[]): Promise<KnownSource[]> {
  if (!sources.some(({ store }) => store === 'keychain')) return [...sources];
  const error = await problemOf(storesOf(world).vault.keychain.probe());
  return sources.map(source =>
    source.store === 'keychain' ? { ...source, error: source.error ?? error } : source,
  );
}

async function problemOf(question: Promise<void>): Promise<string | null> {
  try {
    await question;
    return null;
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
}

async function withModes(world: World, sources: readonly KnownSource[]): Promise<KnownSource[]> {
  return Promise.all(
    sources.map(async source => {
      const isOpen = source.source === 'keys.txt' && (await modeTooOpen(source.location, world.platform));
      return isOpen ? { ...source, note: 'others may read it: chmod 600 it' } : source;
    }),
  );
}

function rows({ source, location, recipients, error, note }: KnownSource): string[][] {
  const remarks = [error, note].filter(remark => remark !== null);
  const keys = recipients.map(({ name, label, recipient }) => [
    shortRecipient(recipient),
    name ?? 'not in .sops.yaml',
    ...(label === null || label === name ? [] : [`called ${label}`]),
  ]);
  const [first = ['no key'], ...others] = keys;
  return [[source, location, ...first, ...remarks], ...others.map(key => ['', '', ...key])];
}
