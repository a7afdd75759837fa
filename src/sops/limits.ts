import { SecretsError } from '../errors.ts';

/**
 * How deep maps and lists may nest: far beyond any real file, and at less than two thirds of what the call stack
 * of Node bears in the worst case (YAML in brackets, code not yet optimised).
 */
const MAX_DEPTH = 400;

/** @throws SecretsError `BAD_DOCUMENT` where the document nests too deeply */
export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new SecretsError('BAD_DOCUMENT', `maps and lists nest more than ${MAX_DEPTH} levels deep`);
  }
}

/** Each key of a file brings an `enc`; the files with the most readers have some fifty. */
const MOST_MENTIONS = 50_000;
const ENTRY_MARK = Buffer.from('enc');

/**
 * Refuses a file whose metadata is as long as nobody's, before its parts are taken into memory; linear, by the bytes
 * alone. In the base64 of encrypted values the three letters stand once in a quarter of a million.
 *
 * @throws SecretsError `BAD_METADATA`
 */
export function refuseEndlessMetadata(bytes: Uint8Array): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let mentions = 0;
  for (let at = text.indexOf(ENTRY_MARK); at >= 0; at = text.indexOf(ENTRY_MARK, at + 1)) mentions++;
  if (mentions > MOST_MENTIONS)
    throw new SecretsError('BAD_METADATA', 'the sops metadata lists more keys than any file has');
}
