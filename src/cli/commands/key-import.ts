import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Identity, identityText, parseIdentityText, recipientOfIdentity } from '../../age/identity.ts';
import { looksLikeAgeFile } from '../../age/passphrase.ts';
import { sshPrivateKeyToIdentity } from '../../age/ssh.ts';
import { ExitCode, SecretsError } from '../../errors.ts';
import { decryptAsking } from '../../keys/guarded.ts';
import type { Stores } from '../../keys/stores.ts';
import { Redacted } from '../../redacted.ts';
import { newSession, type Session } from '../session.ts';
import { type Kept, keep, sayKept, storeNamed } from '../store-key.ts';
import { storesOf } from '../vault.ts';
import type { World } from '../world.ts';

interface KeyImportOptions {
  readonly name?: string | undefined;
  readonly store: string;
  readonly json?: boolean | undefined;
}

/** A private half that was read, and checked. */
interface Given {
  readonly identity: Redacted<string>;
  readonly recipient: string;
}

const LARGEST = 1024 * 1024;

/** `secrets key import` */
export async function runKeyImport(
  world: World,
  file: string | undefined,
  options: KeyImportOptions,
): Promise<number> {
  const session = newSession(world, options);
  const store = storeNamed(options.store);
  const stores = storesOf(world);
  const given = await identitiesIn(session, stores, await readGiven(session, file), file ?? 'stdin');
  const kept: Kept[] = [];
  for (const [index, each] of given.entries()) {
    const name = index === 0 || options.name === undefined ? options.name : `${options.name}-${index + 1}`;
    const done = await keep(session, stores, store, each, name);
    await sayKept(session, done, 'stored');
    kept.push(done);
    if (!session.talk.json) await session.talk.out(`${done.recipient}\n`);
  }
  if (session.talk.json) await session.talk.outJson({ keys: kept });
  return ExitCode.ok;
}

async function readGiven({ world }: Session, file: string | undefined): Promise<Redacted<Uint8Array>> {
  if (file !== undefined && file !== '-') return readKeyFile(resolve(world.cwd, file), file);
  if (file === undefined && world.stdin.isTTY === true) {
    const typed = await (await world.terminal()).readHidden('the identity (AGE-SECRET-KEY-…): ');
    return new Redacted(new TextEncoder().encode(typed.reveal().trim()));
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of world.stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > LARGEST) throw tooLarge('stdin');
    chunks.push(bytes);
  }
  return new Redacted(Buffer.concat(chunks));
}

async function readKeyFile(path: string, name: string): Promise<Redacted<Uint8Array>> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > LARGEST) throw tooLarge(name);
    return new Redacted(bytes);
  } catch (error) {
    if (error instanceof SecretsError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new SecretsError('READ_FAILED', `the key cannot be read (${code})`, { file: name });
  }
}

function tooLarge(file: string): SecretsError {
  return new SecretsError('BAD_IDENTITY', 'this is no key: it has more than 1 MiB', { file });
}

async function identitiesIn(
  session: Session,
  stores: Stores,
  given: Redacted<Uint8Array>,
  source: string,
): Promise<Given[]> {
  const bytes = given.reveal();
  try {
    const text = looksLikeAgeFile(bytes)
      ? (await decryptAsking(bytes, source, stores.vault.askPassphrase)).reveal()
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (/^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return [await fromSsh(session, text)];
    const identities = parseIdentityText(text);
    if (identities.length > 0) return await Promise.all(identities.map(checked));
  } catch (error) {
    throw error instanceof SecretsError && error.code === 'BAD_IDENTITY' ? error.inFile(source) : error;
  }
  throw new SecretsError('BAD_IDENTITY', 'there is no identity in it', { file: source });
}

/** What sops-nix and ssh-to-age make of it. Files encrypted to the ssh key itself need the ssh key. */
async function fromSsh({ talk }: Session, pem: string): Promise<Given> {
  const converted = sshPrivateKeyToIdentity(pem);
  await talk.note('an ssh key: its age form is stored, as ssh-to-age makes it');
  return converted;
}

async function checked(identity: Identity): Promise<Given> {
  const recipient = await recipientOfIdentity(identity);
  if (recipient !== null) return { identity: identityText(identity), recipient };
  throw new SecretsError('UNSUPPORTED', 'an identity of a plugin is not kept here', {
    hint: "append it to sops' own keys.txt; the private half is in the plugin's device anyway",
  });
}
