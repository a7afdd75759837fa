import { createPublicKey } from 'node:crypto';
import { type Chance, glue } from './chance.ts';
import {
  ageRecipient,
  certificateLike,
  ed25519,
  nixPublicKey,
  p256,
  pem,
  pgpArmor,
  pgpKey,
  rsa,
  sshPublic,
  wireguardKey,
} from './key-material.ts';
import { type Negative, negative } from './sample.ts';

type File = readonly [kind: string, path: string, text: (chance: Chance) => string];

const ssh = (c: Chance, comment = 'me@desk'): string => sshPublic(ed25519(c).key, comment);
const sshRsa = (comment: string): string => sshPublic(rsa(), comment);

const FILES: readonly File[] = [
  ['ssh public key', '.ssh/id_ed25519.pub', c => `${ssh(c)}\n`],
  ['ssh public RSA key', '.ssh/id_rsa.pub', () => `${sshRsa('me@desk')}\n`],
  ['ssh host key', 'hosts/desk/ssh_host_ed25519_key.pub', c => `${ssh(c, 'root@desk')}\n`],
  [
    'authorized_keys',
    '.ssh/authorized_keys',
    c =>
      `# laptops\n${ssh(c)}\ncommand="/bin/backup",no-pty ${sshPublic(p256(c), 'backup')}\n${sshRsa('old')}\n`,
  ],
  [
    'known_hosts',
    '.ssh/known_hosts',
    c => `github.com ${ssh(c, '')}\n[git.example.org]:2222 ${sshPublic(p256(c), '')}\n`,
  ],
  ['hashed known_hosts', 'known_hosts', c => `|1|${c.base64(20)}|${c.base64(20)} ${ssh(c, '')}\n`],
  ['allowed_signers', '.config/git/allowed_signers', c => `me@example.org ${ssh(c, '')}\n`],
  ['ssh certificate', '.ssh/id-cert.pub', c => `ssh-ed25519-cert-v01@openssh.com ${c.base64(420)} me\n`],
  [
    'ssh keys in Nix',
    'hosts/keys.nix',
    c =>
      `{\n  users.users.me.openssh.authorizedKeys.keys = [\n    "${ssh(c)}"\n    "${sshRsa('work')}"\n  ];\n}\n`,
  ],
  [
    'knownHosts in Nix',
    'modules/ssh.nix',
    c => `{\n  programs.ssh.knownHosts."git.example.org".publicKey = "${ssh(c, '')}";\n}\n`,
  ],
  [
    'ssh signature',
    'release.sig',
    c =>
      `-----BEGIN SSH SIGNATURE-----\n${c
        .base64(220)
        .match(/.{1,70}/g)
        ?.join('\n')}\n-----END SSH SIGNATURE-----\n`,
  ],
  [
    '.sops.yaml',
    '.sops.yaml',
    c =>
      `keys:\n  - &me ${ageRecipient(c)}\n  - &desk ${ageRecipient(c)}\ncreation_rules:\n  - path_regex: ^secrets/\n    key_groups:\n      - age: [*me, *desk]\n`,
  ],
  [
    '.sops.yaml with ssh and pgp',
    'infra/.sops.yaml',
    c =>
      `creation_rules:\n  - path_regex: .*\n    age: >-\n      ${ageRecipient(c)},\n      ${ssh(c, '')}\n    pgp: ${c.hex(40).toUpperCase()}\n`,
  ],
  ['post-quantum recipient', 'recipients.txt', c => `# me\n${ageRecipient(c, 'age1pq', 1216)}\n`],
  [
    'age recipients',
    'recipients/team.txt',
    c => `${ageRecipient(c)}\n${ageRecipient(c, 'age1yubikey', 33)}\n${ssh(c)}\n`,
  ],
  [
    'secrets.nix of agenix',
    'secrets/secrets.nix',
    c =>
      `let\n  me = "${ageRecipient(c)}";\n  desk = "${ssh(c, 'root@desk')}";\nin\n{\n  "password.age".publicKeys = [ me desk ];\n}\n`,
  ],
  ['age recipient in code', 'src/backup.ts', c => `export const RECIPIENT = '${ageRecipient(c)}';\n`],
  [
    'age recipient in an env file',
    '.env.example',
    c => `AGE_PUBLIC_KEY=${ageRecipient(c)}\nSOPS_AGE_RECIPIENTS=${ageRecipient(c)}\n`,
  ],
  ['wireguard public file', 'public/desk/wg.pub', c => `${wireguardKey(c)}\n`],
  [
    'wireguard peers',
    'wireguard/peers.conf',
    c =>
      `[Interface]\nAddress = 10.0.0.1/24\n\n[Peer]\nPublicKey = ${wireguardKey(c)}\nAllowedIPs = 10.0.0.2/32\n\n[Peer]\nPublicKey=${wireguardKey(c)}\nAllowedIPs=10.0.0.3/32\n`,
  ],
  [
    'wireguard in Nix',
    'hosts/vpn.nix',
    c =>
      `{ config, ... }:\n{\n  networking.wg-quick.interfaces.wg0 = {\n    privateKeyFile = config.sops.secrets.wg.path;\n    peers = [\n      { publicKey = "${wireguardKey(c)}"; presharedKeyFile = "/run/secrets/psk"; }\n    ];\n  };\n}\n`,
  ],
  [
    'wireguard in YAML',
    'host_vars/vpn.yml',
    c => `wireguard:\n  public_key: ${wireguardKey(c)}\n  pubkey: "${wireguardKey(c)}"\n`,
  ],
  [
    'wireguard netdev peer',
    'network/wg.netdev',
    c => `[WireGuard]\nPrivateKeyFile=/run/secrets/wg\n\n[WireGuardPeer]\nPublicKey=${wireguardKey(c)}\n`,
  ],
  [
    'wireguard in JSON',
    'peers.json',
    c =>
      JSON.stringify(
        [
          { name: 'desk', publicKey: wireguardKey(c) },
          { name: 'phone', public_key: wireguardKey(c) },
        ],
        null,
        2,
      ),
  ],
  [
    'wireguard in a table',
    'docs/vpn.md',
    c => `| host | public key |\n| --- | --- |\n| desk | \`${wireguardKey(c)}\` |\n`,
  ],
  [
    'binary cache key in Nix',
    'modules/cache.nix',
    c =>
      `{\n  nix.settings.trusted-public-keys = [\n    "${nixPublicKey(c, 'cache.example.org-1')}"\n    "${nixPublicKey(c, 'mine.cachix.org-1')}"\n  ];\n}\n`,
  ],
  [
    'binary cache key in nix.conf',
    'nix.conf',
    c =>
      `substituters = https://cache.example.org\ntrusted-public-keys = ${nixPublicKey(c, 'cache.example.org-1')} ${nixPublicKey(c, 'b-1')}\n`,
  ],
  [
    'nixConfig of a flake',
    'flake.nix',
    c =>
      `{\n  nixConfig = {\n    extra-substituters = "https://x.cachix.org";\n    extra-trusted-public-keys = "${nixPublicKey(c, 'x.cachix.org-1')}";\n  };\n}\n`,
  ],
  [
    'narinfo',
    'cache/x.narinfo',
    c =>
      `StorePath: /nix/store/${c.lower(32)}-hello\nNarHash: sha256:${c.lower(52)}\nSig: cache.example.org-1:${c.base64(64)}\n`,
  ],
  ['PGP public key', 'keys/me.asc', c => `${pgpKey(c, 'PUBLIC')}\n`],
  [
    'PGP public key in Nix',
    'home/gpg.nix',
    c =>
      `{\n  programs.gpg.publicKeys = [ { text = ''\n    ${pgpKey(c, 'PUBLIC').replaceAll('\n', '\n    ')}\n  ''; } ];\n}\n`,
  ],
  ['PGP signature', 'release.tar.gz.asc', c => `${pgpArmor('SIGNATURE', c.bytes(120))}\n`],
  [
    'PGP signed message',
    'SHA256SUMS.asc',
    c =>
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${c.hex(64)}  disk.iso\n${pgpArmor('SIGNATURE', c.bytes(120))}\n`,
  ],
  ['certificate', 'certs/ca.crt', c => `${certificateLike(c)}\n`],
  ['certificate chain', 'certs/fullchain.pem', c => `${certificateLike(c)}\n${certificateLike(c)}\n`],
  [
    'certificate in YAML',
    'k8s/ca.yaml',
    c =>
      `apiVersion: v1\nkind: ConfigMap\ndata:\n  ca.crt: |\n    ${certificateLike(c).replaceAll('\n', '\n    ')}\n`,
  ],
  [
    'certificate in Nix',
    'modules/ca.nix',
    c =>
      `{\n  security.pki.certificates = [ ''\n    ${certificateLike(c).replaceAll('\n', '\n    ')}\n  '' ];\n}\n`,
  ],
  [
    'certificate data',
    'kubeconfig.yaml',
    c =>
      `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(certificateLike(c)).toString('base64')}\n    server: https://10.0.0.1:6443\n`,
  ],
  [
    'caBundle',
    'k8s/webhook.yaml',
    c =>
      `kind: ValidatingWebhookConfiguration\nwebhooks:\n- clientConfig:\n    caBundle: ${Buffer.from(certificateLike(c)).toString('base64')}\n`,
  ],
  ['signing request', 'certs/web.csr', c => `${pem('CERTIFICATE REQUEST', c.bytes(500))}\n`],
  [
    'PEM public key',
    'cosign.pub',
    c => `${pem('PUBLIC KEY', createPublicKey(p256(c)).export({ format: 'der', type: 'spki' }))}\n`,
  ],
  ['PEM RSA public key', 'jwt/public.pem', c => `${pem('RSA PUBLIC KEY', c.bytes(270))}\n`],
  [
    'PEM public key in JSON',
    'config/jwt.json',
    c => JSON.stringify({ publicKey: `${pem('PUBLIC KEY', c.bytes(91))}\n` }),
  ],
  ['DH parameters', 'nginx/dhparam.pem', c => `${pem('DH PARAMETERS', c.bytes(268))}\n`],
  ['revocation list', 'certs/ca.crl', c => `${pem('X509 CRL', c.bytes(300))}\n`],
  [
    'EC parameters',
    'certs/params.pem',
    () => `${pem('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex'))}\n`,
  ],
  [
    'minisign public key',
    'minisign.pub',
    c =>
      `untrusted comment: minisign public key ${c.hex(16).toUpperCase()}\nRWQ${c.base64(40).slice(0, 53)}\n`,
  ],
  [
    'minisign signature',
    'x.tar.gz.minisig',
    c =>
      `untrusted comment: signature from minisign secret key\nRUQ${c.base64(72).slice(0, 97)}\ntrusted comment: timestamp:1700000000\n${c.base64(64)}\n`,
  ],
  [
    'JWKS',
    'static/jwks.json',
    c =>
      JSON.stringify(
        {
          keys: [
            { kty: 'RSA', use: 'sig', kid: c.hex(16), n: c.base64url(342), e: 'AQAB' },
            { kty: 'EC', crv: 'P-256', x: c.base64url(43), y: c.base64url(43) },
          ],
        },
        null,
        2,
      ),
  ],
  [
    'DKIM',
    'dns/zone.db',
    c =>
      `mail._domainkey IN TXT ( "v=DKIM1; k=rsa; "\n  "p=MIIBIjANBgkqhkiG9w0BAQEFAAOC${c.base64(180)}" )\n`,
  ],
  [
    'DNSKEY',
    'dns/example.org.zone',
    c => `example.org. 3600 IN DNSKEY 257 3 13 ${c.base64(64)}\nexample.org. IN DS 12345 13 2 ${c.hex(64)}\n`,
  ],
  [
    'TLSA and SSHFP',
    'dns/records.js',
    c =>
      `D("example.org", REG, TLSA("_25._tcp", 3, 1, 1, "${c.hex(64)}"), SSHFP("@", 4, 2, "${c.hex(64)}"));\n`,
  ],
  ['VAPID public key', 'src/push.ts', c => `export const applicationServerKey = 'B${c.base64url(86)}';\n`],
  [
    'matrix verify keys',
    'synapse/trusted.yaml',
    c =>
      `trusted_key_servers:\n  - server_name: matrix.org\n    verify_keys:\n      "ed25519:auto": "${c.base64(32).replace('=', '')}"\n`,
  ],
  [
    'yggdrasil public',
    'hosts/ygg.nix',
    c => `{\n  services.yggdrasil.settings.AllowedPublicKeys = [ "${c.hex(64)}" ];\n}\n`,
  ],
  [
    'syncthing device',
    'home/sync.nix',
    c =>
      `{\n  services.syncthing.settings.devices.phone.id = "${Array.from({ length: 8 }, () => c.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 7)).join('-')}";\n}\n`,
  ],
  [
    'onion address',
    'docs/tor.md',
    c => `Our mirror: http://${c.from('abcdefghijklmnopqrstuvwxyz234567', 56)}.onion/\n`,
  ],
  [
    'Stripe publishable key',
    'src/pay.ts',
    c => `export const key = '${glue('pk', '_live_')}${c.base62(24)}';\n`,
  ],
  [
    'reCAPTCHA site key',
    'site/form.html',
    c => `<div class="g-recaptcha" data-sitekey="6L${c.base64url(38)}"></div>\n`,
  ],
  [
    'Sentry DSN',
    'src/sentry.ts',
    c => `init({ dsn: 'https://${c.hex(32)}@o12345.ingest.sentry.io/67890' });\n`,
  ],
  ['public key in Go', 'pkg/verify.go', c => `package verify\n\nconst publicKey = "${c.base64(32)}"\n`],
];

/** Public halves: one character away from what must be found. */
export function publicKeys(chance: Chance): Negative[] {
  return FILES.map(([kind, path, text]) =>
    negative('public', kind, path, text(chance.for(`public ${kind}`))),
  );
}
