import { SecretsError } from '../../errors.ts';
import { bytesOfText, textOf } from '../text.ts';
import { TreeMap } from '../tree.ts';
import type { Format } from './format.ts';
import { jsonFormat } from './json.ts';

const DATA_KEY = 'data';

/** Any bytes, as one value under `data`; the encrypted form is JSON (`stores/json`, BinaryStore). */
export const binaryFormat: Format = {
  name: 'binary',
  parsePlain: bytes => [new TreeMap([{ key: DATA_KEY, value: textOf(bytes) }])],
  parseEncrypted: jsonFormat.parseEncrypted,
  formatPlain,
  formatEncrypted: jsonFormat.formatEncrypted,
  formatValue() {
    throw new SecretsError('BAD_DOCUMENT', 'a binary file has no values to take out');
  },
  hasReservedKey: jsonFormat.hasReservedKey,
};

function formatPlain(documents: readonly TreeMap[]): Uint8Array {
  const data = documents.length === 1 ? documents[0]?.get(DATA_KEY) : undefined;
  if (typeof data === 'string' || data instanceof Uint8Array) return bytesOfText(data);
  throw new SecretsError('BAD_DOCUMENT', 'the file holds no binary data', {
    hint: 'it was probably encrypted as YAML or JSON: name its format',
  });
}
