import type { IdentitySet } from '../../keys/sources.ts';

/**
 * The identities that open a file without anybody being asked: nothing in a keychain or behind a passphrase, and no
 * plugin, which may want a touch. git runs its drivers and hooks where nobody expects a question.
 */
export function quietIdentities({ identities, sources }: IdentitySet): IdentitySet {
  return { identities: identities.filter(({ kind }) => kind !== 'plugin'), sources };
}
