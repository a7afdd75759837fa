import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519PublicKey, montgomeryOf } from '../../src/age/edwards.ts';
import { parseIdentity } from '../../src/age/identity.ts';
import {
  parseSshIdentity,
  sshFingerprint,
  sshPrivateKeyToIdentity,
  sshPublicKeyToRecipient,
} from '../../src/age/ssh.ts';
import { x25519SecretOf } from '../../src/age/ssh-stanza.ts';
import { sshStrings } from '../../src/age/ssh-wire.ts';
import { publicKeyOf } from '../../src/age/x25519.ts';
import { expectLinear } from '../helpers/linear.ts';
import { ed25519Line, freshKey, rsaLine } from './keys.ts';
import { expectNoLeak, failure } from './no-leak.ts';

interface Vector {
  readonly ssh_public: string;
  readonly ssh_private: string;
  readonly age_recipient: string;
  readonly age_identity: string;
  readonly passphrase?: string;
}

const file = new URL('../vectors/ssh-to-age.json', import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8')).vectors;
const plain = vectors.filter(vector => vector.passphrase === undefined);
const locked = vectors.filter(vector => vector.passphrase !== undefined);
const [sample] = plain;
if (sample === undefined) throw new Error('no vectors');
const [, data = ''] = sample.ssh_public.split(' ');

describe('the vectors of ssh-to-age', () => {
  it('are there', () => {
    expect(plain.length).toBeGreaterThanOrEqual(20);
    expect(locked.length).toBeGreaterThan(0);
  });

  it.each(vectors)('$age_recipient from the public key', ({ ssh_public, age_recipient }) => {
    expect(sshPublicKeyToRecipient(ssh_public)).toBe(age_recipient);
    expect(sshPublicKeyToRecipient(`${ssh_public}\n`)).toBe(age_recipient);
  });

  it.each(plain)('$age_recipient from the private key', ({ ssh_private, age_recipient, age_identity }) => {
    const { identity, recipient } = sshPrivateKeyToIdentity(ssh_private);
    expect(identity.reveal()).toBe(age_identity);
    expect(recipient).toBe(age_recipient);
    expect(parseIdentity(age_identity).recipient).toBe(age_recipient);
    expect(sshPrivateKeyToIdentity(ssh_private.replaceAll('\n', '\r\n')).recipient).toBe(age_recipient);
  });

  it.each(locked)('a passphrase is named, with the way out, and nothing of the key', ({ ssh_private }) => {
    for (const convert of [sshPrivateKeyToIdentity, parseSshIdentity]) {
      const error = failure(() => convert(ssh_private), ssh_private.replace(/-----[A-Z ]+-----/g, ''));
      expect(error).toMatchObject({
        code: 'BAD_IDENTITY',
        message: expect.stringContaining('passphrase'),
        hint: expect.stringContaining('ssh-keygen -p'),
      });
    }
  });
});

describe('sshPublicKeyToRecipient', () => {
  const key = `ssh-ed25519 ${data}`;

  it.each([
    key,
    `  ${key}  `,
    `${key} a comment with ssh-rsa AAAA in it`,
    `ssh-ed25519\t${data}\tcomment`,
    `megumu.example.org ${key}`,
    `megumu,192.0.2.7 ${key}`,
    `[megumu.example.org]:2222 ${key}`,
    `[2001:db8::1]:22 ${key} comment`,
    `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${key}`,
    `# megumu:22 SSH-2.0-OpenSSH_9.2\n\nmegumu ${key}\n`,
    `no-pty,from="10.0.0.0/8,*.example.org" ${key} aya`,
    `command="echo \\"ssh-rsa AAAA\\" # x",no-pty ${key}`,
    `environment="A=b c" ${key}`,
    `megumu ${key}\r\n`,
  ])('takes the key out of case %#', line => {
    expect(sshPublicKeyToRecipient(line)).toBe(sample.age_recipient);
    expect(sshFingerprint(line)).toBe(sshFingerprint(key));
  });

  it.each([
    ['', /blank/],
    ['# only a comment', /blank/],
    ['ssh-ed25519', /no ssh public key|cut short/],
    [`ssh-ed25519 ${data.slice(0, -4)}`, /wrong length|cut short/],
    [`ssh-ed25519 ${data}AAAA`, /wrong length/],
    [`ssh-ed25519 ${data.slice(0, -1)}`, /cut short/],
    [`ssh-ed25519 ${data.replace('A', '-')}`, /cut short/],
    [`ssh-rsa ${data}`, /another type/],
    [rsaLine(2048), /type ssh-rsa, only ssh-ed25519/],
    [ed25519Line(randomBytes(65), 'ecdsa-sha2-nistp256'), /type ecdsa-sha2-nistp256/],
    [ed25519Line(randomBytes(32), 'sk-ssh-ed25519@openssh.com'), /type sk-ssh-ed25519@openssh.com/],
    [ed25519Line(randomBytes(32), 'ssh-dss'), /type ssh-dss/],
    [ed25519Line(randomBytes(32), 'ssh-ed25519-cert-v01@openssh.com'), /cert-v01/],
    [`@revoked megumu ${key}`, /revoked/],
    [`@cert-authority *.example.org ${key}`, /certificate authority/],
    [`cert-authority,principals="a" ${key}`, /certificate authority/],
    [`${key}\n${key}`, /2 lines/],
    [freshKey().recipient, /an age public key/],
    ['SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU', /fingerprint/],
    ['---- BEGIN SSH2 PUBLIC KEY ----', /PEM form/],
    ['-----BEGIN PUBLIC KEY-----', /PEM form/],
    [`command="never closed ${key}`, /no ssh public key/],
    ['x'.repeat(40_000), /32 KiB/],
    ['__proto__ constructor', /no ssh public key/],
  ])('refuses %j', (line, message) => {
    const error = failure(() => sshPublicKeyToRecipient(line));
    expect(error).toMatchObject({ code: 'BAD_KEY', message: expect.stringMatching(message) });
  });

  it('recognises a private key', () => {
    const body = sample.ssh_private.replace(/-----[A-Z ]+-----/g, '');
    expect(failure(() => sshPublicKeyToRecipient(sample.ssh_private), body).message).toContain('private key');
    const { text } = freshKey();
    expect(failure(() => sshPublicKeyToRecipient(text), text).message).toContain('private key');
  });

  it('refuses what is no point, not canonical, or of low order', () => {
    const point = (hex: string) => ed25519Line(Buffer.from(hex.padEnd(64, '0'), 'hex'));
    const highest = 'ff'.repeat(30);
    expect(failure(() => sshPublicKeyToRecipient(point('02'))).message).toContain('no point');
    for (const zero of ['ed', 'ee', 'ff']) {
      expect(failure(() => sshPublicKeyToRecipient(point(`${zero}${highest}7f`))).message).toContain(
        'no point',
      );
    }
    for (const low of ['01', '00', `ec${highest}7f`, `01${'00'.repeat(30)}80`]) {
      expect(failure(() => sshPublicKeyToRecipient(point(low))).message).toContain('low order');
    }
  });

  it('agrees with the private half for random seeds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), seed => {
        expect(montgomeryOf(ed25519PublicKey(seed))).toEqual(publicKeyOf(x25519SecretOf(seed)));
      }),
      { numRuns: 40 },
    );
  });

  it('reads any line to an end, in linear time', async () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.constantFrom('', 'ssh-ed25519 ', 'a="', '@revoked ', '\\"'),
        (text, start) => {
          try {
            sshPublicKeyToRecipient(start + text);
          } catch (error) {
            expect(error).toMatchObject({ name: 'SecretsError', code: 'BAD_KEY' });
          }
        },
      ),
      { numRuns: 500 },
    );
    for (const part of ['"', '\\"', 'a"b', '" ', '@a ', 'a,'])
      await expectLinear(7000, size => failure(() => sshPublicKeyToRecipient(part.repeat(size))));
  });
});

describe('sshFingerprint', () => {
  it('is the hash of the key data, of every type', () => {
    const hash = (line: string) =>
      createHash('sha256').update(Buffer.from(line.split(' ')[1] ?? '', 'base64'));
    for (const line of [
      sample.ssh_public,
      rsaLine(1024),
      ed25519Line(randomBytes(20), 'ecdsa-sha2-nistp384'),
    ]) {
      expect(sshFingerprint(line)).toBe(`SHA256:${hash(line).digest('base64').replace(/=+$/, '')}`);
    }
    expect(failure(() => sshFingerprint('nothing')).code).toBe('BAD_KEY');
  });
});

describe('sshPrivateKeyToIdentity', () => {
  const seed = randomBytes(32);
  const point = ed25519PublicKey(seed);
  const u32 = (value: number) =>
    Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
  const pem = (bytes: Uint8Array, label = 'OPENSSH PRIVATE KEY') =>
    `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64').replace(/.{70}/g, '$&\n')}\n-----END ${label}-----\n`;

  /** A key file of the format of OpenSSH, with any part replaced. */
  function keyFile(
    change: Partial<Record<'magic' | 'cipher' | 'type' | 'inner' | 'tail', string>> & {
      count?: number;
      again?: number;
      outer?: Uint8Array;
      key?: Uint8Array;
      padding?: Uint8Array;
    } = {},
  ): string {
    const key = change.key ?? Buffer.concat([seed, point]);
    const section = Buffer.concat([
      u32(7),
      u32(change.again ?? 7),
      sshStrings(change.inner ?? 'ssh-ed25519', point, key, 'comment'),
      change.padding ?? Buffer.of(1, 2, 3),
    ]);
    return pem(
      Buffer.concat([
        Buffer.from(change.magic ?? 'openssh-key-v1\0', 'latin1'),
        sshStrings(change.cipher ?? 'none', 'none', ''),
        u32(change.count ?? 1),
        sshStrings(change.outer ?? sshStrings(change.type ?? 'ssh-ed25519', point), section),
        Buffer.from(change.tail ?? '', 'latin1'),
      ]),
    );
  }

  it('reads what it should', () => {
    const expected = sshPublicKeyToRecipient(ed25519Line(point));
    expect(sshPrivateKeyToIdentity(keyFile()).recipient).toBe(expected);
    expect(sshPrivateKeyToIdentity(keyFile({ padding: new Uint8Array(0) })).recipient).toBe(expected);
  });

  it('reads PKCS #8 as well', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12);
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(sshPrivateKeyToIdentity(text).recipient).toBe(sshPublicKeyToRecipient(ed25519Line(raw)));
  });

  it.each([
    [keyFile({ magic: 'openssh-key-v2\0' }), /damaged/],
    [keyFile({ cipher: 'aes256-ctr' }), /passphrase/],
    [keyFile({ count: 2 }), /damaged/],
    [keyFile({ again: 8 }), /damaged/],
    [keyFile({ inner: 'ssh-rsa' }), /damaged/],
    [keyFile({ tail: 'x' }), /damaged/],
    [keyFile({ padding: Buffer.of(1, 3) }), /damaged/],
    [keyFile({ key: Buffer.concat([randomBytes(32), point]) }), /damaged/],
    [keyFile({ key: Buffer.concat([seed, randomBytes(32)]) }), /damaged/],
    [keyFile({ key: seed }), /damaged/],
    [keyFile({ outer: sshStrings('ssh-ed25519', randomBytes(32)) }), /damaged/],
    [keyFile({ outer: new Uint8Array(0) }), /another type/],
    [keyFile({ type: 'ssh-rsa' }), /type ssh-rsa, only ed25519/],
    [keyFile({ type: 'ecdsa-sha2-nistp256' }), /type ecdsa-sha2-nistp256/],
    [keyFile({ type: 'my secret words' }), /another type/],
    [keyFile().replace('END', 'ENDE'), /cut short/],
    [keyFile().slice(0, -40), /cut short/],
    [keyFile().replace(/\n.{8}/, '\n********'), /base64/],
    [pem(randomBytes(100)), /damaged/],
    [pem(randomBytes(100), 'PRIVATE KEY'), /damaged/],
    [pem(randomBytes(100), 'RSA PRIVATE KEY'), /type rsa/],
    [pem(randomBytes(100), 'EC PRIVATE KEY'), /type ec/],
    [pem(randomBytes(100), 'ENCRYPTED PRIVATE KEY'), /passphrase/],
    [
      pem(randomBytes(100), 'RSA PRIVATE KEY').replace('\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\n'),
      /passphrase/,
    ],
    [pem(randomBytes(100), 'CERTIFICATE'), /no ssh private key/],
    ['', /no ssh private key/],
    [sample.ssh_public, /no ssh private key/],
    [`-----BEGIN OPENSSH PRIVATE KEY-----\n${'A'.repeat(70_000)}`, /64 KiB/],
  ])('refuses case %# without repeating it', (text, message) => {
    const body = text.replace(/-----[A-Z ]+-----|ssh-ed25519|Proc-Type.*/g, '');
    const error = failure(() => sshPrivateKeyToIdentity(text), body);
    expect(error).toMatchObject({ code: 'BAD_IDENTITY', message: expect.stringMatching(message) });
  });

  it('refuses keys of other types that node understands', () => {
    const text = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(failure(() => sshPrivateKeyToIdentity(text), text.split('\n')[1]).message).toContain(
      'type x25519',
    );
  });

  it('reads damaged bytes to an end', () => {
    const bytes = Buffer.from(keyFile().replace(/-----[A-Z ]+-----/g, ''), 'base64');
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 255, (bytes[at] ?? 0) ^ 1]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        try {
          sshPrivateKeyToIdentity(pem(changed));
        } catch (error) {
          expect(error).toMatchObject({ name: 'SecretsError', code: 'BAD_IDENTITY' });
        }
      }
    }
  });

  it('does not print what it made', () => {
    expectNoLeak(sshPrivateKeyToIdentity(sample.ssh_private), sample.age_identity.slice(17));
    expectNoLeak(parseSshIdentity(keyFile()), seed.toString('hex'));
    expectNoLeak(parseSshIdentity(keyFile()), [...seed].join(', '));
    expect(parseSshIdentity(sample.ssh_private).recipient).toBe(
      sample.ssh_public.split(' ').slice(0, 2).join(' '),
    );
  });
});
