import { BLOCK_FRAMES } from './blocks.ts';
import type { Chance } from './chance.ts';
import { FRAMES } from './frames.ts';
import {
  ageIdentity,
  ageRecipient,
  certificateLike,
  derIntegers,
  ed25519,
  nixSigningKey,
  p256,
  pem,
  pgpKey,
  putty,
  rsa,
  sshPrivate,
  wireguardKey,
} from './key-material.ts';
import { type Make, type Page, type Positive, planted, positive } from './sample.ts';

/** A key of several lines: its kind and the name of the file that holds nothing else. */
interface BlockKind {
  readonly kind: string;
  readonly file: string;
  readonly make: Make;
}

const der = (type: 'pkcs1' | 'pkcs8') => rsa().export({ format: 'der', type });

const BLOCKS: readonly BlockKind[] = [
  { kind: 'pem-rsa', file: 'tls/server.key', make: () => pem('RSA PRIVATE KEY', der('pkcs1')) },
  { kind: 'pem-pkcs8-rsa', file: 'certs/*.pem', make: () => pem('PRIVATE KEY', der('pkcs8')) },
  {
    kind: 'pem-ec',
    file: 'certs/ec.pem',
    make: c => pem('EC PRIVATE KEY', p256(c).export({ format: 'der', type: 'sec1' })),
  },
  {
    kind: 'pem-pkcs8-ec',
    file: 'keys/AuthKey_*.p8',
    make: c => pem('PRIVATE KEY', p256(c).export({ format: 'der', type: 'pkcs8' })),
  },
  {
    kind: 'pem-pkcs8-ed25519',
    file: 'keys/ed.pem',
    make: c => pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' })),
  },
  {
    kind: 'pem-encrypted',
    file: 'keys/*.key',
    make: c =>
      p256(c)
        .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: c.strong() })
        .toString()
        .trim(),
  },
  {
    kind: 'pem-proc-type',
    file: 'keys/old.key',
    make: c =>
      pem('RSA PRIVATE KEY', Buffer.from(c.bytes(1192)), [
        'Proc-Type: 4,ENCRYPTED',
        `DEK-Info: AES-256-CBC,${c.hex(32).toUpperCase()}`,
      ]),
  },
  {
    kind: 'pem-dsa',
    file: 'ssh/ssh_host_dsa_key',
    make: c => pem('DSA PRIVATE KEY', derIntegers(c, [256, 32, 256, 256, 32])),
  },
  { kind: 'openssh-ed25519', file: '.ssh/id_ed25519', make: c => sshPrivate(ed25519(c).key, c) },
  { kind: 'openssh-rsa', file: '.ssh/id_rsa', make: c => sshPrivate(rsa(), c) },
  { kind: 'openssh-ecdsa', file: 'hosts/*/ssh_host_ecdsa_key', make: c => sshPrivate(p256(c), c) },
  { kind: 'openssh-encrypted', file: 'deploy_key', make: c => sshPrivate(ed25519(c).key, c, true) },
  { kind: 'pgp', file: 'keys/*.asc', make: c => pgpKey(c, 'PRIVATE') },
  { kind: 'putty-2', file: 'windows/*.ppk', make: c => putty(c, 2) },
  { kind: 'putty-3', file: 'windows/key.ppk', make: c => putty(c, 3) },
  {
    kind: 'cosign',
    file: 'cosign.key',
    make: c =>
      pem(
        'ENCRYPTED COSIGN PRIVATE KEY',
        Buffer.from(
          JSON.stringify({
            kdf: { name: 'scrypt', salt: c.base64(32) },
            cipher: { name: 'nacl/secretbox', nonce: c.base64(24) },
            ciphertext: c.base64(160),
          }),
        ),
      ),
  },
  {
    kind: 'ssh2-com',
    file: 'legacy/id_dsa_2048_a',
    make: c =>
      [
        '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----',
        'Comment: "desk"',
        ...(c.base64(480).match(/.{1,70}/g) ?? []),
        '---- END SSH2 ENCRYPTED PRIVATE KEY ----',
      ].join('\n'),
  },
  {
    kind: 'openvpn-static',
    file: 'vpn/ta.key',
    make: c =>
      [
        '-----BEGIN OpenVPN Static key V1-----',
        ...Array.from({ length: 16 }, () => c.hex(32)),
        '-----END OpenVPN Static key V1-----',
      ].join('\n'),
  },
];

/** Which of the kinds also go into files of another format, how often. */
const EMBEDDED: readonly (readonly [kind: string, times: number])[] = [
  ['pem-rsa', 4],
  ['pem-pkcs8-rsa', 4],
  ['pem-ec', 4],
  ['pem-pkcs8-ed25519', 5],
  ['openssh-ed25519', 6],
  ['openssh-rsa', 2],
  ['pgp', 2],
  ['pem-encrypted', 2],
];

/** Keys alone in their file, and in files of every other format. */
export function blockKeys(chance: Chance): Positive[] {
  const alone = BLOCKS.map(({ kind, file, make }) => {
    const own = chance.for(kind);
    const path = file.replace('*', own.word());
    return positive('core', `${kind} alone`, { path, text: `${planted(make(own))}\n` });
  });
  const frames = chance.shuffled(BLOCK_FRAMES);
  const embedded = EMBEDDED.flatMap(([kind, times]) => {
    const make = BLOCKS.find(block => block.kind === kind)?.make;
    return Array.from({ length: times }, (_, index) => {
      const own = chance.for(`${kind} ${index}`);
      const frame = frames.shift() ?? own.pick(BLOCK_FRAMES);
      return positive('core', `${kind} in ${frame.title}`, frame.page(own, make?.(own) ?? ''));
    });
  });
  return [...alone, ...embedded];
}

/** Keys of one line whose form alone says what they are. */
export function lineKeys(chance: Chance): Positive[] {
  const frames = chance.shuffled(FRAMES);
  const placed = (grade: 'core' | 'medium', kind: string, name: string, make: Make): Positive => {
    const own = chance.for(`${kind} ${name}`);
    const frame = frames.shift() ?? own.pick(FRAMES);
    const value = make(own);
    return positive(grade, `${kind} in ${frame.title}`, frame.page(own, name, value), [value.slice(24)]);
  };
  return [
    ...['AGE_KEY', 'SOPS_AGE_KEY', 'IDENTITY', 'VALUE'].map(name =>
      placed('core', 'age', name, c => ageIdentity(c)),
    ),
    ...['SOPS_AGE_KEY', 'PQ_KEY'].map(name =>
      placed('core', 'age-post-quantum', name, c => ageIdentity(c, 'AGE-SECRET-KEY-PQ-')),
    ),
    placed('core', 'age-plugin-yubikey', 'AGE_IDENTITY', c => ageIdentity(c, 'AGE-PLUGIN-YUBIKEY-', 11)),
    placed('core', 'age-plugin-fido2', 'AGE_IDENTITY', c => ageIdentity(c, 'AGE-PLUGIN-FIDO2-HMAC-', 60)),
    placed('core', 'age-plugin-tpm', 'KEY', c => ageIdentity(c, 'AGE-PLUGIN-TPM-', 130)),
    placed('core', 'nix-signing', 'NIX_SIGNING_KEY', c => nixSigningKey(c, `cache.${c.word()}.org-1`)),
    placed('core', 'nix-signing', 'CACHIX_SIGNING_KEY', c => nixSigningKey(c, `${c.word()}.cachix.org-1`)),
    placed('core', 'wireguard', 'WG_PRIVATE_KEY', wireguardKey),
  ];
}

function page(path: string, text: string): Page {
  return { path, text };
}

/** Keys in the files of the programs that use them. */
export function keyFiles(chance: Chance): Positive[] {
  const core = (kind: string, make: (c: Chance) => Page): Positive =>
    positive('core', kind, make(chance.for(kind)));
  return [
    core('age keys.txt', c =>
      page(
        'age/keys.txt',
        `# created: 2024-03-01T10:00:00+01:00\n# public key: ${ageRecipient(c)}\n${planted(ageIdentity(c))}\n`,
      ),
    ),
    core('age post-quantum keys.txt', c =>
      page('keys.txt', `# created: 2026-01-01T10:00:00Z\n${planted(ageIdentity(c, 'AGE-SECRET-KEY-PQ-'))}\n`),
    ),
    core('age yubikey stub', c =>
      page(
        'identities/yubikey.txt',
        `#       Serial: 12345678, Slot: 1\n#   PIN policy: Once\n${planted(ageIdentity(c, 'AGE-PLUGIN-YUBIKEY-', 11))}\n`,
      ),
    ),
    core('age key in Nix', c =>
      page(
        'hosts/desk.nix',
        `{\n  sops.age.keyFile = builtins.toFile "keys.txt" "${planted(ageIdentity(c))}";\n}\n`,
      ),
    ),
    core('nix signing key file', c =>
      page(
        '/etc/nix/cache-priv-key.pem'.slice(1),
        `${planted(nixSigningKey(c, `cache.${c.word()}.net-1`))}\n`,
      ),
    ),
    core('nix signing key in Nix', c =>
      page(
        'modules/cache.nix',
        `{ pkgs, ... }:\n{\n  services.nix-serve.secretKeyFile = pkgs.writeText "key" "${planted(nixSigningKey(c, 'binarycache-1'))}";\n}\n`,
      ),
    ),
    core('wg-quick', c =>
      page(
        'wireguard/wg0.conf',
        `[Interface]\nAddress = 10.0.0.2/24\nPrivateKey = ${planted(wireguardKey(c))}\n\n[Peer]\nPublicKey = ${wireguardKey(c)}\nAllowedIPs = 10.0.0.0/24\n`,
      ),
    ),
    core('wg-quick preshared', c =>
      page(
        'wireguard/wg1.conf',
        `[Interface]\nAddress = 10.0.0.3/24\n\n[Peer]\nPublicKey = ${wireguardKey(c)}\nPresharedKey = ${planted(wireguardKey(c))}\nEndpoint = vpn.example.org:51820\n`,
      ),
    ),
    core('systemd netdev', c =>
      page(
        'network/50-wg0.netdev',
        `[NetDev]\nName=wg0\nKind=wireguard\n\n[WireGuard]\nPrivateKey=${planted(wireguardKey(c))}\nListenPort=51820\n\n[WireGuardPeer]\nPublicKey=${wireguardKey(c)}\n`,
      ),
    ),
    core('wireguard in Nix', c =>
      page(
        'hosts/vpn.nix',
        `{\n  networking.wireguard.interfaces.wg0 = {\n    ips = [ "10.1.0.1/24" ];\n    privateKey = "${planted(wireguardKey(c))}";\n    peers = [ { publicKey = "${wireguardKey(c)}"; allowedIPs = [ "10.1.0.2/32" ]; } ];\n  };\n}\n`,
      ),
    ),
    core('wireguard in YAML', c =>
      page(
        'ansible/host_vars/vpn.yml',
        `wireguard_address: 10.2.0.1/24\nwireguard_private_key: ${planted(wireguardKey(c))}\nwireguard_public_key: ${wireguardKey(c)}\n`,
      ),
    ),
    core('wireguard in JSON', c =>
      page(
        'sing-box/config.json',
        `{\n  "type": "wireguard",\n  "private_key": "${planted(wireguardKey(c))}",\n  "peer_public_key": "${wireguardKey(c)}",\n  "mtu": 1408\n}\n`,
      ),
    ),
    core('minisign', c =>
      page(
        'minisign.key',
        `untrusted comment: minisign encrypted secret key\n${planted(Buffer.concat([Buffer.from('EdScB2'), Buffer.from(c.bytes(152))]).toString('base64'))}\n`,
      ),
    ),
    core('signify', c =>
      page(
        'keys/release.sec',
        `untrusted comment: signify secret key\n${planted(Buffer.concat([Buffer.from('EdBK'), Buffer.from(c.bytes(100))]).toString('base64'))}\n`,
      ),
    ),
    core('JWK', c =>
      page(
        'keys/jwk.json',
        `{\n  "kty": "OKP",\n  "crv": "Ed25519",\n  "x": "${c.base64url(43)}",\n  "d": "${planted(c.base64url(43))}",\n  "kid": "main"\n}\n`,
      ),
    ),
    core('JWK of RSA', c =>
      page(
        'config/jwks-private.json',
        JSON.stringify({
          keys: [
            {
              kty: 'RSA',
              use: 'sig',
              n: c.base64url(342),
              e: 'AQAB',
              d: planted(c.base64url(342)),
              p: c.base64url(171),
              q: c.base64url(171),
            },
          ],
        }),
      ),
    ),
    core('XML RSA', c =>
      page(
        'keys/rsa.xml',
        `<RSAKeyValue>\n  <Modulus>${c.base64(256)}</Modulus>\n  <Exponent>AQAB</Exponent>\n  <D>${planted(c.base64(256))}</D>\n</RSAKeyValue>\n`,
      ),
    ),
    core('DNSSEC', c =>
      page(
        'dns/Kexample.org.+013+12345.private',
        `Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: ${planted(c.base64(32))}\nCreated: 20240101000000\n`,
      ),
    ),
    core('matrix signing', c =>
      page(
        'synapse/example.org.signing.key',
        `ed25519 a_${c.letters(4)} ${planted(c.base64(32).replace('=', ''))}\n`,
      ),
    ),
    core('certificate and key', c =>
      page(
        'ssl/web.pem',
        `${certificateLike(c)}\n${planted(pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' })))}\n${certificateLike(c)}\n`,
      ),
    ),
    core('CRLF', c =>
      page(
        'keys/windows.pem',
        `${planted(pem('PRIVATE KEY', p256(c).export({ format: 'der', type: 'pkcs8' })).replaceAll('\n', '\r\n'))}\r\n`,
      ),
    ),
  ];
}
