import type { Redacted } from '../redacted.ts';
import type { Stanza } from './header.ts';

/** What runs the programs `age-plugin-NAME` for keys that only they know how to use. */
export interface AgePlugins {
  /**
   * Encrypts a file key.
   *
   * @param recipient `age1NAME1…`
   * @param fileKey 16 bytes
   * @throws SecretsError `PLUGIN_UNAVAILABLE`, `PROGRAM_FAILED`, `INTERRUPTED`
   */
  wrap(recipient: string, fileKey: Uint8Array): Promise<Stanza[]>;
  /**
   * Decrypts a file key; may wait for a touch or a PIN.
   *
   * @param identity `AGE-PLUGIN-NAME-1…`
   * @returns 16 bytes, `null` where the stanzas are for somebody else
   * @throws SecretsError as {@link AgePlugins.wrap}
   */
  unwrap(identity: Redacted<string>, stanzas: readonly Stanza[]): Promise<Uint8Array | null>;
}

/** Names that age gives to plugins; nothing in them can leave a folder. */
const NAME = /^[a-z0-9+_-][a-z0-9+._-]{0,63}$/;

/** The plugin of `age1NAME1…`, a checked recipient; `null` where it is of another kind. */
export function pluginOfRecipient(recipient: string): string | null {
  return checked(recipient.slice('age1'.length, Math.max('age1'.length, recipient.lastIndexOf('1'))));
}

/** The plugin of `AGE-PLUGIN-NAME-1…`, a checked identity; `null` where the name is none. */
export function pluginOfIdentity(identity: string): string | null {
  const end = identity.lastIndexOf('-1');
  return checked(identity.slice('AGE-PLUGIN-'.length, Math.max('AGE-PLUGIN-'.length, end)).toLowerCase());
}

/**
 * True where an identity of a plugin may open what is encrypted to a recipient: the plugin's own, and hardware
 * keys whose public half works without it. Others are never tried, because each try may ask for a touch.
 */
export function mayOpen(plugin: string, recipient: string): boolean {
  return recipient.startsWith(`age1${plugin}1`) || /^age1tag(pq)?1/.test(recipient);
}

function checked(name: string): string | null {
  return NAME.test(name) ? name : null;
}
