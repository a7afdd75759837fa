/**
 * The native libraries for keychains. They run in a process of their own (see `keychain-process.ts`), because
 * nothing else can end a call that never comes back.
 */

import { KEYCHAIN_SERVICE, type KeychainFault, keychainFaultOf } from './keychain.ts';

/** One question to the keychain, as JSON on the stdin of that process. */
export interface KeychainRequest {
  readonly action: 'get' | 'set' | 'remove';
  readonly account: string;
  /** With `set`. */
  readonly secret?: string | undefined;
}

/** What it says on its stdout. */
export type KeychainAnswer =
  | { readonly value: string | null }
  | { readonly done: boolean }
  | { readonly fault: KeychainFault };

/** What both libraries can do. */
interface Library {
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<boolean>;
}

/** How the packages are loaded; each rejects where it is not installed. */
export interface KeychainPackages {
  readonly keyring: () => Promise<unknown>;
  readonly keytar: () => Promise<unknown>;
}

const KEYTAR = 'keytar';

const INSTALLED: KeychainPackages = {
  keyring: () => import('@napi-rs/keyring'),
  // by a name that no bundler follows: it is used where somebody has it, and is no dependency
  keytar: () => import(KEYTAR),
};

/**
 * Answers one request. The items of the two libraries are kept apart by the keychains, so that reading and
 * removing try both, and writing takes the first that is there.
 *
 * @param request as it was read, not checked yet
 */
export async function answerKeychain(
  request: unknown,
  packages: KeychainPackages = INSTALLED,
): Promise<KeychainAnswer> {
  if (!isRequest(request)) return { fault: 'other' };
  const libraries = await load(packages);
  if (libraries.length === 0) return { fault: 'no-library' };
  try {
    return await answer(request, libraries);
  } catch (error) {
    return { fault: keychainFaultOf(error instanceof Error ? error.message : '') };
  }
}

async function answer(request: KeychainRequest, libraries: readonly Library[]): Promise<KeychainAnswer> {
  const { action, account, secret = '' } = request;
  if (action === 'set') {
    await libraries[0]?.set(account, secret);
    return { done: true };
  }
  let done = false;
  for (const library of libraries) {
    if (action === 'remove') done = (await library.remove(account)) || done;
    else {
      const value = await library.get(account);
      if (value !== null) return { value };
    }
  }
  return action === 'remove' ? { done } : { value: null };
}

function isRequest(value: unknown): value is KeychainRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { action, account, secret } = value as Record<string, unknown>;
  if (action !== 'get' && action !== 'set' && action !== 'remove') return false;
  return typeof account === 'string' && (action === 'set') === (typeof secret === 'string');
}

async function load(packages: KeychainPackages): Promise<Library[]> {
  const found = await Promise.all([
    packages.keyring().then(fromKeyring, () => null),
    packages.keytar().then(fromKeytar, () => null),
  ]);
  return found.filter(library => library !== null);
}

/** Pinned to Secret Service: without it this library falls back to a keyring of the kernel, which is volatile. */
function fromKeyring(module: unknown): Library {
  const { AsyncEntry } = module as typeof import('@napi-rs/keyring');
  const entry = (account: string) =>
    new AsyncEntry(KEYCHAIN_SERVICE, account, { linux: { store: 'secret-service' } });
  return {
    get: account => entry(account).getPassword(),
    set: (account, secret) => entry(account).setPassword(secret),
    remove: account => entry(account).deletePassword(),
  };
}

/** The interface of keytar, as far as it is used. */
interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

function fromKeytar(module: unknown): Library {
  const { default: exported } = module as { readonly default?: Keytar };
  const keytar = exported ?? (module as Keytar);
  return {
    get: account => keytar.getPassword(KEYCHAIN_SERVICE, account),
    set: (account, secret) => keytar.setPassword(KEYCHAIN_SERVICE, account, secret),
    remove: account => keytar.deletePassword(KEYCHAIN_SERVICE, account),
  };
}
