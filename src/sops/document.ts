import type { FormatName, Layout, ReadOptions } from './formats/format.ts';
import { loadFormat } from './formats/index.ts';
import { refuseEndlessMetadata } from './limits.ts';
import { formatMetadata, type Metadata, parseMetadata } from './metadata.ts';
import type { TreeMap } from './tree.ts';

export { loadFormat };

/** A sops file, its values still encrypted. */
export interface SopsFile {
  readonly format: FormatName;
  /** Without metadata; one per YAML document, exactly one in every other format. */
  readonly documents: readonly TreeMap[];
  readonly metadata: Metadata;
}

/**
 * Reads a sops file without any key.
 *
 * @param options - how comments are taken; by default as they were written
 * @throws SecretsError `BAD_DOCUMENT` (it does not parse), `NOT_ENCRYPTED` (no `sops` block), `BAD_METADATA`
 */
export async function readSopsFile(
  bytes: Uint8Array,
  format: FormatName,
  options: ReadOptions = {},
): Promise<SopsFile> {
  refuseEndlessMetadata(bytes);
  const { documents, metadata } = (await loadFormat(format)).parseEncrypted(bytes, options);
  return { format, documents, metadata: parseMetadata(metadata) };
}

/**
 * The bytes of a sops file, as sops 3.13 would write them.
 *
 * @throws SecretsError `ALREADY_ENCRYPTED` (a key that is reserved for the metadata), `BAD_DOCUMENT` (something
 * that the format cannot hold)
 */
export async function writeSopsFile(file: SopsFile, layout?: Layout): Promise<Uint8Array> {
  const format = await loadFormat(file.format);
  return format.formatEncrypted(
    { documents: [...file.documents], metadata: formatMetadata(file.metadata) },
    layout,
  );
}
