import { createHmac } from 'node:crypto';
import type { Chance } from './chance.ts';

/** A signed token as services issue them: HS256, with the usual claims. */
export function jwt(chance: Chance): string {
  const claims = {
    iss: `https://${chance.word()}.example.org`,
    sub: chance.uuid(),
    iat: 1_700_000_000 + chance.int(50_000_000),
    exp: 1_900_000_000,
    scope: 'read write',
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createHmac('sha256', Buffer.from(chance.bytes(32)))
    .update(signed)
    .digest('base64url');
  return `${signed}.${signature}`;
}
