import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import {
  generateIdentity,
  parseIdentity,
  parseIdentityText,
  recipientOfIdentity,
} from '../../src/age/identity.ts';
import { freshKey } from './keys.ts';
import { expectNoLeak, failure } from './no-leak.ts';

const { text, recipient } = freshKey();
const other = freshKey();
const hybrid = encodeBech32('age-secret-key-pq-', new Uint8Array(32).fill(7)).toUpperCase();
const plugin = encodeBech32('age-plugin-yubikey-', new Uint8Array(20).fill(7)).toUpperCase();

describe('parseIdentity', () => {
  it('knows the kinds by their prefix', () => {
    expect(parseIdentity(text)).toMatchObject({ kind: 'x25519', recipient });
    expect(parseIdentity(hybrid)).toMatchObject({ kind: 'hybrid', recipient: null });
    expect(parseIdentity(plugin)).toMatchObject({ kind: 'plugin', recipient: null });
    expect(new TextDecoder().decode(parseIdentity(plugin).secret.reveal())).toBe(plugin);
  });

  it('does not print its secret in any way', () => {
    for (const secret of [text, hybrid, plugin]) expectNoLeak(parseIdentity(secret), secret);
    const bytes = parseIdentity(text).secret.reveal();
    expectNoLeak(parseIdentity(text), Buffer.from(bytes).toString('hex'));
    expectNoLeak(parseIdentity(text), [...bytes].join(', '));
    expectNoLeak(generateIdentity(), generateIdentity().identity.reveal());
  });

  it('gives the recipient of every kind that has one', async () => {
    expect(await recipientOfIdentity(parseIdentity(text))).toBe(recipient);
    expect(await recipientOfIdentity(parseIdentity(hybrid))).toMatch(/^age1pq1[a-z0-9]{1952}$/);
    expect(await recipientOfIdentity(parseIdentity(plugin))).toBeNull();
  });

  it.each([
    [text.toLowerCase(), 'lower case'],
    [text.slice(0, -1), 'typing mistake'],
    [`${text.slice(0, -1)}${text.endsWith('Q') ? 'P' : 'Q'}`, 'typing mistake'],
    [text.slice(0, 14), 'cut short'],
    [text.replace('AGE-', 'age-'), 'no age identity'],
    [`${text.slice(0, 30)}${text.slice(30).toLowerCase()}`, 'mixes capitals'],
    [` ${text}`, 'blanks around'],
    [`\ufeff${text}`, 'byte order mark'],
    ['   ', 'only blanks'],
    ['  # comment', 'first column'],
    [recipient, 'an age public key'],
    ['ssh-ed25519 AAAA', 'type ed25519'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----', 'PEM form'],
    ['hunter2 is my password', 'no age identity'],
    [encodeBech32('age-secret-key-', new Uint8Array(31)).toUpperCase(), 'wrong length'],
    [encodeBech32('age-secret-key-pq-', new Uint8Array(33)).toUpperCase(), 'wrong length'],
    [encodeBech32('age-plugin-/-', new Uint8Array(33)).toUpperCase(), 'names no plugin'],
    [encodeBech32('age-secret-key-1x', new Uint8Array(32)).toUpperCase(), 'wrong length'],
  ])('refuses case %# saying %2$s, without the text', (bad, message) => {
    const error = failure(() => parseIdentity(bad), bad.startsWith('age1') ? '' : bad);
    expect(error).toMatchObject({ code: 'BAD_IDENTITY', message: expect.stringContaining(message) });
  });

  it('never repeats what it refuses', () => {
    const near = fc
      .tuple(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }))
      .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1));
    fc.assert(
      fc.property(near, bad => {
        fc.pre(bad !== text);
        const error = failure(() => parseIdentity(bad));
        // The fixed start is no secret, the rest is.
        expectNoLeak(error, bad.slice(17));
      }),
      { numRuns: 100 },
    );
  });
});

describe('parseIdentityText', () => {
  it('reads a file as age-keygen writes it, with LF and with CRLF', () => {
    const file = `# created: 2026-11-23T02:00:00Z\n# public key: ${recipient}\n${text}\n\n${other.text}\n`;
    for (const variant of [file, file.replaceAll('\n', '\r\n'), file.trimEnd()]) {
      expect(parseIdentityText(variant).map(identity => identity.recipient)).toEqual([
        recipient,
        other.recipient,
      ]);
    }
    expect(parseIdentityText('')).toEqual([]);
    expect(parseIdentityText('# nothing\n')).toEqual([]);
  });

  it.each([
    ` ${text}`,
    `${text} `,
    `\t\n${text}`,
    `${text}\r\r\n`,
    `${text} ${text}`,
    `  # comment\n${text}`,
    `\ufeff${text}`,
  ])('lets one bad line spoil a file (%#)', file => {
    expect(failure(() => parseIdentityText(file), text)).toMatchObject({ code: 'BAD_IDENTITY', line: 1 });
  });

  it('names the line', () => {
    const error = failure(() => parseIdentityText(`# a\n${text}\n\nhunter2-and-more\n`), 'hunter2-and-more');
    expect(error).toMatchObject({ code: 'BAD_IDENTITY', line: 4 });
  });

  it('takes several on a line from the environment, and the same comments as sops', () => {
    const read = (value: string) =>
      parseIdentityText(value, 'environment').map(identity => identity.recipient);
    expect(read(`  ${text}\t${other.text}\u00a0\f`)).toEqual([recipient, other.recipient]);
    expect(read(`# a b\n\n${text}`)).toEqual([recipient]);
    for (const bad of [`  # c\n${text}`, `${text} # c`, `${text} garbage`, `\ufeff${text}`]) {
      expect(failure(() => read(bad), text).code).toBe('BAD_IDENTITY');
    }
  });

  it.each(['age-encryption.org/v1\n-> scrypt', '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl'])(
    'says that a list with a passphrase is not supported (%#)',
    file => {
      expect(failure(() => parseIdentityText(file))).toMatchObject({
        code: 'UNSUPPORTED',
        hint: expect.stringContaining('SOPS_AGE_KEY_CMD'),
      });
    },
  );

  it('refuses a huge text', () => {
    expect(failure(() => parseIdentityText('#'.repeat(2 ** 20 + 1))).code).toBe('BAD_IDENTITY');
  });
});

describe('generateIdentity', () => {
  it('uses the given source, and makes what it parses', () => {
    const { identity, recipient: made } = generateIdentity(length => new Uint8Array(length).fill(1));
    expect(parseIdentity(identity.reveal())).toMatchObject({ recipient: made });
    expect([...parseIdentity(identity.reveal()).secret.reveal()]).toEqual(Array(32).fill(1));
    expect(generateIdentity().recipient).not.toBe(generateIdentity().recipient);
  });

  it('refuses a source that gives too little', () => {
    expect(failure(() => generateIdentity(() => new Uint8Array(3))).code).toBe('INTERNAL');
  });
});
