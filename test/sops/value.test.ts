import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEncryptedValue } from '../../src/sops/encrypted-text.ts';
import { Mac } from '../../src/sops/mac.ts';
import { plainBytes, typeTag } from '../../src/sops/plaintext.ts';
import { Comment, Float, type Scalar, Time } from '../../src/sops/tree.ts';
import { aadOf, decryptValue, encryptValue, importDataKey } from '../../src/sops/value.ts';
import { codeOf, scalars } from '../helpers/sops-trees.ts';

const vectors = JSON.parse(readFileSync(new URL('../vectors/sops-values.json', import.meta.url), 'utf8'));
const key = importDataKey(Buffer.from(vectors.key, 'hex'));
const iv = Buffer.from(vectors.iv, 'hex');

function leafOf(type: string, plain: string): Scalar | Comment {
  if (type === 'int') return BigInt(plain);
  if (type === 'bool') return plain.toLowerCase() === 'true';
  return type === 'comment' ? new Comment(plain) : plain;
}

/** A ciphertext of any bytes under any type tag, with an IV of any length. */
function forge(plain: string, type: string, options: { iv?: Uint8Array; aad?: string } = {}): string {
  const nonce = options.iv ?? iv;
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(options.aad ?? 'a:'));
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
  const tag = cipher.getAuthTag().toString('base64');
  return `ENC[AES256_GCM,data:${data},iv:${Buffer.from(nonce).toString('base64')},tag:${tag},type:${type}]`;
}

const read = (text: string) => decryptValue(text, 'a:', key).value;

describe('values', () => {
  for (const { type, plain, aad, text } of vectors.values) {
    it(`encrypts and decrypts the vector of type ${type}`, () => {
      const leaf = leafOf(type, plain);
      expect(encryptValue(leaf, aad, key, iv)).toBe(text);
      expect(decryptValue(text, aad, key)).toEqual({ value: leaf, iv });
    });
  }

  it('decrypts the vector of sops itself', () => {
    const { text, aad, plain } = vectors.upstream;
    expect(decryptValue(text, aad, importDataKey(Buffer.alloc(32, 'f'))).value).toBe(plain);
  });

  it('leaves empty text empty, both ways', () => {
    for (const empty of ['', new Uint8Array(), new Comment('')])
      expect(encryptValue(empty, 'a:', key, iv)).toBe('');
    expect(decryptValue('', 'a:', key)).toEqual({ value: '', iv: null });
  });

  it('reads back every scalar as it was', () => {
    fc.assert(
      fc.property(scalars(), fc.array(fc.string()), (value, path) => {
        const text = encryptValue(value, aadOf(path), key, iv);
        expect(decryptValue(text, aadOf(path), key).value).toEqual(value);
        expect(text === '' || isEncryptedValue(text)).toBe(true);
      }),
    );
  });

  it('accepts IVs of other lengths, and text behind the bracket', () => {
    for (const length of [1, 8, 12, 16, 31, 33, 128]) {
      expect(read(forge('x', 'str', { iv: Buffer.alloc(length, 7) }))).toBe('x');
    }
    expect(read(`${forge('true', 'bool')} trailing`)).toBe(true);
  });

  it('reads what Go reads for each type', () => {
    const cases: readonly (readonly [string, string, unknown])[] = [
      ['+007', 'int', 7n],
      ['-9223372036854775808', 'int', -(2n ** 63n)],
      ['1e3', 'float', new Float(1000)],
      ['+Inf', 'float', new Float(Number.POSITIVE_INFINITY)],
      ['-infinity', 'float', new Float(Number.NEGATIVE_INFINITY)],
      ['nan', 'float', new Float(Number.NaN)],
      ['T', 'bool', true],
      ['FALSE', 'bool', false],
      ['2024-02-29T23:59:59.1200+00:00', 'time', new Time('2024-02-29T23:59:59.12Z')],
      ['2024-01-01T00:00:00+05:30', 'time', new Time('2024-01-01T00:00:00+05:30')],
    ];
    for (const [plain, type, value] of cases)
      expect(read(forge(plain, type)), `${type} ${plain}`).toEqual(value);
  });

  it('refuses what does not fit its type', () => {
    const cases = [
      ['12x', 'int'],
      ['9223372036854775808', 'int'],
      ['', 'int'],
      ['1_0', 'float'],
      ['1e999', 'float'],
      ['yes', 'bool'],
      ['2023-02-29T00:00:00Z', 'time'],
      ['2023-01-01', 'time'],
      ['x', 'bytes'],
      ['x', 'unknown'],
      ['x', 'STR'],
      ['x', 'str] more'],
    ] as const;
    for (const [plain, type] of cases) {
      if (plain !== '')
        expect(
          codeOf(() => read(forge(plain, type))),
          `${type} ${plain}`,
        ).toBe('BAD_CIPHERTEXT');
    }
  });

  it('prints floats without exponent, as the MAC needs them', () => {
    const cases: readonly (readonly [number, string])[] = [
      [1e21, '1000000000000000000000'],
      [1e-7, '0.0000001'],
      [1, '1'],
      [-0, '-0'],
      [0.1, '0.1'],
      [-1234.5678, '-1234.5678'],
      [Number.POSITIVE_INFINITY, '+Inf'],
      [Number.NEGATIVE_INFINITY, '-Inf'],
      [Number.NaN, 'NaN'],
      [5e-324, `0.${'0'.repeat(323)}5`],
    ];
    for (const [value, text] of cases)
      expect(Buffer.from(plainBytes(new Float(value))).toString()).toBe(text);
  });
});

describe('tampering with one value', () => {
  const value = 'a secret of some length';
  const text = encryptValue(value, 'a:', key, iv);

  it('finds every flipped bit of data, IV and tag', () => {
    const parts = /^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:str\]$/.exec(text)?.slice(1) ?? [];
    expect(parts).toHaveLength(3);
    for (const part of parts) {
      const bytes = Buffer.from(part, 'base64');
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const tampered = text.replace(part, changed.toString('base64'));
        expect(
          codeOf(() => read(tampered)),
          `bit ${bit} of ${part}`,
        ).toBe('BAD_CIPHERTEXT');
      }
    }
  });

  it('finds a short tag, which Node accepts where nobody says the length', () => {
    const tag = /tag:([^,]+)/.exec(text)?.[1] ?? '';
    for (const length of [0, 1, 4, 8, 12, 15, 17]) {
      const other = Buffer.concat([Buffer.from(tag, 'base64'), Buffer.alloc(1)]).subarray(0, length);
      expect(codeOf(() => read(text.replace(tag, other.toString('base64'))))).toBe('BAD_CIPHERTEXT');
    }
  });

  it('finds another key, another path and another file', () => {
    expect(codeOf(() => decryptValue(text, 'b:', key))).toBe('BAD_CIPHERTEXT');
    expect(codeOf(() => decryptValue(text, 'a', key))).toBe('BAD_CIPHERTEXT');
    expect(codeOf(() => decryptValue(text, 'a:', importDataKey(Buffer.alloc(32, 1))))).toBe('BAD_CIPHERTEXT');
  });

  it('takes only canonical base64', () => {
    // 23 bytes of data end in one =, 32 of the IV in one =, 16 of the tag in two.
    const tag = /tag:([^,]+)==/.exec(text)?.[1] ?? '';
    const last = tag.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const sibling = alphabet[alphabet.indexOf(last) + 1] ?? '';
    const spellings = [
      `${tag}=`,
      tag,
      `${tag}===`,
      `${tag.slice(0, -1)}${sibling}==`,
      ` ${tag}==`,
      `${tag}==\r`,
      `${tag.replaceAll('/', '_').replaceAll('+', '-')}= =`,
    ];
    for (const spelling of spellings) {
      expect(
        codeOf(() => read(text.replace(`${tag}==`, spelling))),
        spelling,
      ).toBe('BAD_CIPHERTEXT');
    }
  });

  it('takes only the shape that sops writes', () => {
    const broken = [
      'hello',
      ` ${text}`,
      text.slice(0, -1),
      text.replace('ENC[', 'enc['),
      text.replace('AES256_GCM', 'AES128_GCM'),
      text.replace('data:', 'dat:'),
      text.replace(/iv:[^,]+,/, ''),
      text.replace(/data:[^,]+/, 'data:'),
      text.replace('type:str', 'type:'),
      text.replace(',type', ',\ntype'),
      `${text} ]`,
      'ENC[AES256_GCM,]',
      `ENC[AES256_GCM,${'data:,iv:,tag:,type:'.repeat(50_000)}`,
    ];
    for (const candidate of broken) {
      expect(
        codeOf(() => read(candidate)),
        candidate.slice(0, 80),
      ).toBe('BAD_CIPHERTEXT');
      expect(isEncryptedValue(candidate)).toBe(false);
    }
    expect(isEncryptedValue(`${text} plaintext behind it`)).toBe(false);
    expect(isEncryptedValue(text)).toBe(true);
  });

  it('never puts plaintext, ciphertext or key into the message', () => {
    for (const candidate of [
      'hunter2 in clear',
      text.replace('type:str', 'type:int'),
      text.replace('data:', 'data:A'),
    ]) {
      try {
        read(candidate);
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toMatch(/hunter2|a secret|data:[A-Za-z0-9]/);
      }
    }
  });

  it('refuses data keys that are not 32 bytes long', () => {
    for (const length of [0, 16, 24, 31, 33]) {
      expect(codeOf(() => importDataKey(new Uint8Array(length)))).toBe('BAD_CIPHERTEXT');
    }
  });
});

describe('the MAC', () => {
  for (const { leaves, onlyEncrypted, mac } of vectors.macs) {
    it(`over ${leaves.length} leaves${onlyEncrypted ? ', only encrypted ones' : ''}`, () => {
      const running = new Mac(onlyEncrypted);
      for (const leaf of leaves) {
        const [type, plain] = leaf.split(':');
        const value = leafOf(type, plain);
        if (value instanceof Comment) expect.unreachable();
        else running.add(value, true);
      }
      expect(running.finish()).toBe(mac);
    });
  }

  it('leaves out what is not selected only where it is told to', () => {
    const macs = [true, false].map(onlyEncrypted => {
      const mac = new Mac(onlyEncrypted);
      mac.add('clear', false);
      return mac.finish();
    });
    expect(macs[0]).toBe(vectors.macs[1].mac);
    expect(macs[1]).not.toBe(vectors.macs[0].mac);
  });

  it('gives each kind of leaf the tag of sops', () => {
    const leaves = [
      'x',
      new Uint8Array([255]),
      1n,
      true,
      new Float(1),
      new Time('2024-01-01T00:00:00Z'),
      new Comment('x'),
    ];
    expect(leaves.map(typeTag)).toEqual(['str', 'str', 'int', 'bool', 'float', 'time', 'comment']);
  });
});
