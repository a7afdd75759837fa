import { describe, expect, it } from 'vitest';
import { readAnySopsFile } from '../../src/sops/read-any.ts';
import { expectLinear } from '../helpers/linear.ts';

const METADATA = {
  mac: 'x',
  version: '3.9.0',
  lastmodified: '2024-01-02T03:04:05Z',
  age: [{ recipient: 'age1x', enc: '' }],
};
const FIELDS =
  'mac: x\n    version: 3.9.0\n    lastmodified: "2024-01-02T03:04:05Z"\n    age:\n        - recipient: age1x\n          enc: ""\n';
const FLAT =
  'sops_mac=x\nsops_version=3.9.0\nsops_lastmodified=2024-01-02T03:04:05Z\nsops_age__list_0__map_recipient=age1x\nsops_age__list_0__map_enc=\n';

const json = (value: object) => JSON.stringify({ ...value, sops: METADATA });

async function formatOf(text: string, byName: Parameters<typeof readAnySopsFile>[1]): Promise<string> {
  return (await readAnySopsFile(Buffer.from(text), byName)).format;
}

describe('a sops file whose name says little', () => {
  it.each([
    ['binary', json({ data: 'ENC[]' }), 'binary'],
    ['binary', json({ token: 'ENC[]' }), 'json'],
    ['binary', json({ data: 'ENC[]', more: 'ENC[]' }), 'json'],
    ['binary', `a: ENC[]\nsops:\n    ${FIELDS}`, 'yaml'],
    ['binary', `A=ENC[]\n${FLAT}`, 'dotenv'],
    [
      'binary',
      `[a]\nb = ENC[]\n\n[sops]\nmac = x\nversion = 3.9.0\nlastmodified = 2024-01-02T03:04:05Z\nage__list_0__map_recipient = age1x\nage__list_0__map_enc =\n`,
      'ini',
    ],
    ['yaml', json({ token: 'ENC[]' }), 'yaml'],
    ['json', `a: ENC[]\nsops:\n    ${FIELDS}`, 'yaml'],
    ['dotenv', `a: ENC[]\nsops:\n    ${FIELDS}`, 'yaml'],
  ] as const)('is read by its content: %s', async (byName, text, format) => {
    expect(await formatOf(text, byName)).toBe(format);
  });

  it.each([
    ['binary', 'sops: a word of nothing\n', 'BAD_DOCUMENT'],
    ['yaml', 'a: b\n', 'NOT_ENCRYPTED'],
    ['json', '{"a": "sops"}', 'NOT_ENCRYPTED'],
  ] as const)('is none, and says what its name would: %s %j', async (byName, text, code) => {
    await expect(formatOf(text, byName)).rejects.toMatchObject({ code });
  });

  it('takes time in proportion to its size', async () => {
    for (const part of ['"sops" ', 'sops ', '\nsops', '[sops\n', 'sops_mac', '\n"sops"     '])
      await expectLinear(200_000, size => formatOf(part.repeat(size), 'binary').catch(() => undefined));
  });
});
