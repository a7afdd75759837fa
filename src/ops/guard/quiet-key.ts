import type { Identity } from '../../age/identity.ts';
import { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import type { SopsFile } from '../../sops/document.ts';
import type { KeyGroup } from '../../sops/metadata.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { unwrapWith } from '../unlock.ts';

/**
 * The identities of a set that open a file without asking anybody: a commit must not wait for a touch, a passphrase or
 * a keychain.
 */
export function quietIdentities(set: IdentitySet): Identity[] {
  return set.identities.filter(identity => identity.kind !== 'plugin');
}

/**
 * The data key of a file, `null` where these identities do not open it. The stanzas that name one of them are tried
 * first: a fleet has files with many readers.
 */
export async function quietDataKey(
  file: SopsFile,
  identities: readonly Identity[],
): Promise<Uint8Array | null> {
  if (identities.length === 0) return null;
  const own = new Set(
    identities.flatMap(({ recipient }) => (recipient === null ? [] : [canonicalRecipient(recipient)])),
  );
  const groups = file.metadata.groups.map(group => onlyOwn(group, own));
  const short = groups.some(group => group.age.length > 0)
    ? await attempt({ ...file, metadata: { ...file.metadata, groups } }, identities)
    : null;
  return short ?? (await attempt(file, identities));
}

function onlyOwn(group: KeyGroup, own: ReadonlySet<string>): KeyGroup {
  return { age: group.age.filter(({ recipient }) => own.has(canonicalRecipient(recipient))), others: [] };
}

/** A damaged stanza is like one for somebody else: that the file was not opened is said once for all. */
async function attempt(file: SopsFile, identities: readonly Identity[]): Promise<Uint8Array | null> {
  try {
    return await unwrapWith(file, { identities: [...identities], sources: [] });
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
