import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHeader, parseHeader, verifyHeader } from '../../src/age/header.ts';
import { failure } from './no-leak.ts';

const fileKey = new Uint8Array(16).fill(3);
const body = new Uint8Array(32).fill(5);
const header = Buffer.from(formatHeader([{ args: ['X25519', 'share'], body }], fileKey)).toString('latin1');
const parse = (text: string) => parseHeader(Buffer.from(text, 'latin1'));
const wrapped = 'BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU';
const stanza = `-> X25519 share\n${wrapped}\n`;
const mac = header.slice(header.indexOf('--- '));
const start = 'age-encryption.org/v1\n';

const arg = fc.stringMatching(/^[\x21-\x7e]{1,20}$/);
const stanzas = fc.array(
  fc.record({ args: fc.array(arg, { minLength: 1, maxLength: 4 }), body: fc.uint8Array({ maxLength: 150 }) }),
  { minLength: 1, maxLength: 4 },
);

describe('the header of an age file', () => {
  it('is what the specification shows', () => {
    expect(header).toBe(`${start}${stanza}${mac}`);
    expect(mac).toMatch(/^--- [A-Za-z0-9+/]{43}\n$/);
  });

  it('comes back with its payload, and its MAC fits its key alone', () => {
    fc.assert(
      fc.property(stanzas, fc.uint8Array({ maxLength: 60 }), (list, payload) => {
        const given = list.map(({ args, body: bytes }) => ({
          args: args as [string, ...string[]],
          body: bytes,
        }));
        fc.pre(given.length === 1 || given.every(({ args }) => args[0] !== 'scrypt'));
        const parsed = parseHeader(Buffer.concat([formatHeader(given, fileKey), payload]));
        expect(
          parsed.stanzas.map(({ args, body: bytes }) => ({ args, body: new Uint8Array(bytes) })),
        ).toEqual(given);
        expect(new Uint8Array(parsed.payload)).toEqual(payload);
        verifyHeader(parsed, fileKey);
        expect(failure(() => verifyHeader(parsed, new Uint8Array(16))).code).toBe('BAD_CIPHERTEXT');
      }),
    );
  });

  it('ends the body of 48 bytes with an empty line', () => {
    const text = Buffer.from(formatHeader([{ args: ['x'], body: new Uint8Array(48) }], fileKey)).toString();
    expect(text).toContain(`-> x\n${'A'.repeat(64)}\n\n--- `);
    expect(parse(text).stanzas[0]?.body).toHaveLength(48);
    expect(parse(`${start}-> x\n\n${mac}`).stanzas[0]?.body).toHaveLength(0);
  });

  it.each([
    ['', 'nothing'],
    ['age-encryption.org/v2\n', 'another version'],
    [header.replace('\n', '\r\n'), 'CRLF'],
    [start + mac, 'no recipient'],
    [`${start}${stanza}`, 'no MAC'],
    [`${start}${stanza}---\n`, 'an empty MAC'],
    [`${start}${stanza}${mac.slice(0, -1)}`, 'no newline behind the MAC'],
    [`${start}${stanza}${mac.replace('--- ', '---')}`, 'no blank before the MAC'],
    [`${start}${stanza}${mac.replace('--- ', '---  ')}`, 'two blanks before the MAC'],
    [`${start}${stanza}${mac.replace('\n', ' \n')}`, 'a blank behind the MAC'],
    [`${start}${stanza}${mac.replace('\n', '=\n')}`, 'a padded MAC'],
    [`${start}${stanza}${mac.slice(0, 20)}\n`, 'a short MAC'],
    [`${start}${stanza}--- ${'/'.repeat(43)}\n`, 'spare bits in the MAC'],
    [header.replace('-> X', '->  X'), 'two blanks in a recipient'],
    [header.replace('-> X', '->X'), 'no blank in a recipient'],
    [header.replace('share', 'share '), 'a blank behind the arguments'],
    [header.replace('share', 'sh\tare'), 'a tab in an argument'],
    [header.replace('share', 'sh\u00e4re'), 'a letter that is not ASCII'],
    [header.replace('share', 'sh\u0000re'), 'a NUL'],
    [header.replace('-> X25519 share', '-> '), 'no arguments'],
    [header.replace('-> X25519 share', '->'), 'no arguments and no blank'],
    [header.replace(wrapped, `${wrapped}=`), 'padded base64'],
    [header.replace(wrapped, `${wrapped.slice(0, -1)}V`), 'spare bits'],
    [
      header.replace(wrapped, `${wrapped.slice(0, 20)}\n${wrapped.slice(20)}`),
      'a short line before the last',
    ],
    [header.replace(wrapped, 'A'.repeat(68)), 'a long line'],
    [header.replace(wrapped, 'A'.repeat(64)), 'no short line at the end'],
    [header.replace(`${wrapped}\n`, ''), 'no body'],
    [header.replace(wrapped, `${wrapped}\r`), 'CR'],
    [`${start}-> scrypt salt 10\n${wrapped}\n${stanza}${mac}`, 'a passphrase beside a recipient'],
    [`\n${header}`, 'an empty line before'],
  ])('refuses case %#: %2$s', (text, what) => {
    expect(text, what).not.toBe(header);
    expect(failure(() => parse(text)).code).toBe('BAD_METADATA');
  });

  it('reads any bytes to an end', () => {
    const piece = fc.constantFrom(start, stanza, mac, '-> ', '\n', '--- ', 'A', ' ', wrapped, '\u00ff');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        try {
          parse(pieces.join(''));
        } catch (error) {
          expect(error).toMatchObject({ name: 'SecretsError', code: 'BAD_METADATA' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
