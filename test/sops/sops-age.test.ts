import { decryptSops } from 'sops-age';
import { beforeAll, describe, expect, it } from 'vitest';
import { newTestKey, type TestKey } from '../helpers/age.ts';
import { encryptHere } from '../helpers/round-trip.ts';

const RULES = { selection: {}, macOnlyEncrypted: false };

/**
 * An independent reader of what we write. It checks no MAC and knows only part of the format, so it is asked
 * for plain texts, numbers it can hold, maps and lists alone.
 */
describe('the npm package sops-age reads what we write', () => {
  let key: TestKey;
  beforeAll(async () => {
    key = await newTestKey();
  });

  it('as JSON', async () => {
    const document = {
      a: 'one',
      nested: { list: ['x', 'y', { deep: 'é😀' }], empty: '' },
      n: 42,
      f: 1.5,
      yes: true,
      no: false,
      clear_unencrypted: 'c',
    };
    const file = await encryptHere(Buffer.from(JSON.stringify(document)), 'json', RULES, key.recipient);
    expect(
      await decryptSops(Buffer.from(file).toString(), { secretKey: key.identity, fileType: 'json' }),
    ).toEqual(document);
  });

  it('as YAML', async () => {
    const text = 'a: one\nnested:\n  list: [x, "1", {deep: é}]\nlines: |\n  first\n  second\n';
    const file = await encryptHere(Buffer.from(text), 'yaml', RULES, key.recipient);
    expect(
      await decryptSops(Buffer.from(file).toString(), { secretKey: key.identity, fileType: 'yaml' }),
    ).toEqual({
      a: 'one',
      nested: { list: ['x', '1', { deep: 'é' }] },
      lines: 'first\nsecond\n',
    });
  });

  it('as dotenv', async () => {
    const file = await encryptHere(
      Buffer.from('TOKEN=a b c\nURL=https://example.org/?x=y\n'),
      'dotenv',
      RULES,
      key.recipient,
    );
    expect(
      await decryptSops(Buffer.from(file).toString(), { secretKey: key.identity, fileType: 'env' }),
    ).toEqual({
      TOKEN: 'a b c',
      URL: 'https://example.org/?x=y',
    });
  });
});
