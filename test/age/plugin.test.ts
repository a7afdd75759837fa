import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { mayOpen, pluginOfIdentity, pluginOfRecipient } from '../../src/age/plugin.ts';

const names = fc.stringMatching(/^[a-z0-9+_-][a-z0-9+._-]{0,20}$/);
const data = fc.uint8Array({ minLength: 0, maxLength: 40 });

it('the name of a plugin stands in its recipients and in its identities', () => {
  fc.assert(
    fc.property(names, data, (name, bytes) => {
      expect(pluginOfRecipient(encodeBech32(`age1${name}`, bytes))).toBe(name);
      expect(pluginOfIdentity(encodeBech32(`age-plugin-${name}-`, bytes).toUpperCase())).toBe(name);
    }),
  );
});

it.each([
  'age1../../evil1qqqqqq',
  'age1a/b1qqqqqq',
  'age1.1qqqqqq',
  'age11qqqqqq',
  `age1${'x'.repeat(65)}1qq`,
])('a name that could lead elsewhere is none: %s', text => expect(pluginOfRecipient(text)).toBeNull());

it('an identity is tried on the stanzas of its own plugin, and on keys of hardware that have no plugin', () => {
  expect(mayOpen('yubikey', 'age1yubikey1qqq')).toBe(true);
  expect(mayOpen('yubikey', 'age1yubikey21qqq')).toBe(false);
  expect(mayOpen('yubikey', 'age1qqq')).toBe(false);
  expect(mayOpen('se', 'age1tag1qqq')).toBe(true);
  expect(mayOpen('se', 'ssh-ed25519 AAAA')).toBe(false);
});
