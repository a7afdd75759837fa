import type { Chance } from './chance.ts';
import { FRAMES, NAMED_FRAMES } from './frames.ts';
import { type Family, type Negative, negative, unmarked } from './sample.ts';

type File = readonly [family: Family, kind: string, path: string, text: (chance: Chance) => string];

const PROSE: readonly File[] = [
  [
    'prose',
    'how to rotate',
    'docs/rotate.md',
    () =>
      '# Rotating\n\nEvery secret has an owner. When a token leaks, revoke it first. The password: never in chat.\nSet `DB_PASSWORD` in the unit. Passwords must have at least 12 characters.\n',
  ],
  [
    'prose',
    'headers by name',
    'docs/pem.md',
    () => 'A PEM file begins with `-----BEGIN PRIVATE KEY-----` and ends with `-----END PRIVATE KEY-----`.\n',
  ],
  [
    'prose',
    'what to look for',
    'docs/scan.md',
    () =>
      `Tokens begin with \`${'gh'}p_\`, \`xoxb-\`, \`AKIA\` or \`glpat-\`; age keys with \`AGE-SECRET-KEY-1\`.\n`,
  ],
  [
    'prose',
    'changelog',
    'CHANGELOG.md',
    () =>
      '## 2.0\n\n- auth: token refresh is retried\n- password: minimum length raised to 14\n- secret: renamed to `credential`\n- api-key: removed\n',
  ],
  [
    'prose',
    'man page',
    'man/pass.1',
    () =>
      '.TH PASS 1\n.SH OPTIONS\n.TP\n.B \\-\\-password\nThe password, see\n.BR pass (1).\n.TP\n.B \\-\\-token=TOKEN\nAn access token.\n',
  ],
  [
    'prose',
    'table of options',
    'docs/options.md',
    () =>
      '| option | default | meaning |\n| --- | --- | --- |\n| password | none | the password of the database |\n| token | required | the access token |\n| secret | generated | session secret |\n',
  ],
  [
    'prose',
    'help text',
    'src/help.txt',
    () =>
      'usage: login [--user NAME] [--password PASSWORD] [--token TOKEN]\n\n  --password   asked for if absent\n  --api-key    the key of the API\n',
  ],
  [
    'prose',
    'translations',
    'i18n/de.json',
    () =>
      JSON.stringify(
        {
          password: 'Passwort',
          passwordRepeat: 'Passwort wiederholen',
          token: 'Zugangsschlüssel',
          secret: 'Geheimnis',
          forgot_password: 'Passwort vergessen?',
        },
        null,
        2,
      ),
  ],
  [
    'prose',
    'translations in YAML',
    'config/locales/en.yml',
    () =>
      'en:\n  password: "Your password"\n  password_too_short: "Password is too short"\n  api_key: "API key"\n  secret_question: "Secret question"\n',
  ],
  [
    'prose',
    'po file',
    'po/fr.po',
    () =>
      'msgid "Password"\nmsgstr "Mot de passe"\n\nmsgid "Enter your secret token"\nmsgstr "Saisissez votre jeton secret"\n',
  ],
  [
    'prose',
    'issue template',
    '.github/ISSUE_TEMPLATE/bug.yml',
    () =>
      'body:\n  - type: textarea\n    attributes:\n      label: Logs\n      description: Remove passwords and tokens first. Secrets: none, please.\n',
  ],
  [
    'prose',
    'licence',
    'LICENSE',
    () =>
      'Permission is hereby granted, free of charge, to any person obtaining a copy of this software, to deal without restriction, subject to the following: the key terms, the secret of success, and the password to happiness are not warranted.\n',
  ],
  [
    'prose',
    'mail',
    'mail/welcome.txt',
    () =>
      'Hello,\n\nyour password has been changed. If it was not you, ask for a new token: https://example.org/reset\n',
  ],
  [
    'prose',
    'adr',
    'docs/adr/003.md',
    () =>
      'We keep the private key in the keychain. Secret: managed by sops. Token lifetime: 15 minutes. Password policy: none.\n',
  ],
  [
    'prose',
    'comment',
    'src/a.ts',
    () =>
      '// The password is hashed with argon2id; token = HMAC(secret, nonce).\n/* api_key: see config */\nexport const a = 1; // secret? no\n',
  ],
  [
    'prose',
    'shell comments',
    'scripts/x.sh',
    () =>
      '#!/bin/sh\n# password: read from stdin\n# token: taken from the environment\n# usage: x --secret-file FILE\nexit 0\n',
  ],
  [
    'prose',
    'dialogue',
    'texts/story.txt',
    c => `"The password?" she asked. "${c.word()}," he said, "and the secret: there is none."\n`,
  ],
  [
    'prose',
    'FAQ',
    'docs/faq.md',
    () =>
      '**What is the default password?** There is none; you set it at first start.\n\n**Where is my token?** Under Settings, Tokens.\n',
  ],
  [
    'prose',
    'URL with user only',
    'docs/git.md',
    () =>
      'git clone ssh://git@github.com/x/y.git\ngit clone https://me@git.example.org/x.git\nrsync rsync://mirror@example.org/x\n',
  ],
  [
    'prose',
    'URL with a variable',
    'docs/db.md',
    () =>
      'postgres://USER:PASSWORD@HOST:5432/DB or postgres://user:$PASSWORD@localhost/db, mysql://<user>:<password>@<host>/db\n',
  ],
  [
    'prose',
    'cron and times',
    'docs/cron.md',
    () => 'key: value\ntoken: see below\npass: 3 of 5 tests pass: yes\nsecret santa: 24 December\n',
  ],
  [
    'prose',
    'rst',
    'docs/conf.rst',
    () =>
      'Configuration\n=============\n\n:password: the password of the user\n:token: optional\n\n.. code:: ini\n\n   password = <your password>\n',
  ],
];

const IDS: readonly File[] = [
  ['id', 'uuids', 'data/ids.json', c => JSON.stringify({ id: c.uuid(), tenant: c.uuid(), trace: c.hex(32) })],
  [
    'id',
    'uuid in Nix',
    'hosts/hw.nix',
    c =>
      `{\n  fileSystems."/".device = "/dev/disk/by-uuid/${c.uuid()}";\n  boot.initrd.luks.devices.root.device = "/dev/disk/by-uuid/${c.uuid()}";\n  networking.hostId = "${c.hex(8)}";\n}\n`,
  ],
  [
    'id',
    'AWS account',
    'infra/vars.tf',
    c =>
      `account_id = "${c.digits(12)}"\nrole_arn   = "arn:aws:iam::${c.digits(12)}:role/deploy"\nkms_key_id = "arn:aws:kms:eu-west-1:${c.digits(12)}:key/${c.uuid()}"\n`,
  ],
  [
    'id',
    'AWS resources',
    'infra/net.yaml',
    c =>
      `vpc: vpc-${c.hex(17)}\nsubnet: subnet-${c.hex(17)}\nami: ami-${c.hex(17)}\nsecurity_group: sg-${c.hex(17)}\n`,
  ],
  [
    'id',
    'Azure ids',
    'azure/env.json',
    c =>
      JSON.stringify({
        subscriptionId: c.uuid(),
        tenantId: c.uuid(),
        clientId: c.uuid(),
        resourceGroup: 'web',
      }),
  ],
  [
    'id',
    'OAuth client id',
    'src/oauth.ts',
    c => `export const clientId = '${c.digits(12)}-${c.lower(32)}.apps.googleusercontent.com';\n`,
  ],
  [
    'id',
    'OIDC client id',
    'authelia/clients.yml',
    c =>
      `clients:\n  - client_id: ${c.word()}-web\n    client_name: Web\n    redirect_uris: ["https://a.example.org/cb"]\n`,
  ],
  [
    'id',
    'key ids',
    'keys.yaml',
    c => `key_id: ${c.hex(16)}\nkid: ${c.base64url(22)}\nsigning_key_id: ${c.uuid()}\n`,
  ],
  ['id', 'zone ids', 'dns/zones.tf', c => `zone_id = "${c.hex(32)}"\naccount_id = "${c.hex(32)}"\n`],
  ['id', 'machine id', 'etc/machine-id', c => `${c.hex(32)}\n`],
  [
    'id',
    'trace log',
    'logs/trace.log',
    c =>
      Array.from(
        { length: 5 },
        () => `INFO trace_id=${c.hex(32)} span_id=${c.hex(16)} request_id=${c.uuid()} ok`,
      ).join('\n'),
  ],
  [
    'id',
    'Discord ids',
    'bot/config.json',
    c => JSON.stringify({ guildId: c.digits(18), channelId: c.digits(19), ownerId: c.digits(18) }),
  ],
  [
    'id',
    'message ids',
    'mail/a.eml',
    c =>
      `Message-ID: <${c.base64url(32)}@mail.example.org>\nReferences: <${c.hex(40)}@mail.example.org>\nSubject: token\n`,
  ],
  [
    'id',
    'docker ids',
    'logs/docker.log',
    c => `container ${c.hex(64)} started\nimage sha256:${c.hex(64)}\nnetwork ${c.hex(12)}\n`,
  ],
  [
    'id',
    'video links',
    'docs/links.md',
    c =>
      `https://www.youtube.com/watch?v=${c.base64url(11)}\nhttps://docs.google.com/document/d/1${c.base64url(43)}/edit\nhttps://www.notion.so/Page-${c.hex(32)}\n`,
  ],
  [
    'id',
    'commit links',
    'docs/refs.md',
    c => `https://github.com/x/y/commit/${c.hex(40)}\nhttps://gist.github.com/x/${c.hex(32)}\n`,
  ],
  [
    'id',
    'MAC and IPv6',
    'hosts/net.nix',
    c =>
      `{\n  mac = "${c.hex(12).match(/../g)?.join(':')}";\n  ip6 = "2001:db8:${c.hex(16).match(/.{4}/g)?.join(':')}";\n}\n`,
  ],
  [
    'id',
    'xcode project',
    'App.xcodeproj/project.pbxproj',
    c =>
      `\t\t${c.hex(24).toUpperCase()} /* Keychain.swift in Sources */ = {isa = PBXBuildFile; fileRef = ${c.hex(24).toUpperCase()}; };\n`,
  ],
  [
    'id',
    'analytics',
    'site/head.html',
    c =>
      `<script async src="https://www.googletagmanager.com/gtag/js?id=G-${c.upper(10)}"></script><meta name="google-site-verification" content="${c.base64url(43)}">\n`,
  ],
];

const DATA: readonly File[] = [
  [
    'data',
    'svg',
    'img/a.svg',
    c =>
      `<svg viewBox="0 0 24 24"><path d="M${Array.from({ length: 80 }, () => `${c.int(24)}.${c.int(99)}`).join(' ')}z"/></svg>\n`,
  ],
  [
    'data',
    'svg with an image',
    'img/b.svg',
    c => `<svg><image href="data:image/png;base64,iVBORw0KGgo${c.base64(900)}"/></svg>\n`,
  ],
  [
    'data',
    'data URI in CSS',
    'css/a.css',
    c =>
      `.a{background:url("data:image/png;base64,iVBORw0KGgo${c.base64(600)}")}\n.password-field{color:#${c.hex(6)}}\n`,
  ],
  [
    'data',
    'font in CSS',
    'css/f.css',
    c =>
      `@font-face{font-family:Key;src:url(data:font/woff2;base64,d09GMgAB${c.base64(1200)}) format("woff2")}\n`,
  ],
  [
    'data',
    'source map',
    'dist/a.js.map',
    c =>
      JSON.stringify({
        version: 3,
        sources: ['token.ts', 'password.ts'],
        mappings: `${c.base64(900).replace(/[/+=]/g, ';')},`,
      }),
  ],
  [
    'data',
    'inline source map',
    'dist/b.js',
    c =>
      `var token=a.token;\n//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjoz${c.base64(500)}\n`,
  ],
  [
    'data',
    'minified',
    'dist/c.min.js',
    () =>
      `!function(e,t){${'e.password=t.password,e.token=n(t,"token"),this.secret=r.secret||"";'.repeat(60)}}(a,b);\n`,
  ],
  [
    'data',
    'csv',
    'data/a.csv',
    c =>
      `id,name,score\n${Array.from({ length: 40 }, (_, i) => `${i},${c.word()},${c.int(1000)}`).join('\n')}\n`,
  ],
  [
    'data',
    'csv of hashes',
    'data/h.csv',
    c => `path,etag\n${Array.from({ length: 20 }, () => `${c.word()}.bin,${c.hex(32)}`).join('\n')}\n`,
  ],
  ['data', 'png', 'img/a.png', c => `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${c.base64(900)}`],
  ['data', 'binary', 'bin/x', c => Buffer.from(c.bytes(20_000)).toString('latin1')],
  [
    'data',
    'notebook image',
    'nb/a.ipynb',
    c =>
      JSON.stringify({
        cells: [
          {
            cell_type: 'code',
            outputs: [{ data: { 'image/png': `iVBORw0KGgo${c.base64(1500)}` } }],
            source: ['plt.plot(x)'],
          },
        ],
        nbformat: 4,
      }),
  ],
  [
    'data',
    'word list',
    'data/words.txt',
    c => `${Array.from({ length: 200 }, () => c.word()).join('\n')}\npassword\nsecret\ntoken\n`,
  ],
  [
    'data',
    'protobuf',
    'api/a.proto',
    () =>
      'message Login {\n  string user = 1;\n  string password = 2;\n  string token = 3;\n  bytes secret_key = 4;\n}\n',
  ],
  [
    'data',
    'openapi',
    'api/openapi.yaml',
    () =>
      'components:\n  schemas:\n    Login:\n      properties:\n        password: { type: string, format: password, minLength: 12 }\n        token: { type: string, description: "a bearer token" }\n  securitySchemes:\n    apiKey: { type: apiKey, in: header, name: X-API-Key }\n',
  ],
  [
    'data',
    'graphql',
    'api/s.graphql',
    () =>
      'type Mutation {\n  login(user: String!, password: String!): Token!\n  setSecret(key: ID!, secret: String!): Boolean\n}\n',
  ],
  [
    'data',
    'sql schema',
    'db/schema.sql',
    () =>
      'CREATE TABLE users (\n  id uuid PRIMARY KEY,\n  password_hash text NOT NULL,\n  api_key varchar(64) UNIQUE,\n  token_expires timestamptz DEFAULT now()\n);\n',
  ],
  [
    'data',
    'json schema',
    'schema/a.json',
    () =>
      JSON.stringify(
        {
          properties: {
            password: { type: 'string', title: 'Password' },
            secretKey: { $ref: '#/definitions/key' },
            token: { const: 'bearer' },
          },
          required: ['password', 'token'],
        },
        null,
        2,
      ),
  ],
  [
    'data',
    'geo',
    'data/geo.json',
    c =>
      JSON.stringify({
        polyline: c.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP_`~|{}@', 200),
        points: [[c.int(90), c.int(90)]],
      }),
  ],
  [
    'data',
    'certificate transparency',
    'data/ct.txt',
    c => Array.from({ length: 6 }, () => c.base64(32)).join('\n'),
  ],
  ['data', 'wasm text', 'dist/x.wasm.b64', c => `AGFzbQEAAAA${c.base64(1500)}\n`],
  [
    'data',
    'ssh config',
    '.ssh/config',
    () =>
      'Host desk\n  HostName 10.0.0.4\n  IdentityFile ~/.ssh/id_ed25519\n  PasswordAuthentication no\n  PubkeyAuthentication yes\n',
  ],
  [
    'data',
    'pam',
    'etc/pam.d/login',
    () =>
      'auth required pam_unix.so nullok try_first_pass\npassword required pam_unix.so sha512 shadow\npassword requisite pam_pwquality.so retry=3\n',
  ],
  [
    'data',
    'passwd without hashes',
    'etc/passwd',
    () => 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  ],
  [
    'data',
    'shadow without hashes',
    'etc/shadow',
    () => 'root:!:19000:0:99999:7:::\nbin:*:19000::::::\nme:!*:19000::::::\n',
  ],
];

const CODE: readonly File[] = [
  [
    'code',
    'validation',
    'src/validate.ts',
    () =>
      "export function validatePassword(password: string): string | null {\n  if (password.length < 12) return 'password too short';\n  const hasDigit = /\\d/.test(password);\n  return hasDigit ? null : 'password needs a digit';\n}\n",
  ],
  [
    'code',
    'tokenizer',
    'src/lexer.ts',
    () =>
      "const token = next();\nif (token === 'identifier') push({ token: 'keyword', value: token.text });\nlet tokenKind = TokenKind.String;\n",
  ],
  [
    'code',
    'constants',
    'src/names.ts',
    () =>
      "export const PASSWORD_FIELD = 'password';\nexport const TOKEN_HEADER = 'X-Auth-Token';\nexport const SECRET_NAME = 'app-secret';\nexport const API_KEY_PARAM = 'api_key';\n",
  ],
  [
    'code',
    'form',
    'src/Login.tsx',
    () =>
      '<input type="password" name="password" autoComplete="current-password" placeholder="Your password" />\n<Label htmlFor="token">Token</Label>\n',
  ],
  [
    'code',
    'selectors',
    'e2e/a.spec.ts',
    () => "await page.locator('#password').click();\nawait page.locator('[name=\"token\"]').isVisible();\n",
  ],
  [
    'code',
    'routes',
    'src/routes.rb',
    () =>
      "resources :passwords, only: [:new, :create]\nget '/reset_password/:token', to: 'passwords#edit'\nkey = :session_secret\n",
  ],
  [
    'code',
    'errors',
    'src/err.go',
    () =>
      'var ErrPassword = errors.New("password is wrong")\nvar ErrToken = errors.New("token: expired or revoked")\n',
  ],
  [
    'code',
    'python class',
    'app/forms.py',
    () =>
      'class Login(forms.Form):\n    password = forms.CharField(widget=forms.PasswordInput, max_length=128)\n    token = models.CharField(max_length=64, unique=True)\n    secret_key = None\n',
  ],
  [
    'code',
    'patterns',
    'src/rules.ts',
    () =>
      'const TOKEN = /^[A-Za-z0-9_-]{20,64}$/;\nconst apiKey = new RegExp("[0-9a-f]{32}");\nconst password = z.string().min(12).max(128);\n',
  ],
  [
    'code',
    'enum',
    'src/kind.rs',
    () =>
      'enum Credential { Password, Token, ApiKey, SecretKey }\nconst TOKEN_TTL: Duration = Duration::from_secs(3600);\n',
  ],
  [
    'code',
    'keyboard',
    'src/keys.ts',
    () =>
      "const keyMap = { key: 'ArrowDown', keyCode: 'KeyboardInterrupt', accessKey: 'n', primaryKey: 'customer_identifier' };\n",
  ],
  [
    'code',
    'cache keys',
    'src/cache.ts',
    () =>
      "const cacheKey = 'users:profile:avatar:large';\nconst storageKey = 'app.settings.theme.v2';\nconst partitionKey = 'tenant#region#bucket';\n",
  ],
  [
    'code',
    'css',
    'css/b.css',
    () =>
      '.token.keyword { color: #07a; }\n.secret::before { content: "hidden"; }\n#password-input { border: 1px solid; }\n',
  ],
  [
    'code',
    'nix derivation',
    'pkgs/p.nix',
    () =>
      '{ stdenv }:\nstdenv.mkDerivation {\n  pname = "password-store";\n  version = "1.7.4";\n  meta.description = "Stores passwords; secret service";\n  meta.mainProgram = "pass";\n}\n',
  ],
  [
    'code',
    'nix services',
    'hosts/s.nix',
    () =>
      '{\n  services.openssh.settings.PasswordAuthentication = false;\n  services.gnome.gnome-keyring.enable = true;\n  security.pam.services.login.enableGnomeKeyring = true;\n  users.users.me.password = null;\n  services.x.tokenType = "bearer";\n}\n',
  ],
  [
    'code',
    'yaml booleans',
    'conf/c.yaml',
    () =>
      'password_authentication: disabled\nrequire_token: true\nsecret_rotation: weekly\ntoken_endpoint: https://id.example.org/oauth/token\napi_key_header: X-API-Key\npassword_policy: strong\n',
  ],
  [
    'code',
    'oauth endpoints',
    'conf/o.json',
    () =>
      JSON.stringify(
        {
          token_endpoint: 'https://id.example.org/oauth2/token',
          token_type: 'Bearer',
          grant_type: 'client_credentials',
          secret_ttl: 3600,
          access_token_lifetime: '15m',
        },
        null,
        2,
      ),
  ],
  [
    'code',
    'test of a hash',
    'test/hash.test.ts',
    c => `expect(sha256('abc')).toBe('${c.hex(64)}');\nexpect(await tokenCount(text)).toBe(17);\n`,
  ],
  [
    'code',
    'i18n keys',
    'src/t.ts',
    () =>
      "t('settings.security.password.change');\nconst label = { token: t('token.label'), secret: t('secret.label') };\n",
  ],
  [
    'code',
    'argument parser',
    'cli/args.py',
    () =>
      'parser.add_argument("--password", help="the password", default=None)\nparser.add_argument("--token", metavar="TOKEN", type=str)\nparser.add_argument("--secret-name", default="database-credentials")\n',
  ],
];

const HOLDERS: readonly string[] = [
  'changeme',
  '<your-token-here>',
  'your_password_here',
  'YOUR_API_KEY',
  'xxxxxxxxxxxxxxxxxxxx',
  '********************',
  'REPLACE_ME',
  'TODO',
  '<redacted>',
  'insert-your-secret-here',
  'example-password',
  'dummy',
  'null',
  'CHANGE_ME_PLEASE',
  '0000000000000000000000000000000000000000',
  '...',
  '[REDACTED]',
  'placeholder',
  'my-secret-token-here',
  'not-a-real-password',
];

const NAMES: readonly string[] = ['DB_PASSWORD', 'API_TOKEN', 'SECRET_KEY', 'API_KEY', 'CLIENT_SECRET'];

/** Examples: what a person is told to put something else for. */
function placeholders(chance: Chance): Negative[] {
  const frames = chance.shuffled(NAMED_FRAMES);
  const own = chance.for('placeholders');
  const framed = HOLDERS.flatMap(holder =>
    [0, 1].map(() => {
      const frame = frames.shift() ?? own.pick(FRAMES);
      const page = frame.page(own, own.pick(NAMES), holder);
      return negative(
        'placeholder',
        `${holder.slice(0, 8)} in ${frame.title}`,
        page.path,
        unmarked(page.text),
      );
    }),
  );
  const short = (prefix: string) => `${prefix}${'x'.repeat(36)}`;
  return [
    ...framed,
    negative(
      'placeholder',
      'documented AWS key',
      'docs/aws.md',
      `aws_access_key_id = ${['AKIA', 'IOSFODNN7', 'EXAMPLE'].join('')}\naws_secret_access_key = <secret>\n`,
    ),
    negative(
      'placeholder',
      'x for a token',
      'docs/gh.md',
      `export GITHUB_TOKEN=${short(['gh', 'p_'].join(''))}\nNPM_TOKEN=${short(['np', 'm_'].join(''))}\n`,
    ),
    negative(
      'placeholder',
      'cut off',
      'docs/cut.md',
      `token: ${['gh', 'p_'].join('')}abc...\nkey: AGE-SECRET-KEY-1...\npassword: hunter...\n`,
    ),
    negative(
      'placeholder',
      'empty',
      '.env.example',
      'DB_PASSWORD=\nAPI_TOKEN=""\nSECRET_KEY=\'\'\nJWT_SECRET= # required\n',
    ),
    negative('placeholder', 'empty YAML', 'conf/e.yaml', 'password:\ntoken: ""\nsecret: ~\napi_key: null\n'),
    negative(
      'placeholder',
      'key without a body',
      'docs/key.md',
      '-----BEGIN OPENSSH PRIVATE KEY-----\n...\n-----END OPENSSH PRIVATE KEY-----\n',
    ),
    negative(
      'placeholder',
      'zeros for a uuid',
      'conf/u.yaml',
      'token: 00000000-0000-0000-0000-000000000000\n',
    ),
    negative(
      'placeholder',
      'wireguard words',
      'docs/wg.conf',
      '[Interface]\nPrivateKey = <private key of the server>\nAddress = 10.0.0.1/24\n',
    ),
    negative(
      'placeholder',
      'URL words',
      'docs/url.env',
      'DATABASE_URL=postgres://user:password@localhost:5432/db\nREDIS_URL=redis://:password@localhost\nSMTP=smtp://user:pass@smtp.example.com\n',
    ),
  ];
}

/** Text, identifiers, data and code that speak of secrets without holding any. */
export function plainFiles(chance: Chance): Negative[] {
  const written = [...PROSE, ...IDS, ...DATA, ...CODE].map(([family, kind, path, text]) => {
    const contents = text(chance.for(`${family} ${kind}`));
    const bytes = kind === 'binary' || kind === 'png' ? Buffer.from(contents, 'latin1') : contents;
    return negative(family, kind, path, bytes);
  });
  return [...written, ...placeholders(chance)];
}
