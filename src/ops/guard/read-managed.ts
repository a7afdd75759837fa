import { SecretsError } from '../../errors.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { loadFormat } from '../../sops/formats/index.ts';
import { takeMetadata } from '../../sops/formats/metadata-place.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { refuseEndlessMetadata } from '../../sops/limits.ts';
import { type Metadata, parseMetadata } from '../../sops/metadata.ts';
import type { TreeMap } from '../../sops/tree.ts';

/** A sops file as it stands, read without a key. */
export interface ManagedText {
  /** By the extension; where that means binary, by what the file is. */
  readonly format: FormatName;
  /** Without a byte order mark, where the format knows none. */
  readonly bytes: Uint8Array;
  /** Without metadata. */
  readonly documents: readonly TreeMap[];
  /** The `sops` blocks in nested form; YAML may have one for each document. */
  readonly blocks: readonly TreeMap[];
  readonly metadata: Metadata;
}

/** What the metadata looks like in the formats that a file without a known extension may have. */
const MARKS: readonly (readonly [FormatName, RegExp])[] = [
  ['dotenv', /^sops_(mac|version|lastmodified)=/m],
  ['ini', /^\[sops\]/m],
  ['yaml', /^sops:/m],
];
const BOM = [0xef, 0xbb, 0xbf];

/**
 * Reads a file that should be a sops file. By its name alone a file without a known extension is binary; people also
 * tell sops the format by hand (`.env.production`), so that its metadata decides there.
 *
 * @throws SecretsError `NOT_ENCRYPTED`, `BAD_METADATA`, `BAD_DOCUMENT`
 */
export async function readManaged(path: string, given: Uint8Array): Promise<ManagedText> {
  const byName = formatOfPath(path);
  refuseEndlessMetadata(given);
  const bytes = byName === 'json' || byName === 'binary' ? withoutBom(given) : given;
  try {
    return await readAs(byName, bytes);
  } catch (error) {
    const other = byName === 'binary' && error instanceof SecretsError ? formatByMarks(given) : null;
    if (other === null) throw error;
    return readAs(other, given);
  }
}

/** The trees of a file that holds no metadata; `null` where it does not parse. */
export async function readPlain(path: string, bytes: Uint8Array): Promise<TreeMap[] | null> {
  try {
    return (await loadFormat(formatOfPath(path))).parsePlain(bytes);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

async function readAs(format: FormatName, bytes: Uint8Array): Promise<ManagedText> {
  if (format === 'yaml') {
    const { readYaml } = await import('../../sops/formats/yaml/read.ts');
    const trees = readYaml(bytes, { asWritten: true });
    const { documents, metadata } = takeMetadata(trees);
    const others = trees.slice(1).flatMap(tree => tree.items.filter(({ key }) => key === 'sops'));
    const blocks = [metadata, ...others.flatMap(({ value }) => (isMap(value) ? [value] : []))];
    if (blocks.length !== others.length + 1)
      throw new SecretsError('BAD_METADATA', 'the sops entry of a document is not a map');
    return { format, bytes, documents, blocks, metadata: parseMetadata(metadata) };
  }
  const { documents, metadata } = (await loadFormat(format)).parseEncrypted(bytes);
  const isData = format === 'json' || documents[0]?.items.every(({ key }) => key === 'data') === true;
  const known = format === 'binary' && !isData ? 'json' : format;
  return { format: known, bytes, documents, blocks: [metadata], metadata: parseMetadata(metadata) };
}

function isMap(value: unknown): value is TreeMap {
  return typeof value === 'object' && value !== null && 'items' in value;
}

function formatByMarks(bytes: Uint8Array): FormatName | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return MARKS.find(([, mark]) => mark.test(text))?.[0] ?? null;
}

function withoutBom(bytes: Uint8Array): Uint8Array {
  return BOM.every((byte, index) => bytes[index] === byte) ? bytes.subarray(BOM.length) : bytes;
}
