import { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import { readSopsFile, type SopsFile } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { type Opened, open } from '../../sops/open.ts';
import type { TreeMap } from '../../sops/tree.ts';
import { unwrapWith } from '../unlock.ts';

/** The three versions of a file that is merged; `base` is `null` where both sides added it. */
export interface Sides<T> {
  readonly base: T | null;
  readonly ours: T;
  readonly theirs: T;
}

/** A version that was decrypted, its MAC verified. */
interface OpenedSide {
  readonly file: SopsFile;
  readonly dataKey: Uint8Array;
  readonly opened: Opened;
}

export interface OpenedSides {
  readonly ours: OpenedSide;
  readonly theirs: OpenedSide;
  /** What both began with; `null` where there was nothing, or none of the keys opens it. */
  readonly base: readonly TreeMap[] | null;
}

/**
 * Reads three versions without any key.
 *
 * @throws SecretsError `NOT_ENCRYPTED`, `BAD_DOCUMENT`, `BAD_METADATA`, saying of which version
 */
export async function readSides(bytes: Sides<Uint8Array>, format: FormatName): Promise<Sides<SopsFile>> {
  return {
    base: bytes.base === null ? null : await read(bytes.base, format, 'the common version'),
    ours: await read(bytes.ours, format, 'our version'),
    theirs: await read(bytes.theirs, format, 'their version'),
  };
}

/**
 * Decrypts three versions. A data key that opens one of them is tried on the others, because who reads a file may
 * have changed in between.
 *
 * @returns `null` where the identities do not open both sides
 * @throws SecretsError `BAD_CIPHERTEXT`, `MAC_MISMATCH`, saying of which version; what unlocking throws
 */
export async function openSides(files: Sides<SopsFile>, set: IdentitySet): Promise<OpenedSides | null> {
  const { base, ours, theirs } = files;
  const found = {
    base: base === null ? null : await keyOf(base, set),
    ours: await keyOf(ours, set),
    theirs: await keyOf(theirs, set),
  };
  const keys = Object.values(found).filter(key => key !== null);
  const openedOurs = openWith(ours, found.ours, keys, 'our version');
  const openedTheirs = openWith(theirs, found.theirs, keys, 'their version');
  if (openedOurs === null || openedTheirs === null) return null;
  return {
    ours: openedOurs,
    theirs: openedTheirs,
    base: base === null ? null : openedBase(base, [found.base, ...keys]),
  };
}

async function read(bytes: Uint8Array, format: FormatName, which: string): Promise<SopsFile> {
  try {
    return await readSopsFile(bytes, format);
  } catch (error) {
    throw ofVersion(error, which);
  }
}

/** A damaged stanza of one version must not hide that another version opens. */
async function keyOf(file: SopsFile, set: IdentitySet): Promise<Uint8Array | null> {
  try {
    return await unwrapWith(file, set);
  } catch (error) {
    if (error instanceof SecretsError && (error.code === 'BAD_CIPHERTEXT' || error.code === 'BAD_METADATA'))
      return null;
    throw error;
  }
}

function openWith(
  file: SopsFile,
  own: Uint8Array | null,
  others: readonly Uint8Array[],
  which: string,
): OpenedSide | null {
  if (own !== null) {
    try {
      return { file, dataKey: own, opened: open(file, own) };
    } catch (error) {
      throw ofVersion(error, which);
    }
  }
  for (const dataKey of others) {
    const opened = attempt(() => open(file, dataKey));
    if (opened !== null) return { file, dataKey, opened };
  }
  return null;
}

/** It is in the history already and nothing of it is written, so its MAC decides nothing. */
function openedBase(file: SopsFile, keys: readonly (Uint8Array | null)[]): TreeMap[] | null {
  for (const dataKey of keys) {
    const opened = dataKey === null ? null : attempt(() => open(file, dataKey, { ignoreMac: true }));
    if (opened !== null) return opened.documents;
  }
  return null;
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

function ofVersion(error: unknown, which: string): unknown {
  if (!(error instanceof SecretsError)) return error;
  const { hint, line, column, cause } = error;
  return new SecretsError(error.code, `${which}: ${error.message}`, { hint, line, column, cause });
}
