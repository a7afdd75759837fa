import { scryptSync } from 'node:crypto';

/**
 * By what an allow file knows a value again. The key is public, so whoever has the repository can try values: scrypt
 * makes each try cost some milliseconds, and a short password should not be allowed by its fingerprint all the same.
 *
 * @param key of the allow file
 * @returns 32 hexadecimal digits
 */
export function fingerprintOf(key: string, rule: string, value: string): string {
  const salt = Buffer.from(`secrets-allow\0${key}\0${rule}`);
  return scryptSync(Buffer.from(value, 'utf8'), salt, 16, { N: 4096, r: 8, p: 1 }).toString('hex');
}
