import { SecretsError } from '../errors.ts';
import { readSopsFile, type SopsFile } from './document.ts';
import type { FormatName } from './formats/format.ts';

/** What the metadata looks like in each format; they are tried in this order. */
const MARKS: readonly (readonly [FormatName, RegExp])[] = [
  ['json', /"sops"\s{0,80}:/],
  ['yaml', /^["']?sops["']?[ \t]{0,80}:/m],
  ['dotenv', /^sops_(mac|version|lastmodified)=/m],
  ['ini', /^\[sops\]/m],
];

/**
 * Reads a sops file whose name need not say its format: people tell sops the format by hand, and then it is in the
 * content alone. What the name says is tried first.
 *
 * @param byName the format that its name says; `binary` where it says none
 * @returns with the format that it has
 * @throws SecretsError as `readSopsFile` does for the format of its name
 */
export async function readAnySopsFile(bytes: Uint8Array, byName: FormatName): Promise<SopsFile> {
  try {
    return asItIs(await readSopsFile(bytes, byName));
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    for (const [format, mark] of MARKS) {
      const file = format !== byName && mark.test(text) ? await readQuietly(bytes, format) : null;
      if (file !== null) return file;
    }
    throw error;
  }
}

/** Sops keeps bytes under the one key `data`; anything else in JSON is JSON that was called otherwise. */
function asItIs(file: SopsFile): SopsFile {
  if (file.format !== 'binary') return file;
  const isData = file.documents[0]?.items.every(({ key }) => key === 'data') === true;
  return isData ? file : { ...file, format: 'json' };
}

async function readQuietly(bytes: Uint8Array, format: FormatName): Promise<SopsFile | null> {
  try {
    return await readSopsFile(bytes, format);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
