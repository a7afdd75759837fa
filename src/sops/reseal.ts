import type { SopsFile } from './document.ts';
import { encryptLeaves, type Random } from './encrypt-leaves.ts';
import { lastModifiedOf } from './rfc3339.ts';
import type { Stash } from './stash.ts';
import type { TreeMap } from './tree.ts';
import { importDataKey } from './value.ts';

/** What an edited file is encrypted with. */
export interface ResealOptions {
  /** The data key that the file has. */
  readonly dataKey: Uint8Array;
  /** What opening the file gave. */
  readonly stash: Stash;
  readonly now: Date;
  readonly random: Random;
}

/**
 * Encrypts the edited documents of a file that was opened. Keys, version and selection stay; values that did
 * not change keep their ciphertext, so that only changed ones, `lastmodified` and the MAC differ.
 */
export function reseal(file: SopsFile, documents: readonly TreeMap[], options: ResealOptions): SopsFile {
  const { selection, macOnlyEncrypted } = file.metadata;
  const lastModified = lastModifiedOf(options.now);
  const encrypted = encryptLeaves(documents, {
    selection,
    macOnlyEncrypted,
    key: importDataKey(options.dataKey),
    lastModified,
    random: options.random,
    stash: options.stash,
  });
  return {
    ...file,
    documents: encrypted.documents,
    metadata: { ...file.metadata, lastModified, mac: encrypted.mac },
  };
}
