import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArmor, encodeArmor } from '../../src/age/armor.ts';
import { expectLinear } from '../helpers/linear.ts';
import { failure } from './no-leak.ts';

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const END = '-----END AGE ENCRYPTED FILE-----';
const file = Uint8Array.from({ length: 100 }, (_, i) => i);
const armored = encodeArmor(file);
const [, first = '', second = '', third = ''] = armored.split('\n');

describe('armor', () => {
  it('is 64 columns, LF, a final newline, and comes back', () => {
    expect(armored).toMatch(
      /^-----BEGIN AGE ENCRYPTED FILE-----\n([^\n]{64}\n)+[^\n]{1,64}\n-----END AGE ENCRYPTED FILE-----\n$/,
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const text = encodeArmor(bytes);
        for (const line of text.split('\n').slice(1, -2)) expect(line.length).toBeLessThanOrEqual(64);
        expect(decodeArmor(text)).toEqual(bytes);
      }),
    );
  });

  it.each([
    armored.trimEnd(),
    armored.replaceAll('\n', '\r\n'),
    `\n  \n${armored}\n\n`,
    `\r\n\t\r\n${armored} \n\t`,
  ])('allows CRLF and blank lines around it (%#)', text => {
    expect(decodeArmor(text)).toEqual(file);
  });

  it.each([
    ['', 'nothing'],
    ['hello', 'text'],
    [BEGIN, 'the first line alone'],
    [END, 'the last line alone'],
    [`${BEGIN}\n${first}\n${second}\n${third}\n`, 'no last line'],
    [` ${armored}`, 'a blank before the first line'],
    [`${armored.trimEnd()} \n`, 'a blank behind the last line'],
    [`x${armored}`, 'text before'],
    [`${armored}x`, 'text behind'],
    [armored + armored, 'two of them'],
    [armored.replace('\n', '\nVersion: 1\n\n'), 'headers'],
    [armored.replace('\n', '\n\n'), 'an empty line at the start'],
    [armored.replace(`\n${END}`, `\n\n${END}`), 'an empty line at the end'],
    [`${BEGIN}\n${first}${second}\n${third}\n${END}\n`, 'a long line'],
    [
      `${BEGIN}\n${first.slice(0, 60)}\n${first.slice(60)}${second.slice(0, 60)}\n${second.slice(60)}${third}\n${END}\n`,
      'a short line',
    ],
    [armored.replace(first, ` ${first.slice(1)}`), 'a blank in the base64'],
    [armored.replace(first, `${first.slice(0, 20)}=${first.slice(21)}`), 'padding in the middle'],
    [armored.replaceAll('=', ''), 'no padding'],
    [armored.replace(first, first.replace(/^./, '-')), 'the other alphabet'],
    [
      armored.replace(/(.)==\n/, (_, char) => `${String.fromCharCode(char.charCodeAt(0) + 1)}==\n`),
      'spare bits',
    ],
    [armored.replace('AGE ENC', 'age enc'), 'lower case'],
    [armored.replace('AGE ENCRYPTED FILE', 'PGP MESSAGE'), 'another type'],
    [armored.replaceAll('\n', '\r'), 'bare CR'],
    [`\ufeff${armored}`, 'a byte order mark'],
    [encodeArmor(new Uint8Array(60_000)), 'more than 64 KiB'],
  ])('refuses %2$s (%#)', (text, what) => {
    expect(text, what).not.toBe(armored);
    expect(failure(() => decodeArmor(text)).code).toBe('BAD_METADATA');
  });

  it('takes linear time for hostile blanks', () =>
    expectLinear(16_000, size => failure(() => decodeArmor(`${' \n'.repeat(size)}x${' \n'.repeat(size)}`))));
});
