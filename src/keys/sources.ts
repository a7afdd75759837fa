import { type Identity, parseIdentityText, recipientOfIdentity } from '../age/identity.ts';
import { holdsPrivateKey } from '../age/pasted.ts';
import type { AgePlugins } from '../age/plugin.ts';
import { parseSshIdentity } from '../age/ssh.ts';
import { SecretsError } from '../errors.ts';
import { type GuardedIdentity, guardedIdentities, type Vault } from './guarded.ts';
import { defaultKeyFile, defaultSshKey, type Environment } from './places.ts';
import { splitShellWords } from './shell-words.ts';

export { defaultKeyFile } from './places.ts';

/** What reading identities needs of the outside. */
export interface KeysWorld {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Absolute; empty where there is none. */
  readonly homedir: string;
  /** Rejects with the error of node (`code`), or with a SecretsError where the file is too large. */
  readFile(path: string): Promise<Uint8Array>;
  /** The stdout of a program, started without a shell. Rejects with a SecretsError that shows no output. */
  run(argv: readonly string[], env: Environment): Promise<string>;
  /** Given to the identities that need it; left out: those open nothing. */
  readonly plugins?: AgePlugins | undefined;
}

/** One place where identities may be, and what was found in it. */
export interface IdentitySource {
  /** The variable that named it, or `keys.txt`, `id_ed25519`. */
  readonly name: string;
  /** A path, or the variable itself where that holds the keys. Safe to show. */
  readonly location: string;
  /** How many identities it gave. */
  readonly identities: number;
  /** Their public halves; `null` where only a plugin can tell one. */
  readonly recipients?: readonly (string | null)[] | undefined;
  /** Why it gave none; `null` where it could be read. Safe to show. */
  readonly error: string | null;
  /** Why a place that nobody asked for could not be used, as an ssh key with a passphrase. Safe to show. */
  readonly note?: string | null;
}

/** All identities at hand. */
export interface IdentitySet {
  /** Each once, in the order in which sops tries them. */
  readonly identities: Identity[];
  /** The places that were asked for or exist, in the same order. */
  readonly sources: IdentitySource[];
  /** Those in the keychain and behind a passphrase, which are unlocked when none of the others opens a file. */
  readonly guarded?: readonly GuardedIdentity[] | undefined;
}

interface Place {
  readonly name: string;
  readonly location: string;
  /** Nobody asked for it: it may be absent, and what is wrong with it is a note. */
  readonly implicit: 'no' | 'absent-is-fine' | 'all-is-fine';
  read(): Promise<Identity[]>;
}

/**
 * Reads every source of identities that stock sops reads (`age/keysource.go`), ssh keys first, and merges them.
 * A source that fails is reported in the result and stops no other. Never throws.
 *
 * @param vault our own places, which come after those of sops; left out: none
 */
export async function loadIdentities(world: KeysWorld, vault?: Vault | null): Promise<IdentitySet> {
  const found = new Map<string, Identity>();
  const sources: IdentitySource[] = [];
  // One after the other: a command may ask for a password or a touch.
  for (const place of placesOf(world)) {
    const { source, identities } = await load(place, world.plugins);
    if (source !== null) sources.push(source);
    for (const identity of identities) found.set(keyOf(identity), found.get(keyOf(identity)) ?? identity);
  }
  const guarded = vault == null ? [] : await guardedIdentities(vault).catch(() => []);
  return {
    identities: [...found.values()],
    sources,
    ...(guarded.length === 0 ? {} : { guarded }),
  };
}

/** The same identity from two sources is tried once; the key of this map holds the secret only for plugins. */
function keyOf(identity: Identity): string {
  return identity.recipient ?? Buffer.from(identity.secret.reveal()).toString('latin1');
}

async function load(
  place: Place,
  plugins: AgePlugins | undefined,
): Promise<{ source: IdentitySource | null; identities: Identity[] }> {
  const { name, location } = place;
  try {
    const identities = await Promise.all((await place.read()).map(identity => completed(identity, plugins)));
    const recipients = identities.map(identity => identity.recipient);
    return {
      source: { name, location, identities: identities.length, recipients, error: null, note: null },
      identities,
    };
  } catch (error) {
    if (place.implicit !== 'no' && isAbsent(error)) return { source: null, identities: [] };
    const problem = sayable(error);
    const isNote = place.implicit === 'all-is-fine';
    const source = {
      name,
      location,
      identities: 0,
      error: isNote ? null : problem,
      note: isNote ? problem : null,
    };
    return { source, identities: [] };
  }
}

async function completed(identity: Identity, plugins: AgePlugins | undefined): Promise<Identity> {
  if (identity.kind === 'plugin') return { ...identity, plugins };
  if (identity.recipient !== null) return identity;
  return { ...identity, recipient: await recipientOfIdentity(identity) };
}

function placesOf(world: KeysWorld): Place[] {
  const { env } = world;
  const fromVariable = (name: string, make: (value: string) => Place): Place[] => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    return value === undefined ? [] : [make(value)];
  };
  return [
    ...fromVariable('SOPS_AGE_SSH_PRIVATE_KEY_FILE', path =>
      fileNamed(world, 'SOPS_AGE_SSH_PRIVATE_KEY_FILE', path, readSshKey),
    ),
    ...fromVariable('SOPS_AGE_SSH_PRIVATE_KEY_CMD', line =>
      command(world, 'SOPS_AGE_SSH_PRIVATE_KEY_CMD', line, readSshKey),
    ),
    ...sshKeyOfHome(world),
    ...fromVariable('SOPS_AGE_KEY', text => ({
      name: 'SOPS_AGE_KEY',
      location: 'SOPS_AGE_KEY',
      implicit: 'no',
      read: async () => parseIdentityText(text, 'environment'),
    })),
    ...fromVariable('SOPS_AGE_KEY_FILE', path =>
      fileNamed(world, 'SOPS_AGE_KEY_FILE', path, text => parseIdentityText(text)),
    ),
    ...fromVariable('SOPS_AGE_KEY_CMD', line =>
      command(world, 'SOPS_AGE_KEY_CMD', line, text => parseIdentityText(text)),
    ),
    defaultPlace(world),
  ];
}

function readSshKey(text: string): Identity[] {
  return [parseSshIdentity(text)];
}

function sshKeyOfHome(world: KeysWorld): Place[] {
  if (world.homedir === '') return [];
  const path = defaultSshKey(world.platform, world.homedir);
  const read = async () => readSshKey(await readText(world, path));
  return [{ name: 'id_ed25519', location: path, implicit: 'all-is-fine', read }];
}

function defaultPlace(world: KeysWorld): Place {
  const name = 'keys.txt';
  try {
    const path = defaultKeyFile(world.env, world.platform, world.homedir);
    const read = async () => parseIdentityText(await readText(world, path));
    return { name, location: path, implicit: 'absent-is-fine', read };
  } catch (error) {
    return { name, location: name, implicit: 'no', read: () => Promise.reject(error) };
  }
}

function fileNamed(world: KeysWorld, name: string, path: string, parse: (text: string) => Identity[]): Place {
  if (holdsPrivateKey(path)) {
    return failing(name, `${name} holds a key where a path belongs`, 'put the key itself into SOPS_AGE_KEY');
  }
  if (path === '') return failing(name, `${name} is set, but empty`);
  const read = async () => {
    try {
      return parse(await readText(world, path));
    } catch (error) {
      if (!isAbsent(error) || !path.startsWith('~')) throw error;
      throw new SecretsError(
        'READ_FAILED',
        'it does not exist: the shell left the ~ as it was, write the whole path',
      );
    }
  };
  return { name, location: path, implicit: 'no', read };
}

function command(world: KeysWorld, name: string, line: string, parse: (text: string) => Identity[]): Place {
  const argv = splitShellWords(line);
  if (argv === null) return failing(name, `${name} has a quote that is not closed, or ends in a backslash`);
  if (argv[0] === undefined || argv[0] === '') return failing(name, `${name} is set, but names no command`);
  return { name, location: name, implicit: 'no', read: async () => parse(await world.run(argv, world.env)) };
}

function failing(name: string, message: string, hint?: string): Place {
  const error = new SecretsError('BAD_IDENTITY', message, { hint });
  return { name, location: name, implicit: 'no', read: () => Promise.reject(error) };
}

/** Text that is not UTF-8 spoils the list by itself; a byte order mark has to stay to do the same. */
async function readText(world: KeysWorld, path: string): Promise<string> {
  const bytes = await world.readFile(path);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Own errors hold no secret by contract; of a foreign one only its code is shown. */
function sayable(error: unknown): string {
  if (error instanceof SecretsError) {
    const where = error.line === undefined ? '' : `line ${error.line}: `;
    return `${where}${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`;
  }
  if (isAbsent(error)) return 'it does not exist';
  const code = codeOf(error);
  return /^[A-Z]{2,20}$/.test(code) ? `it cannot be read (${code})` : 'it cannot be read';
}
