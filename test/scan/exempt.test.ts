import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import { encryptValue, importDataKey } from '../../src/sops/value.ts';
import { diceOf, random, sampleOf } from './samples.ts';

const dice = diceOf('exempt');
const base64 = (length: number) => Buffer.from(dice.bytes(length)).toString('base64');
const lines = (text: string) => text.match(/.{1,64}/g)?.join('\n') ?? '';
const armor = (label: string, body: string) =>
  `-----BEGIN ${label}-----\n${lines(body)}\n-----END ${label}-----\n`;
const encrypted = (value: string) => encryptValue(value, 'a:', importDataKey(dice.bytes(32)), dice.bytes(32));

function found(text: string, path = 'notes.txt'): string[] {
  const report = scanBytes(path, Buffer.from(text), { now: processorClock });
  expect(report.unchecked).toBeNull();
  return report.findings.map(finding => `${finding.rule}:${finding.line}`);
}

const recipient = encodeBech32('age', dice.bytes(32));
const ssh = (type: string, length: number) =>
  `${type} ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from(type), dice.bytes(length)]).toString('base64')}`;
const certificate = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

const SOPS = `password: ${encrypted('a password')}
token: ${encrypted(random('a', 40, dice))}
sops:
    age:
        - recipient: ${recipient}
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            ${lines(base64(200)).replaceAll('\n', '\n            ')}
            -----END AGE ENCRYPTED FILE-----
    lastmodified: "2025-01-01T00:00:00Z"
    mac: ${encrypted('x'.repeat(128))}
    pgp:
        - created_at: "2025-01-01T00:00:00Z"
          enc: |-
            -----BEGIN PGP MESSAGE-----

            ${lines(base64(300)).replaceAll('\n', '\n            ')}
            =${random('b', 4, dice)}
            -----END PGP MESSAGE-----
          fp: ${random('H', 40, dice)}
    version: 3.13.3
`;

const HARMLESS: readonly (readonly [string, string, string])[] = [
  ['a sops file', SOPS, 'secrets/a.yaml'],
  [
    'a sops file as JSON',
    JSON.stringify({ password: encrypted('x'), sops: { mac: encrypted('y') } }),
    'secrets/a.json',
  ],
  ['a sops file as dotenv', `API_KEY=${encrypted('x')}\nsops_mac=${encrypted('y')}\n`, 'secrets/a.env'],
  ['age armor', armor('AGE ENCRYPTED FILE', base64(900)), 'a.age'],
  ['a certificate', armor('CERTIFICATE', base64(900)), 'a.pem'],
  ['a public key', certificate, 'a.pem'],
  ['a PGP public key', armor('PGP PUBLIC KEY BLOCK', base64(900)), 'a.asc'],
  ['a PGP signature', armor('PGP SIGNATURE', base64(200)), 'a.sig'],
  ['an ssh signature', armor('SSH SIGNATURE', base64(200)), 'a.sig'],
  ['recipients', `keys:\n  - &megumu ${recipient}\n`, '.sops.yaml'],
  ['ssh keys', `${ssh('ssh-ed25519', 36)} megumu\n${ssh('ssh-rsa', 400)} aya\n`, 'authorized_keys'],
  [
    'known hosts',
    `|1|${base64(20)}|${base64(20)} ${ssh('ssh-ed25519', 36)}\nhost,1.2.3.4 ${ssh('ecdsa-sha2-nistp256', 80)}\n`,
    'known_hosts',
  ],
  [
    'flake.lock',
    JSON.stringify({
      locked: { narHash: `sha256-${base64(32)}`, rev: random('h', 40, dice), lastModified: 1 },
    }),
    'flake.lock',
  ],
  [
    'package-lock.json',
    JSON.stringify({ integrity: `sha512-${base64(64)}`, resolved: 'https://example.org/a.tgz' }),
    'package-lock.json',
  ],
  [
    'go.sum',
    `example.org/a v1.0.0 h1:${base64(32)}\nexample.org/a v1.0.0/go.mod h1:${base64(32)}\n`,
    'go.sum',
  ],
  ['Cargo.lock', `checksum = "${random('h', 64, dice)}"\n`, 'Cargo.lock'],
  [
    'Nix hashes',
    `hash = "sha256-${base64(32)}";\nsha256 = "${random('o', 52, dice)}";\nvendorHash = "sha256-${base64(32)}";\n`,
    'a.nix',
  ],
  [
    'store paths',
    `/nix/store/${random('o', 32, dice).replace(/[eotu]/g, 'a')}-openssh-9.9p1/bin/ssh\n`,
    'a.txt',
  ],
  [
    'commits and numbers',
    `${random('h', 40, dice)} first\n${sampleOf('{uuid}', dice)}\n${createHash('sha256').update('a').digest('hex')}  a\n`,
    'a.txt',
  ],
  ['an image', `<img src="data:image/png;base64,${base64(3000)}">`, 'a.html'],
  ['a font', `src: url(data:font/woff2;base64,${base64(3000)}) format("woff2");`, 'a.css'],
  [
    'a path of an SVG',
    `<path d="${Array.from({ length: 300 }, () => `c${dice.int(99)}.${dice.int(99)}-${dice.int(99)},${dice.int(9)}`).join('')}"/>`,
    'a.svg',
  ],
  [
    'a minified script',
    `!function(e,t){${Array.from({ length: 200 }, (_, i) => `var ${random('c', 2, dice)}=e.${random('c', 6, dice)}(${i},"${random('c', 5, dice)}");`).join('')}}();`,
    'a.min.js',
  ],
  ['noise in base64', `blob = "${base64(4000)}"`, 'a.txt'],
  [
    'documents',
    'export GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\napi_key: <token>\npassword: changeme\n',
    'README.md',
  ],
];

describe('harmless by its form', () => {
  it.each(HARMLESS)('%s', (_, text, path) => {
    expect(found(text, path)).toEqual([]);
  });

  it.each(HARMLESS)('%s with CRLF, and under another name', (_, text) => {
    expect(found(text.replaceAll('\n', '\r\n'), 'other.txt')).toEqual([]);
  });
});

describe('what looks harmless excuses nothing else', () => {
  const token = sampleOf('gh|p_{a30}{sum}', dice);

  it.each(['CERTIFICATE', 'PUBLIC KEY', 'X509 CRL'])('a private key under the label %s', label => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const pem = armor(label, key.export({ type: 'pkcs8', format: 'der' }).toString('base64'));
    expect(found(pem)).toHaveLength(1);
  });

  it.each([
    ['beside an encrypted value', `a: ${encrypted('x')} ${token}\n`],
    ['in something that only looks encrypted', `a: ENC[AES256_GCM,data:${token},iv:x,tag:y,type:str]\n`],
    [
      'between the lines of a certificate',
      `-----BEGIN CERTIFICATE-----\n${base64(48)}\n${token}\n-----END CERTIFICATE-----\n`,
    ],
    [
      'in an address of a lock file',
      `{"resolved":"https://x:${token}@npm.example.org/a.tgz","integrity":"sha512-${base64(64)}"}`,
    ],
    ['in the place of a hash', `hash = "${token}";`],
    ['in a file of signatures', `${armor('PGP SIGNATURE', base64(200))}${token}\n`],
  ])('%s', (_, text) => {
    expect(found(text).filter(rule => rule.startsWith('github-token'))).toHaveLength(1);
  });
});
