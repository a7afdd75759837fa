import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import { diceOf, random } from './samples.ts';

const dice = diceOf('keys');
const base64 = (length: number) => Buffer.from(dice.bytes(length)).toString('base64');

function found(text: string | Uint8Array, path = 'notes.txt'): string[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const report = scanBytes(path, bytes, { now: processorClock });
  expect(report.unchecked).toBeNull();
  if (typeof text === 'string' && text.length > 40) {
    const shown = JSON.stringify(report) + inspect(report, { depth: 9 });
    for (const line of text.split('\n')) {
      if (line.length > 40 && !line.includes('-----')) expect(shown).not.toContain(line.slice(-30));
    }
  }
  return [...new Set(report.findings.map(finding => finding.rule))];
}

/** PEM with lines of 64, as every program writes it. */
function pem(label: string, body: string, headers = ''): string {
  const lines = body.match(/.{1,64}/g) ?? [];
  return [
    `-----BEGIN ${label}-----`,
    ...(headers === '' ? [] : [headers, '']),
    ...lines,
    `-----END ${label}-----`,
    '',
  ].join('\n');
}

const ed25519 = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const PEMS: readonly (readonly [string, string])[] = [
  ['Ed25519 in PKCS #8', ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['P-256 in SEC 1', p256.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
  ['P-256 in PKCS #8', p256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['RSA in PKCS #1', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
  ['RSA in PKCS #8', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  [
    'RSA, encrypted',
    rsa.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
  ],
  [
    'RSA, encrypted as it was long ago',
    pem(
      'RSA PRIVATE KEY',
      base64(1190),
      `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${random('H', 32, dice)}`,
    ),
  ],
  [
    'OpenSSH',
    pem(
      'OPENSSH PRIVATE KEY',
      Buffer.concat([Buffer.from('openssh-key-v1\0'), dice.bytes(380)]).toString('base64'),
    ),
  ],
  ['a label that nobody knows', pem('FROBNICATED EC PRIVATE KEY', base64(118))],
];

const WRAPPINGS: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', text => text],
  ['with CRLF', text => text.replaceAll('\n', '\r\n')],
  ['in JSON', text => JSON.stringify({ key: text })],
  ['in JSON in JSON', text => JSON.stringify({ a: JSON.stringify({ key: text }) })],
  ['in YAML', text => `key: |\n${text.replace(/^/gm, '  ')}`],
  ['in Nix', text => `{\n  key = ''\n${text.replace(/^/gm, '    ')}  '';\n}\n`],
  ['in Rust', text => `const K: &str = "${text.trim().replaceAll('\n', '\\n\\\n    ')}";\n`],
  [
    'in C',
    text =>
      `const char *k =\n${text
        .trim()
        .split('\n')
        .map(line => `  "${line}\\n"`)
        .join('\n')};\n`,
  ],
  [
    'in Java',
    text =>
      `String k = ${text
        .trim()
        .split('\n')
        .map(line => `"${line}\\n"`)
        .join(' +\n    ')};\n`,
  ],
  ['in a comment', text => text.replace(/^/gm, '# ')],
  ['in a patch', text => text.replace(/^(?=.)/gm, '+')],
  ['on one line', text => text.trim().replaceAll('\n', ' ')],
  ['in a variable', text => `KEY="${text.trim().replaceAll('\n', '\\n')}"\n`],
  ['in XML', text => `<key>${text.trim().replaceAll('\n', '&#10;')}</key>`],
  ['in base64', text => `tls.key: ${Buffer.from(text).toString('base64')}\n`],
  [
    'in base64 in lines',
    text =>
      (
        Buffer.from(text)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\n'),
  ],
  [
    'in base64 in a block',
    text =>
      `k: |\n  ${(
        Buffer.from(text)
          .toString('base64')
          .match(/.{1,64}/g) ?? []
      ).join('\n  ')}\n`,
  ],
  ['in base64 twice', text => `k: ${Buffer.from(Buffer.from(text).toString('base64')).toString('base64')}\n`],
];

describe('a private key in PEM', () => {
  describe.each(PEMS)('%s', (_, key) => {
    it.each(WRAPPINGS)('%s', (name, wrap) => {
      // The headers of the old form are a line of their own.
      if (name === 'on one line' && key.includes('Proc-Type')) return;
      expect(found(wrap(key))).toEqual(['private-key']);
    });
  });

  it('in UTF-16, with and without a mark, in both orders', () => {
    const [, key] = PEMS[0] ?? ['', ''];
    const little = Buffer.from(key, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [
      little,
      big,
      Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    ]) {
      expect(found(bytes)).toEqual(['private-key']);
    }
  });

  it('without its end, or without the beginning but whole', () => {
    const key = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(found(key.split('\n').slice(0, 9).join('\n'))).toEqual(['private-key']);
    expect(found(`key = "${key.split('\n').slice(1, -2).join('')}"`)).toEqual(['private-key-der']);
    expect(found(key.split('\n').slice(1, -2).join('\n'))).toEqual(['private-key-der']);
  });

  it.each([
    [
      'the header in prose',
      'A file with `-----BEGIN PRIVATE KEY-----` in it is a private key and should be kept in a safe place.',
    ],
    [
      'the header in code',
      "if (text.includes('-----BEGIN RSA PRIVATE KEY-----')) throw new Error('this is a private key');",
    ],
    ['dots', '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n'],
    ['a beginning and dots', '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq...\n-----END PRIVATE KEY-----\n'],
    ['a placeholder', '-----BEGIN PRIVATE KEY-----\n<your key here>\n-----END PRIVATE KEY-----\n'],
    ['one letter', pem('PRIVATE KEY', 'A'.repeat(400))],
    [
      'a reference',
      '-----BEGIN PRIVATE KEY-----\n${config.sops.secrets.key.path}\n-----END PRIVATE KEY-----\n',
    ],
    ['a pattern', '/-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]+?-----END [A-Z ]*PRIVATE KEY-----/'],
  ])('is not %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('a key of another form', () => {
  it.each([
    ['PKCS #8', ed25519.privateKey.export({ type: 'pkcs8', format: 'der' })],
    ['SEC 1', p256.privateKey.export({ type: 'sec1', format: 'der' })],
    ['PKCS #1', rsa.privateKey.export({ type: 'pkcs1', format: 'der' })],
    [
      'PKCS #8, encrypted',
      rsa.privateKey.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ],
    ['OpenSSH', Buffer.concat([Buffer.from('openssh-key-v1\0'), dice.bytes(200)])],
  ])('%s as a binary file', (_, bytes) => {
    expect(found(bytes, 'a.bin')).toEqual(['private-key-der']);
  });

  it.each([
    ['an SPKI file', ed25519.publicKey.export({ type: 'spki', format: 'der' })],
    ['an RSA public key', rsa.publicKey.export({ type: 'pkcs1', format: 'der' })],
    ['noise', dice.bytes(4000)],
    ['an archive', Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), dice.bytes(500)])],
  ])('but not %s', (_, bytes) => {
    expect(found(bytes, 'a.bin')).toEqual([]);
  });

  it('age identities in either case', () => {
    const identity = encodeBech32('age-secret-key-', dice.bytes(32));
    expect(found(identity.toUpperCase())).toEqual(['age-secret-key']);
    expect(found(`# created\nkey = "${identity}"`)).toEqual(['age-secret-key']);
    const mistyped = identity.toUpperCase().slice(0, -1) + (identity.endsWith('q') ? 'P' : 'Q');
    expect(found(mistyped)).toEqual(['age-secret-key']);
    expect(found(['AGE-SECRET-', 'KEY-1', 'X'.repeat(58)].join(''))).toEqual([]);
    expect(found(['AGE-SECRET-', 'KEY-1...'].join(''))).toEqual([]);
    expect(found(encodeBech32('age', dice.bytes(32)))).toEqual([]);
  });

  it('post-quantum age identities, and those of plugins', () => {
    expect(found(encodeBech32('age-secret-key-pq-', dice.bytes(32)).toUpperCase())).toEqual([
      'age-pq-secret-key',
    ]);
    for (const name of ['yubikey', 'tpm', 'se', 'fido2-hmac']) {
      expect(found(encodeBech32(`age-plugin-${name}-`, dice.bytes(33)).toUpperCase())).toEqual([
        'age-plugin-identity',
      ]);
    }
  });

  it('PGP, in armor and without', () => {
    const packet = Buffer.concat([
      Buffer.from([0x95, 0x03, 0xbe, 0x04, 0x65, 0, 0, 0, 0x01, 0x08]),
      dice.bytes(900),
    ]);
    const crc = `=${random('b', 4, dice)}`;
    const armored = pem('PGP PRIVATE KEY BLOCK', packet.toString('base64'), 'Version: GnuPG v2').replace(
      '-----END',
      `${crc}\n-----END`,
    );
    expect(found(armored)).toEqual(['pgp-private-key']);
    expect(found(armored.replaceAll('PRIVATE', 'PUBLIC'))).toEqual([]);
    expect(found(packet, 'secring.gpg')).toEqual(['pgp-secret-key-binary']);
  });

  it('PuTTY, versions 2 and 3', () => {
    for (const version of [2, 3]) {
      const lines = base64(560).match(/.{1,64}/g) ?? [];
      const text = [
        `PuTTY-User-Key-File-${version}: ssh-ed25519`,
        'Encryption: none',
        'Comment: megumu',
        'Public-Lines: 2',
        base64(48),
        base64(20),
        `Private-Lines: ${lines.length}`,
        ...lines,
        `Private-MAC: ${random('h', 64, dice)}`,
        '',
      ].join('\r\n');
      expect(found(text)).toEqual(['putty-private-key']);
    }
  });

  it('WireGuard by name, not the public half', () => {
    const key = base64(32);
    for (const before of [
      'PrivateKey = ',
      'PresharedKey = ',
      'privateKey = "',
      'private-key=',
      'WG_PRIVATE_KEY=',
      '"private_key": "',
    ]) {
      expect(found(`[Interface]\n${before}${key}${before.endsWith('"') ? '"' : ''}\n`)).toEqual([
        'wireguard-private-key',
      ]);
    }
    expect(found(`echo '${key}' | wg set wg0 private-key /dev/stdin\n`)).toEqual(['wireguard-private-key']);
    expect(found(`wg set wg0 peer ${key} allowed-ips 10.0.0.2/32\n`)).toEqual([]);
    expect(found(`<td>PrivateKey</td><td>${key}</td>`)).toEqual(['wireguard-private-key']);
    expect(found(`PublicKey = ${key}\npublicKey = "${base64(32)}";\n`)).toEqual([]);
    expect(found('privateKeyFile = "/run/secrets/wg";\nPrivateKey = <your private key>\n')).toEqual([]);
  });

  it('a file of wg genkey, by what is fixed in a private key', () => {
    const bytes = dice.bytes(32);
    bytes[0] = (bytes[0] ?? 0) & 248;
    bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
    const key = `${Buffer.from(bytes).toString('base64')}\n`;
    expect(found(key, 'wireguard/megumu.key')).toEqual(['wireguard-key-file']);
    expect(found(key, 'wireguard/megumu.pub')).toEqual([]);
    expect(found(key, 'docs/digest.txt')).toEqual([]);
  });

  it('Nix signing keys, not the public ones or signatures', () => {
    expect(found(`cache.example.org-1:${base64(64)}`)).toEqual(['nix-signing-key']);
    expect(found(`trusted-public-keys = cache.example.org-1:${base64(32)}`)).toEqual([]);
    expect(found(`Sig: cache.example.org-1:${base64(64)}`, 'a.narinfo')).toEqual([]);
    expect(found(`"signatures":["a-1:${base64(64)}","b-1:${base64(64)}"]`)).toEqual([]);
    expect(found(`sha512:${base64(64)}`)).toEqual([]);
  });

  it.each([
    [
      'minisign',
      () => Buffer.concat([Buffer.from('EdScB2'), dice.bytes(152)]).toString('base64'),
      'minisign-secret-key',
    ],
    [
      'signify',
      () => Buffer.concat([Buffer.from('EdBK'), dice.bytes(100)]).toString('base64'),
      'minisign-secret-key',
    ],
    ['Tailscale', () => `privkey:${random('h', 64, dice)}`, 'tailscale-node-key'],
    ['Matrix', () => `ed25519 a_YvKi ${base64(32).slice(0, 43)}`, 'matrix-signing-key'],
    ['an onion service for a controller', () => `ED25519-V3:${base64(64)}`, 'tor-onion-key'],
    [
      'a client of an onion service',
      () => `${random('o', 56, dice)}:descriptor:x25519:${random('s', 52, dice)}`,
      'tor-onion-key',
    ],
    [
      'JSON (JWK)',
      () => JSON.stringify({ kty: 'EC', crv: 'P-256', x: random('w', 43, dice), d: random('w', 43, dice) }),
      'jwk-private-key',
    ],
    [
      '.NET',
      () => `<RSAKeyValue><Modulus>${base64(256)}</Modulus><D>${base64(256)}</D></RSAKeyValue>`,
      'xml-private-key',
    ],
    [
      'OpenVPN',
      () =>
        `-----BEGIN OpenVPN Static key V1-----\n${Array.from({ length: 16 }, () => random('h', 32, dice)).join('\n')}\n-----END OpenVPN Static key V1-----\n`,
      'openvpn-static-key',
    ],
    [
      'GnuPG',
      () =>
        `Key: (private-key (ecc (curve Ed25519)(flags eddsa)(q #${random('H', 66, dice)}#)(d #${random('H', 64, dice)}#)))`,
      'gpg-private-key-file',
    ],
  ])('%s', (_, make, rule) => {
    expect(found(make())).toEqual([rule]);
  });

  it.each([
    [
      'a public JWK',
      () => JSON.stringify({ kty: 'EC', crv: 'P-256', x: random('w', 43, dice), y: random('w', 43, dice) }),
    ],
    ['a public key of .NET', () => `<RSAKeyValue><Modulus>${base64(256)}</Modulus></RSAKeyValue>`],
    ['a public key of minisign', () => Buffer.concat([Buffer.from('Ed'), dice.bytes(40)]).toString('base64')],
    ['a public key of a client', () => `descriptor:x25519:${random('s', 52, dice)}`],
    ['a public key of Tailscale', () => `nodekey:${random('h', 64, dice)}`],
  ])('but not %s', (_, make) => {
    expect(found(make())).toEqual([]);
  });

  it('the file of an onion service', () => {
    const file = Buffer.concat([
      Buffer.from(['== ed25519v1-', 'secret: type0 ==\0\0\0'].join('')),
      dice.bytes(64),
    ]);
    expect(found(file, 'hs_ed25519_secret_key')).toEqual(['tor-onion-key']);
    expect(found(`key: ${file.toString('base64')}`)).toEqual(['tor-onion-key']);
    expect(found(['The file begins with == ed25519v1-', 'secret: type0 ==, then zeros'].join(''))).toEqual(
      [],
    );
  });

  it.each([
    ['Java', [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]],
    ['KeePass', [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5]],
  ])('a store of %s', (_, magic) => {
    expect(found(Buffer.concat([Buffer.from(magic), dice.bytes(600)]), 'a.bin')).toEqual(['key-store']);
    expect(found(Buffer.from(magic), 'a.bin')).toEqual([]);
  });

  it('PKCS #12', () => {
    const content = Buffer.concat([Buffer.from([0x30, 0x82, 0x02, 0x00]), dice.bytes(512)]);
    const inner = Buffer.concat([Buffer.from([0x02, 0x01, 0x03]), content]);
    const file = Buffer.concat([Buffer.from([0x30, 0x82, inner.length >> 8, inner.length & 255]), inner]);
    expect(found(file, 'client.p12')).toEqual(['key-store']);
  });
});
