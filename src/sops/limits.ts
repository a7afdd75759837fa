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
