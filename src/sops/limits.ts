import { SecretsError } from '../errors.ts';

/** How deep maps and lists may nest. Far beyond any real file, and far from the end of the call stack. */
const MAX_DEPTH = 1000;

/** @throws SecretsError `BAD_DOCUMENT` where the document nests too deeply */
export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new SecretsError('BAD_DOCUMENT', `maps and lists nest more than ${MAX_DEPTH} levels deep`);
  }
}
