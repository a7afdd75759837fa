import { SecretsError } from '../errors.ts';

/** The age file around a data key does not follow the grammar; `what` holds nothing of its content. */
export function malformed(what: string): SecretsError {
  return new SecretsError('BAD_METADATA', `the encrypted data key is no age file: ${what}`);
}

/** The grammar holds, but something was changed or damaged. */
export function tampered(what: string): SecretsError {
  return new SecretsError('BAD_CIPHERTEXT', `the encrypted data key was changed or damaged: ${what}`);
}
