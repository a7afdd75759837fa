import { SecretsError } from '../errors.ts';
import { readSopsFile, type SopsFile, writeSopsFile } from '../sops/document.ts';
import { open } from '../sops/open.ts';

/**
 * The bytes of a file that was just encrypted, read back and decrypted. That each value opens in its place and
 * that the MAC over all of them holds says that the bytes give what was encrypted.
 *
 * @throws SecretsError `INTERNAL` where they do not; nothing was written then
 */
export async function writeSealed(file: SopsFile, dataKey: Uint8Array): Promise<Uint8Array> {
  const bytes = await writeSopsFile(file);
  try {
    open(await readSopsFile(bytes, file.format), dataKey);
  } catch (cause) {
    throw new SecretsError('INTERNAL', 'what was encrypted does not decrypt again; nothing was written', {
      cause,
    });
  }
  return bytes;
}
