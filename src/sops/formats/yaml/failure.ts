import { SecretsError } from '../../../errors.ts';

/** A place in the text. `line` and `column` count from 0. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * An error of the document. Says where it is, never what stands there.
 *
 * @returns `BAD_DOCUMENT` with line and column counting from 1
 */
export function badDocument(message: string, place: Place | undefined, hint?: string): SecretsError {
  const where = place === undefined ? {} : { line: place.line + 1, column: place.column + 1 };
  return new SecretsError('BAD_DOCUMENT', message, { ...where, hint });
}
