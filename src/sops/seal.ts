import type { SopsFile } from './document.ts';
import { encryptLeaves, type Random } from './encrypt-leaves.ts';
import type { FormatName } from './formats/format.ts';
import type { KeyGroup } from './metadata.ts';
import { lastModifiedOf } from './rfc3339.ts';
import { compileSelection, DEFAULT_SELECTION, type Selection } from './selection.ts';
import { Stash } from './stash.ts';
import type { TreeMap } from './tree.ts';
import { importDataKey } from './value.ts';

/** How a new file is encrypted. */
export interface SealOptions {
  readonly format: FormatName;
  /** 32 bytes, new for this file. */
  readonly dataKey: Uint8Array;
  /** With the data key (or its shares) wrapped already. */
  readonly groups: readonly KeyGroup[];
  readonly shamirThreshold?: number | undefined;
  /** Empty: the default. Not looked at for binary files, which are one value. */
  readonly selection: Selection;
  readonly macOnlyEncrypted: boolean;
  /** The version of sops whose format is written. */
  readonly version: string;
  readonly now: Date;
  readonly random: Random;
  /** Of an earlier state of the file under the same data key. */
  readonly stash?: Stash | undefined;
}

/**
 * Encrypts plaintext documents to a sops file. The documents are not changed.
 *
 * @throws SecretsError `BAD_METADATA` where the selection does not compile
 */
export function seal(documents: readonly TreeMap[], options: SealOptions): SopsFile {
  const { format, groups, version, shamirThreshold = 0 } = options;
  const binary = format === 'binary';
  const selection = binary ? {} : explicit(options.selection);
  const macOnlyEncrypted = !binary && options.macOnlyEncrypted;
  const lastModified = lastModifiedOf(options.now);
  const encrypted = encryptLeaves(documents, {
    selection,
    macOnlyEncrypted,
    key: importDataKey(options.dataKey),
    lastModified,
    random: options.random,
    stash: options.stash ?? new Stash(),
  });
  const threshold = groups.length > 1 && shamirThreshold === 0 ? groups.length : shamirThreshold;
  const metadata = { groups, shamirThreshold: threshold, lastModified, version, selection, macOnlyEncrypted };
  return { format, documents: encrypted.documents, metadata: { ...metadata, mac: encrypted.mac } };
}

/** New files name the default rule. */
function explicit(selection: Selection): Selection {
  compileSelection(selection);
  const empty = Object.values(selection).every(value => value === undefined || value === '');
  return empty ? DEFAULT_SELECTION : selection;
}
