import { SecretsError } from '../../errors.ts';
import type { Secret } from '../../workspace/model.ts';

/**
 * Refuses a key inside a binary file, which is one value; what sops keeps it under is not for anybody to name.
 *
 * @throws SecretsError `BAD_OPTION`
 */
export function refuseKeyOfBinary(secret: Secret, key: string | undefined): void {
  if (key === undefined || secret.format !== 'binary') return;
  throw new SecretsError('BAD_OPTION', `${secret.address} is binary, which has no keys`, {
    hint: 'leave out --key: the file as a whole is the value',
  });
}
