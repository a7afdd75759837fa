import type { TreeMap, Value } from '../tree.ts';

/** The five file formats of sops, by the names of `--input-type`. */
export type FormatName = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary';

/** What an encrypted file holds: its documents without metadata, and the metadata block, not yet interpreted. */
export interface EncryptedText {
  /** One per YAML document; exactly one in every other format. */
  readonly documents: TreeMap[];
  /** The `sops` block in nested form, also where the file format flattens it. */
  readonly metadata: TreeMap;
}

/** How output is laid out. `undefined` means the default of the format. */
export interface Layout {
  /** Spaces per level; YAML defaults to 4, JSON to one tab (-1). */
  readonly indent?: number | undefined;
}

/** How a sops file is read. */
export interface ReadOptions {
  /**
   * True to take comments for where stock sops takes them to be when it decrypts. Without it they are where the
   * writer of the file had them, so that writing the file again gives its bytes. These differ for YAML comments
   * in lists of lists, which stock sops moves, or loses, each time it writes them.
   */
  readonly asStock?: boolean;
}

/**
 * One file format: text to tree and back. All methods are pure; they throw `SecretsError` with
 * `BAD_DOCUMENT` (it does not parse), `BAD_METADATA` or `NOT_ENCRYPTED` (no `sops` block), with a line
 * where one is known, and never put a value into a message.
 */
export interface Format {
  readonly name: FormatName;
  /** Reads plaintext. */
  parsePlain(bytes: Uint8Array): TreeMap[];
  /** Reads a sops file; values stay `ENC[…]` strings. */
  parseEncrypted(bytes: Uint8Array, options?: ReadOptions): EncryptedText;
  /** Writes plaintext as `sops decrypt` prints it. */
  formatPlain(documents: readonly TreeMap[], layout?: Layout): Uint8Array;
  /** Writes a sops file, byte for byte as sops 3.13 would. `metadata` is in nested form. */
  formatEncrypted(file: EncryptedText, layout?: Layout): Uint8Array;
  /** Writes one value that is neither text nor a map, as `sops decrypt --extract` prints it. */
  formatValue(value: Value | null): Uint8Array;
  /** True where plaintext holds a key that is reserved for the metadata (`sops`, in dotenv `sops_…`). */
  hasReservedKey(document: TreeMap): boolean;
}
