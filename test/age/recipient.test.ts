import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { parseRecipient, shortRecipient, x25519KeyOf } from '../../src/age/recipient.ts';
import { sshStrings } from '../../src/age/ssh-wire.ts';
import { ed25519Line, freshKey, rsaLine } from './keys.ts';
import { failure } from './no-leak.ts';

const { recipient, text: identity } = freshKey();
const filled = (length: number, value = 9) => new Uint8Array(length).fill(value);

/** The seven encodings of points whose order divides eight, and two that are not reduced. */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0100000000000000000000000000000000000000000000000000000000000080',
];

describe('parseRecipient', () => {
  it.each([
    ['x25519', recipient],
    ['hybrid', encodeBech32('age1pq', filled(1216))],
    ['tag', encodeBech32('age1tag', filled(33))],
    ['tag', encodeBech32('age1tagpq', filled(1249))],
    ['plugin', encodeBech32('age1yubikey', filled(33))],
    ['plugin', encodeBech32('age1se', filled(33))],
    ['ssh-rsa', rsaLine(2048)],
  ])('knows the kind %s', (kind, text) => {
    expect(parseRecipient(`  ${text}\n`)).toEqual({ kind, text });
  });

  it('keeps the comment of an ssh key, because sops compares whole texts', () => {
    const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const line = `${ed25519Line(Buffer.from(jwk.x ?? '', 'base64url'))} aya@megumu`;
    expect(parseRecipient(line)).toEqual({ kind: 'ssh-ed25519', text: line });
  });

  it.each(LOW_ORDER)('refuses the low-order point %s', hex => {
    const error = failure(() => parseRecipient(encodeBech32('age', Buffer.from(hex, 'hex'))));
    expect(error).toMatchObject({ code: 'BAD_KEY', message: expect.stringContaining('low order') });
  });

  it.each([
    [identity, /^that is a private key, a public key belongs here$/],
    [identity.toLowerCase(), /private key/],
    [`key: ${identity}`, /private key/],
    ['AGE-PLUGIN-YUBIKEY-1QGHJK2QQQQQ', /private key/],
    ['AGE-PLUGIN-FIDO2-HMAC-1QGHJK2QQQQQ', /private key/],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n', /private key/],
    ['-----BEGIN PGP PRIVATE KEY BLOCK-----', /private key/],
    ['-----BEGIN RSA PRIVATE KEY-----', /private key/],
  ])('recognises a private key without repeating it (%#)', (text, message) => {
    const error = failure(() => parseRecipient(text), text.replace(/-----BEGIN [A-Z ]+-----/, ''));
    expect(error).toMatchObject({ code: 'BAD_KEY', exit: 2, message: expect.stringMatching(message) });
  });

  it.each([
    ['', /empty/],
    ['   ', /empty/],
    ['85D77543B3D624B63CEA9E6DBC17301B491B3F21', /PGP fingerprint/],
    ['85D7 7543 B3D6 24B6 3CEA 9E6D BC17 301B 491B 3F21', /PGP fingerprint/],
    ['-----BEGIN PGP PUBLIC KEY BLOCK-----', /PGP public key block/],
    ['SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU', /fingerprint of an ssh key/],
    ['ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=', /type ecdsa/],
    ['sk-ssh-ed25519@openssh.com AAAA', /hardware token/],
    ['sk-ecdsa-sha2-nistp256@openssh.com AAAA', /hardware token/],
    ['ssh-ed25519-cert-v01@openssh.com AAAA', /certificate/],
    ['ssh-dss AAAA', /type dsa/],
    ['-----BEGIN AGE ENCRYPTED FILE-----', /encrypted with age/],
    [recipient.toUpperCase(), /in capitals/],
    [`${recipient},${recipient}`, /more than one/],
    [`${recipient} # comment`, /text behind it/],
    [recipient.slice(0, -1), /typing mistake|too short/],
    [`age1${recipient.slice(4).replace(/[a-z]/, char => char.toUpperCase())}`, /mixes capitals|typing/],
    [encodeBech32('age', filled(31)), /wrong length/],
    [encodeBech32('age', filled(33)), /wrong length/],
    [encodeBech32('age1pq', filled(1215)), /wrong length/],
    [encodeBech32('age1tag', filled(32)), /wrong length/],
    [encodeBech32('age1/../x', filled(32)), /names no plugin/],
    ['megumu', /no public key that age knows/],
    [`${recipient}\n${recipient}`, /line break/],
    [`${recipient}\u001b[2J`, /control character/],
    ['ssh-ed25519 ', /no public key|cut short/],
    ['ssh-ed25519 AAAA', /cut short/],
    ['__proto__', /no public key/],
  ])('says what %j is', (text, message) => {
    const error = failure(() => parseRecipient(text));
    expect(error).toMatchObject({ code: 'BAD_KEY', message: expect.stringMatching(message) });
  });

  it('refuses rsa keys that age refuses, and malformed ones', () => {
    expect(failure(() => parseRecipient(rsaLine(1024))).message).toContain('1024 bits');
    const numbers = (...fields: Uint8Array[]) =>
      `ssh-rsa ${Buffer.from(sshStrings('ssh-rsa', ...fields)).toString('base64')}`;
    const modulus = Buffer.concat([Buffer.of(0, 0x80), filled(255)]);
    expect(parseRecipient(numbers(Buffer.of(3), modulus)).kind).toBe('ssh-rsa');
    const cases = [
      [Buffer.of(1), modulus],
      [Buffer.of(4), modulus],
      [Buffer.of(0, 3), modulus],
      [Buffer.alloc(0), modulus],
      [filled(5), modulus],
      [Buffer.of(3), modulus.subarray(1)],
      [Buffer.of(3), Buffer.concat([Buffer.of(0), filled(256)])],
      [Buffer.of(3), modulus, Buffer.of(1)],
      [Buffer.of(3)],
    ];
    for (const fields of cases) {
      expect(failure(() => parseRecipient(numbers(...fields))).message).toMatch(/malformed/);
    }
  });

  it('accepts what it is given back and never crashes on anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('', 'age1', 'ssh-ed25519 ', 'ssh-rsa ', 'AGE-'),
        (text, start) => {
          try {
            const parsed = parseRecipient(start + text);
            expect(parseRecipient(parsed.text)).toEqual(parsed);
          } catch (error) {
            expect(error).toMatchObject({ name: 'SecretsError', code: 'BAD_KEY' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the bytes of an x25519 key alone', () => {
    expect(x25519KeyOf(recipient)).toHaveLength(32);
    expect(failure(() => x25519KeyOf(encodeBech32('age1tag', filled(33)))).code).toBe('BAD_KEY');
  });
});

describe('shortRecipient', () => {
  it.each([
    ['age1d96abcdefghijklmnopqrstuvwx7k2', 'age1d96…x7k2'],
    [`age1pq1${'q'.repeat(1950)}zzzz`, 'age1pq1qqq…zzzz'],
    ['age1yubikey1qwerqqqqqqqqqqqqqqqqqqqzz23', 'age1yubikey1qwe…zz23'],
    ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcdQsY aya@megumu', 'ssh-ed25519 …dQsY'],
    ['85D77543B3D624B63CEA9E6DBC17301B491B3F21', '85D77543B3D…3F21'],
    ['megumu', 'megumu'],
    ['', ''],
    ['a\u001b[31mb\n\u202ec', 'a[31mbc'],
  ])('shows %j as %j', (text, short) => {
    expect(shortRecipient(text)).toBe(short);
  });

  it('never shows a private key, and never a control character', () => {
    expect(shortRecipient(identity)).toBe('(a private key)');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        const short = shortRecipient(text);
        expect(short).not.toMatch(/\p{Cc}/u);
        expect(short.length).toBeLessThan(60);
      }),
    );
  });
});
