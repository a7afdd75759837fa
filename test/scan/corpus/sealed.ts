import { encodeArmor } from '../../../src/age/armor.ts';
import { encodeBech32 } from '../../../src/age/bech32.ts';
import { wrapDataKey } from '../../../src/age/data-key.ts';
import { publicKeyOf } from '../../../src/age/x25519.ts';
import { loadFormat, writeSopsFile } from '../../../src/sops/document.ts';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import { seal } from '../../../src/sops/seal.ts';
import type { Selection } from '../../../src/sops/selection.ts';
import type { Chance } from './chance.ts';
import { ed25519, pem, pgpArmor, sshPublic, wireguardKey } from './key-material.ts';
import { type Negative, negative } from './sample.ts';

interface Plain {
  readonly kind: string;
  readonly path: string;
  readonly format: FormatName;
  readonly text: (chance: Chance) => string;
  readonly selection?: Selection;
}

const secretText = (c: Chance): string =>
  `db:\n    password: ${c.strong()}\n    user: app\napi_key: ${c.hex(40)}\nlist:\n    - ${c.strong()}\n    - ${c.strong()}\n`;

const PLAIN: readonly Plain[] = [
  { kind: 'yaml', path: 'secrets/db.yaml', format: 'yaml', text: secretText },
  {
    kind: 'yaml of a host',
    path: 'hosts/desk/secrets.yaml',
    format: 'yaml',
    text: c => `wireguard:\n    private: ${wireguardKey(c)}\npasswords:\n    root: ${c.human()}\n`,
  },
  {
    kind: 'yaml with a key',
    path: 'secrets/tls.yaml',
    format: 'yaml',
    text: c =>
      `key: |\n${pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' })).replace(/^/gm, '    ')}\n`,
  },
  {
    kind: 'yaml with comments',
    path: 'secrets/notes.yml',
    format: 'yaml',
    text: c => `# for the router\nrouter: ${c.human()}\n# and the nas\nnas: ${c.human()}\n`,
  },
  {
    kind: 'yaml of two documents',
    path: 'secrets/two.yaml',
    format: 'yaml',
    text: c => `token: ${c.hex(40)}\n---\ntoken: ${c.hex(40)}\n`,
  },
  {
    kind: 'yaml with clear keys',
    path: 'secrets/mixed.yaml',
    format: 'yaml',
    text: c => `host_unencrypted: db.example.org\npassword: ${c.strong()}\n`,
  },
  {
    kind: 'Kubernetes, encrypted_regex',
    path: 'k8s/secret.enc.yaml',
    format: 'yaml',
    text: c =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n    name: db\nstringData:\n    password: ${c.strong()}\n    username: app\n`,
    selection: { encryptedRegex: '^(data|stringData)$' },
  },
  {
    kind: 'Kubernetes data',
    path: 'clusters/home/secret.sops.yaml',
    format: 'yaml',
    text: c =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n    name: tls\ndata:\n    tls.key: ${c.base64(300)}\n`,
    selection: { encryptedRegex: '^(data|stringData)$' },
  },
  {
    kind: 'suffix',
    path: 'conf/app.yaml',
    format: 'yaml',
    text: c => `url: https://example.org\npassword_secret: ${c.strong()}\n`,
    selection: { encryptedSuffix: '_secret' },
  },
  {
    kind: 'json',
    path: 'secrets/app.json',
    format: 'json',
    text: c => JSON.stringify({ token: c.hex(40), nested: { password: c.strong() }, list: [c.human()] }),
  },
  {
    kind: 'json of terraform',
    path: 'infra/secrets.tfvars.json',
    format: 'json',
    text: c =>
      JSON.stringify({
        hcloud_token: c.base62(64),
        ssh_private_key: pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' })),
      }),
  },
  {
    kind: 'json docker config',
    path: 'secrets/docker.json',
    format: 'json',
    text: c => JSON.stringify({ auths: { 'ghcr.io': { auth: c.base64(30) } } }),
  },
  {
    kind: 'dotenv',
    path: 'secrets/app.env',
    format: 'dotenv',
    text: c => `DB_PASSWORD=${c.strong()}\nAPI_TOKEN=${c.base62(40)}\n`,
  },
  {
    kind: 'dotenv with comments',
    path: 'secrets/mail.env',
    format: 'dotenv',
    text: c => `# smtp\nSMTP_PASSWORD=${c.human()}\nSMTP_USER=bot\n`,
  },
  {
    kind: 'dotenv of a service',
    path: 'megumu/kotori.env',
    format: 'dotenv',
    text: c => `DISCORD_TOKEN=${c.base64url(70)}\nDATABASE_URL=postgres://app:${c.base62(16)}@db/app\n`,
  },
  {
    kind: 'ini',
    path: 'secrets/mail.ini',
    format: 'ini',
    text: c => `[smtp]\npassword = ${c.strong()}\n[imap]\npassword = ${c.human()}\n`,
  },
  {
    kind: 'ini of aws',
    path: 'secrets/aws.ini',
    format: 'ini',
    text: c => `[default]\naws_secret_access_key = ${c.base62(40)}\n`,
  },
  { kind: 'binary', path: 'secrets/wg.bin', format: 'binary', text: c => `${wireguardKey(c)}\n` },
  {
    kind: 'binary key',
    path: 'secrets/id_ed25519',
    format: 'binary',
    text: c => pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' })),
  },
  { kind: 'binary, large', path: 'secrets/backup.tar.bin', format: 'binary', text: c => c.base64(20_000) },
];

/** Files of sops in all five formats, encrypted by the project's own code to a key that nobody has. */
async function sopsFiles(chance: Chance, recipients: readonly string[]): Promise<Negative[]> {
  const files = PLAIN.map(async (plain, index) => {
    const own = chance.for(`sops ${plain.kind}`);
    const dataKey = own.bytes(32);
    const age = await Promise.all(
      recipients
        .slice(0, 1 + (index % recipients.length))
        .map(async recipient => ({ recipient, enc: await wrapDataKey(dataKey, recipient) })),
    );
    const documents = (await loadFormat(plain.format)).parsePlain(Buffer.from(plain.text(own)));
    const file = seal(documents, {
      format: plain.format,
      dataKey,
      groups: [{ age, others: [] }],
      selection: plain.selection ?? {},
      macOnlyEncrypted: false,
      version: '3.13.3',
      now: new Date('2026-01-02T03:04:05Z'),
      random: length => own.bytes(length),
    });
    return { plain, bytes: await writeSopsFile(file) };
  });
  return (await Promise.all(files)).flatMap(({ plain, bytes }) => {
    const { kind, path } = plain;
    const list = [negative('sops', kind, path, bytes)];
    if (kind === 'yaml')
      list.push(negative('sops', 'yaml with a BOM', path, Buffer.concat([Buffer.from('\ufeff'), bytes])));
    if (kind === 'json')
      list.push(
        negative(
          'sops',
          'json in CRLF',
          path,
          Buffer.from(Buffer.from(bytes).toString().replaceAll('\n', '\r\n')),
        ),
      );
    if (kind === 'dotenv') list.push(negative('sops', 'dotenv elsewhere', '.env', bytes));
    if (kind === 'yaml of a host') {
      const quoted = Buffer.from(bytes).toString().replace(/^/gm, '    ');
      list.push(negative('sops', 'quoted in a README', 'docs/how.md', `# What it looks like\n\n${quoted}\n`));
      list.push(
        negative(
          'sops',
          'as a patch',
          'patches/x.patch',
          `--- a\n+++ b\n@@ -1 +1 @@\n${Buffer.from(bytes).toString().replace(/^/gm, '+')}`,
        ),
      );
    }
    return list;
  });
}

/** age files as such: armored, binary, in other files. */
async function ageFiles(chance: Chance, recipients: readonly string[]): Promise<Negative[]> {
  const own = chance.for('age files');
  const armored = await wrapDataKey(own.bytes(32), recipients[0] ?? '');
  const [binary, long] = [
    Buffer.from(armored.split('\n').slice(1, -2).join(''), 'base64'),
    encodeArmor(
      Buffer.concat([
        Buffer.from('age-encryption.org/v1\n-> X25519 '),
        Buffer.from(own.base64url(43)),
        Buffer.from('\n'),
        own.bytes(9000),
      ]),
    ),
  ];
  return [
    negative('armor', 'armored', 'secrets/one.age', armored),
    negative('armor', 'armored, long', 'backup.age', long),
    negative('armor', 'binary', 'secrets/password.age', binary),
    negative(
      'armor',
      'in Nix',
      'hosts/x.nix',
      `{\n  secret = ''\n    ${armored.trim().replaceAll('\n', '\n    ')}\n  '';\n}\n`,
    ),
    negative('armor', 'in YAML', 'vars/x.yaml', `token: |\n  ${armored.trim().replaceAll('\n', '\n  ')}\n`),
    negative('armor', 'in JSON', 'vars/x.json', JSON.stringify({ password: armored })),
    negative('armor', 'in Markdown', 'docs/mail.md', `Send this:\n\n\`\`\`\n${armored}\`\`\`\n`),
    negative('armor', 'chezmoi', 'dot_config/encrypted_private_token.age', armored),
  ];
}

/** What other tools encrypt. */
function foreign(chance: Chance): Negative[] {
  const c = chance.for('encrypted');
  const vault = (version: string) => [`$ANSIBLE_VAULT;${version}`, ...(c.hex(640).match(/.{1,80}/g) ?? [])];
  const noise = (length: number) => Buffer.from(c.bytes(length));
  const message = pgpArmor('MESSAGE', noise(600));
  const sealed = c.base64(420);
  return [
    negative(
      'encrypted',
      'ansible-vault file',
      'group_vars/all/vault.yml',
      `${vault('1.1;AES256').join('\n')}\n`,
    ),
    negative(
      'encrypted',
      'ansible-vault, named',
      'group_vars/prod/vault.yml',
      `${vault('1.2;AES256;prod').join('\n')}\n`,
    ),
    negative(
      'encrypted',
      'ansible-vault value',
      'group_vars/web.yml',
      `db_password: !vault |\n  ${vault('1.1;AES256').join('\n  ')}\nport: 80\n`,
    ),
    negative(
      'encrypted',
      'git-crypt',
      'secrets/tls.key',
      Buffer.concat([Buffer.from('\0GITCRYPT\0'), noise(1200)]),
    ),
    negative(
      'encrypted',
      'git-crypt dotenv',
      '.env',
      Buffer.concat([Buffer.from('\0GITCRYPT\0'), noise(300)]),
    ),
    negative('encrypted', 'gpg message', 'secrets/password.asc', `${message}\n`),
    negative(
      'encrypted',
      'gpg message in YAML',
      'secrets/pgp.yaml',
      `password: |\n  ${message.replaceAll('\n', '\n  ')}\n`,
    ),
    negative(
      'encrypted',
      'gpg binary',
      'password-store/mail.gpg',
      Buffer.concat([Buffer.from('8504018c03', 'hex'), noise(400)]),
    ),
    negative(
      'encrypted',
      'sealed secret',
      'k8s/sealed.yaml',
      `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n    password: AgB${sealed}\n    token: AgA${c.base64(420)}\n`,
    ),
    negative('encrypted', 'openssl salted', 'deploy/key.enc.b64', `U2FsdGVkX1${c.base64(300)}\n`),
    negative(
      'encrypted',
      'openssl salted, binary',
      'deploy/key.enc',
      Buffer.concat([Buffer.from('Salted__'), noise(500)]),
    ),
    negative(
      'encrypted',
      'eyaml',
      'hiera/common.yaml',
      `profile::db::password: ENC[PKCS7,${c.base64(300)}]\nprofile::db::user: app\n`,
    ),
    negative(
      'encrypted',
      'Rails credentials',
      'config/credentials.yml.enc',
      `${c.base64(400)}--${c.base64(12)}--${c.base64(16)}`,
    ),
    negative(
      'encrypted',
      'Travis secure',
      '.travis.yml',
      `language: node_js\nenv:\n  global:\n    - secure: "${c.base64(512)}"\n`,
    ),
    negative(
      'encrypted',
      'AppVeyor secure',
      'appveyor.yml',
      `environment:\n  token:\n    secure: ${c.base64(32)}\n`,
    ),
    negative(
      'encrypted',
      'Pulumi secure',
      'Pulumi.prod.yaml',
      `encryptionsalt: v1:${c.base64(8)}:v1:${c.base64(12)}:${c.base64(28)}\nconfig:\n  web:password:\n    secure: v1:${c.base64(12)}:${c.base64(32)}\n`,
    ),
    negative(
      'encrypted',
      'Maven, encrypted',
      'settings-security.xml',
      `<settingsSecurity>\n  <master>{${c.base64(32)}}</master>\n</settingsSecurity>\n`,
    ),
    negative(
      'encrypted',
      'dotenvx',
      '.env.vault',
      `DOTENV_PUBLIC_KEY="03${c.hex(64)}"\nHELLO="encrypted:${c.base64(120)}"\n`,
    ),
    negative(
      'encrypted',
      'JWE',
      'fixtures/jwe.txt',
      `${Buffer.from('{"alg":"RSA-OAEP","enc":"A256GCM"}').toString('base64url')}.${c.base64url(342)}.${c.base64url(16)}.${c.base64url(80)}.${c.base64url(22)}\n`,
    ),
    negative(
      'encrypted',
      'systemd credential',
      'etc/credstore.encrypted/db',
      `${c
        .base64(300)
        .match(/.{1,69}/g)
        ?.join('\n')}\n`,
    ),
    negative(
      'encrypted',
      'SetCredentialEncrypted',
      'systemd/app.service',
      `[Service]\nSetCredentialEncrypted=db: \\\n        ${c
        .base64(260)
        .match(/.{1,76}/g)
        ?.join(' \\\n        ')}\nExecStart=/bin/app\n`,
    ),
    negative('encrypted', 'blackbox', 'keyrings/live/pubring.kbx', noise(800)),
  ];
}

/** Everything that is encrypted already. */
export async function sealedFiles(chance: Chance): Promise<Negative[]> {
  const recipients = realRecipients(chance.for('recipients'));
  return [
    ...(await sopsFiles(chance, recipients)),
    ...(await ageFiles(chance, recipients)),
    ...foreign(chance),
  ];
}

/** Public keys of curves, because data keys are really wrapped for them. */
function realRecipients(chance: Chance): string[] {
  return [
    encodeBech32('age', publicKeyOf(chance.bytes(32))),
    sshPublic(ed25519(chance).key, 'root@host'),
    encodeBech32('age', publicKeyOf(chance.bytes(32))),
  ];
}
