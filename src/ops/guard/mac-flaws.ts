import { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import type { SopsFile } from '../../sops/document.ts';
import { open } from '../../sops/open.ts';
import { inTurns } from './in-turns.ts';
import { quietDataKey, quietIdentities } from './quiet-key.ts';
import type { ManagedText } from './read-managed.ts';
import type { Flaw } from './snapshot.ts';

const AT_ONCE = 8;

/** A file whose values look right without a key. */
export interface Unproven {
  readonly file: string;
  readonly text: ManagedText;
}

/** What the keys at hand showed. */
export interface MacReport {
  readonly flaws: readonly { readonly file: string; readonly flaw: Flaw }[];
  /** One line for people where some files could not be opened, else `null`. */
  readonly note: string | null;
}

/** Decrypts files and compares their MACs, as far as identities open them without asking. */
export async function macFlaws(
  files: readonly Unproven[],
  identities: () => Promise<IdentitySet>,
): Promise<MacReport> {
  if (files.length === 0) return { flaws: [], note: null };
  const quiet = quietIdentities(await identities());
  if (quiet.length === 0)
    return { flaws: [], note: noteFor(files.length, 'no identity opens them without asking') };
  let unopened = 0;
  const found = await inTurns(files, AT_ONCE, async ({ file, text }) => {
    const sops: SopsFile = { format: text.format, documents: text.documents, metadata: text.metadata };
    const dataKey = await quietDataKey(sops, quiet);
    if (dataKey === null) unopened++;
    const flaw = dataKey === null ? null : macFlaw(sops, dataKey);
    return flaw === null ? [] : [{ file, flaw }];
  });
  const note = unopened === 0 ? null : noteFor(unopened, 'none of your identities opens them without asking');
  return { flaws: found.flat(), note };
}

function noteFor(count: number, why: string): string {
  return `the MAC of ${count === 1 ? '1 managed file' : `${count} managed files`} was not checked: ${why}`;
}

function macFlaw(file: SopsFile, dataKey: Uint8Array): Flaw | null {
  try {
    open(file, dataKey);
    return null;
  } catch (error) {
    if (error instanceof SecretsError) return { rule: 'managed-mac', message: error.message };
    throw error;
  }
}
