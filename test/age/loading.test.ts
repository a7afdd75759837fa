import { randomBytes } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { unwrapDataKey, wrapDataKey } from '../../src/age/data-key.ts';
import { parseIdentity, recipientOfIdentity } from '../../src/age/identity.ts';
import { freshKey } from './keys.ts';

const loaded = vi.hoisted(() => ({ times: 0 }));

vi.mock('age-encryption', async importOriginal => {
  loaded.times++;
  return importOriginal();
});

it('loads the post-quantum library for nothing but post-quantum keys', async () => {
  const { identity, recipient } = freshKey();
  const hybrid = parseIdentity(encodeBech32('age-secret-key-pq-', randomBytes(32)).toUpperCase());
  const dataKey = new Uint8Array(randomBytes(32));
  const wrapped = await wrapDataKey(dataKey, recipient);
  expect(await unwrapDataKey(wrapped, [hybrid, identity])).toEqual(dataKey);
  expect(loaded.times).toBe(0);

  expect(await recipientOfIdentity(hybrid)).toMatch(/^age1pq1/);
  expect(loaded.times).toBe(1);
});
