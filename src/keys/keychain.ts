import { SecretsError } from '../errors.ts';
import type { Redacted } from '../redacted.ts';

/** What our items in the keychain of the system are filed under; the account is the name of the identity. */
export const KEYCHAIN_SERVICE = 'nix-secrets';

/** The keychain of the system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows. */
export interface Keychain {
  /** @throws SecretsError `KEYCHAIN_UNAVAILABLE` */
  get(account: string): Promise<Redacted<string> | null>;
  /** @throws SecretsError `KEYCHAIN_UNAVAILABLE` */
  set(account: string, secret: Redacted<string>): Promise<void>;
  /** False where there was no such item. @throws SecretsError `KEYCHAIN_UNAVAILABLE` */
  remove(account: string): Promise<boolean>;
  /** Is it there? Unlocks nothing. @throws SecretsError `KEYCHAIN_UNAVAILABLE` */
  probe(): Promise<void>;
}

/** Why a keychain did not answer. */
export const KEYCHAIN_FAULTS = [
  'no-library',
  'no-bus',
  'no-service',
  'no-collection',
  'locked',
  'late',
  'other',
] as const;
export type KeychainFault = (typeof KEYCHAIN_FAULTS)[number];

/** What happened, and what to do before the key can be had. */
const SENTENCES: Readonly<Record<KeychainFault, readonly [message: string, remedy: string]>> = {
  'no-library': [
    'the keychain cannot be used: its library (@napi-rs/keyring) is not installed',
    'install nix-secrets again with optional packages',
  ],
  'no-bus': ['there is no keychain: no D-Bus session runs here', 'log in to a desktop session'],
  'no-service': [
    'there is no keychain: nothing on D-Bus offers one',
    'start gnome-keyring-daemon or KeePassXC',
  ],
  'no-collection': ['the keychain has no keyring yet', 'make one, for example by logging in to the desktop'],
  locked: ['the keychain is locked', 'unlock it: gnome-keyring-daemon --unlock, or log in to the desktop'],
  late: ['the keychain did not answer in time', 'look for its window, and unlock it there'],
  other: ['the keychain refused', 'look at it with its own program (seahorse, Keychain Access)'],
};

/** The error for a keychain that did not answer, in one line with the way out. */
export function keychainUnavailable(fault: KeychainFault): SecretsError {
  const [message, remedy] = SENTENCES[fault];
  return new SecretsError('KEYCHAIN_UNAVAILABLE', message, {
    hint: `${remedy}; or keep a key elsewhere: secrets key new --store file (or passphrase)`,
  });
}

/**
 * What the text of a library's error says. It is not shown itself: nobody can promise what will stand in it.
 *
 * @param text of @napi-rs/keyring, keytar or the D-Bus library below them
 */
export function keychainFaultOf(text: string): KeychainFault {
  if (/was not provided by any \.service files|ServiceUnknown|NameHasNoOwner/i.test(text))
    return 'no-service';
  if (/no result found|Object does not exist at path|no such collection/i.test(text)) return 'no-collection';
  if (/dismissed|locked|prompt/i.test(text)) return 'locked';
  if (/autolaunch|DBUS_SESSION_BUS_ADDRESS|D-?Bus|No such file|Connection refused/i.test(text))
    return 'no-bus';
  return 'other';
}
