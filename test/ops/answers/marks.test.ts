import { describe, expect, it } from 'vitest';
import { fileMarks, valueMarksIn } from '../../../src/ops/answers/marks.ts';
import { expectLinear } from '../../helpers/linear.ts';

const value = (nonce: string, tag = 'dGFn') => `ENC[AES256_GCM,data:AAAA,iv:${nonce},tag:${tag},type:str]`;

describe('the marks of a file', () => {
  it('are its ciphertexts, each with the key that it stands under', async () => {
    const text = `a:\n    b: ${value('bm9uY2U=')}\n    c: ""\nsops:\n    mac: ${value('bWFj')}\n    version: 3.9.0\n    lastmodified: "2024-01-02T03:04:05Z"\n    age:\n        - recipient: age1x\n          enc: ""\n`;
    expect(await fileMarks('f.yaml', Buffer.from(text))).toEqual({
      format: 'yaml',
      leaves: [
        { key: 'a/b', mark: 'bm9uY2U=,dGFn' },
        { key: 'a/c', mark: null },
      ],
      recipients: ['age1x'],
    });
    expect(await valueMarksIn(Buffer.from(text))).toEqual(new Set(['bm9uY2U=,dGFn', 'bWFj,dGFn']));
  });

  it('are none of what is no sops file', async () => {
    expect(await fileMarks('f.yaml', Buffer.from('a: b\n'))).toBeNull();
    expect(await fileMarks('f.yaml', Buffer.from('sops: [\n'))).toBeNull();
  });

  it('are found in time that grows with the text', async () => {
    const parts = [
      'ENC[AES256_GCM,data:',
      'ENC[AES256_GCM,data:A,iv:',
      `${value('bm9u').slice(0, -1)}x`,
      'ENC[',
    ];
    for (const part of parts)
      await expectLinear(200_000, size => valueMarksIn(Buffer.from(part.repeat(size))));
  });
});
