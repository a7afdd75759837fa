import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageOf } from '../../src/scan/assignments/language.ts';
import { classifyName } from '../../src/scan/assignments/names.ts';
import { isRandom } from '../../src/scan/assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference } from '../../src/scan/assignments/value.ts';
import { CONTEXT_RULES } from '../../src/scan/context.ts';
import { findsOf, rulesFor } from './context-finds.ts';
import { Chance } from './corpus/chance.ts';

const chance = new Chance(815);
const strong = chance.base62(24);
const human = `M${chance.word()}${chance.digits(4)}!`;
/** A name, a dot, a word and a year: no path of a property. */
const named = `${chance.letters(1).toUpperCase()}ulia.${chance.for('named').word()}${chance.for('named').digits(2)}`;
const apart = ['gsoi', 'hzdb', 'qkwx', 'vjtp'].join(' ');
const spoken = ['anchor', 'otter', 'falcon', 'marble', 'thunder'].join(' ');
const router = chance.for('router').digits(20);
const weakly = `${['Ad', 'min'].join('')}${chance.for('weak').digits(4)}!`;
const salt = `q;F:${chance.for('salt').base62(12)} #@)+|${chance.for('salt').base62(12)}{$ ^&~${chance.for('salt').base62(12)}-*>?`;
/** The shortest that is taken for one, and only in configuration. */
const weak = ['hunter', '2'].join('');

describe('names', () => {
  it.each([
    ['password', 'password'],
    ['DB_PASSWORD', 'password'],
    ['dbPassword', 'password'],
    ['smtp-pass', 'password'],
    ['spring.datasource.password', 'password'],
    ['rootpw', 'password'],
    ['wifi_psk', 'password'],
    ['PGPASSWORD', 'password'],
    ['password_prod', 'password'],
    ['ansible_become_pass', 'password'],
    ['requirepass', 'password'],
    ['api_key', 'token'],
    ['apiKey', 'token'],
    ['X-Api-Key', 'token'],
    ['clientSecret', 'token'],
    ['SECRET_KEY_BASE', 'token'],
    ['accessToken', 'token'],
    ['JWT_SECRET', 'token'],
    ['private_key', 'token'],
    ['GITHUB_TOKEN', 'token'],
    ['credentials', 'token'],
  ] as const)('%s is a %s', (name, wanted) => {
    expect(classifyName(name)).toBe(wanted);
  });

  it.each([
    'passwordFile',
    'password_path',
    'tokenUrl',
    'secretName',
    'password_hash',
    'publicKey',
    'public_key',
    'api_key_id',
    'tokenType',
    'password_length',
    'PASSWORD_MIN',
    'passwordPolicy',
    'passwordHint',
    'passwordLabel',
    'csrf_token',
    'nextPageToken',
    'eos_token',
    'max_tokens',
    'keyboard',
    'monkey',
    'bypass',
    'compass',
    'author',
    'authorization_endpoint',
    'secretary',
    'primary_key',
    'cache_key',
    'password_unencrypted',
    'uwsgi_pass',
    'hashedPassword',
    'passenger',
    'password_field',
    '__proto__',
    'constructor',
    '',
    'x'.repeat(5000),
  ])('%s promises nothing', name => {
    expect(classifyName(name)).toBeNull();
  });
});

describe('randomness', () => {
  it('sees what a machine made', () => {
    const own = chance.for('made');
    const made = Array.from({ length: 2000 }, (_, i) => {
      const length = 20 + (i % 30);
      return (
        [own.base62(length), own.hex(length + 12), own.base64(length), own.lower(length + 4)][i % 4] ?? ''
      );
    });
    expect(made.filter(value => !isRandom(value)).length).toBeLessThan(20);
  });

  it.each([
    'getElementsByClassName',
    'my-service-account-token',
    'DATABASE_PASSWORD_FILE',
    'NotificationPreferences2',
    'kubernetes.io/service-account',
    'abcdefghijklmnopqrst',
    '1234567890123456',
    'aaaaaaaaaaaaaaaaaaaa',
    'deadbeefdeadbeefdeadbeef',
    'Webhook-Geheimnis',
    'short1A',
    'internationalization',
    'abababababababababab',
    '20240131123456789',
    '',
    '\u{1f511}'.repeat(20),
  ])('does not see it in %s', value => {
    expect(isRandom(value)).toBe(false);
  });
});

describe('values', () => {
  it.each([
    '${PASSWORD}',
    '$PASSWORD',
    '{{ vault_password }}',
    '{{ .Values.password }}',
    '%DB_PASSWORD%',
    '@password@',
    '#{ENV["X"]}',
    '<%= password %>',
    'process.env.PASSWORD',
    'os.environ["PASSWORD"]',
    'config.sops.secrets.x.path',
    'var.db_password',
    '!secret wifi',
    '!vault |',
    'op://vault/item/field',
    'vault:secret/data/x#password',
    'ENC[AES256_GCM,data:x]',
    '/run/secrets/password',
    './secrets/x.txt',
    'secrets.yaml/x.json',
    'getPassword()',
    "lookup('env', 'X')",
    '*anchor',
    'https://example.org/token',
    'DB_PASSWORD',
    'arn:aws:secretsmanager:eu',
    '$2b$12$abcdefg',
    'env:PASSWORD',
  ])('%s refers to something', value => {
    expect(isReference(value)).toBe(true);
  });

  it.each([
    'password',
    'changeme',
    'change-me',
    'your-password',
    'YOUR_API_KEY_HERE',
    '<password>',
    'xxxxxxxxxx',
    '********',
    'example-token',
    'password123',
    'secret',
    'my-secret-token',
    'REPLACE_ME',
    'redacted',
    'insert-token-here',
    '1234567890',
    'todo',
    'admin123',
    '...',
    'foobar',
    'test-password',
  ])('%s stands for something', value => {
    expect(isPlaceholder(value)).toBe(true);
  });

  it('are passwords by what they consist of, and where', () => {
    expect(isHumanPassword(weak, 'config')).toBe(true);
    expect(isHumanPassword(weak, 'story')).toBe(false);
    expect(isHumanPassword(human, 'code')).toBe(true);
    expect(isHumanPassword(human, 'story')).toBe(true);
    expect(isHumanPassword(human, 'trial')).toBe(false);
    for (const word of [
      'Passwort',
      'passwordReset',
      'some-name',
      'Contraseña',
      'step-1',
      'sha256',
      'two words1!',
    ]) {
      expect(isHumanPassword(word, 'config'), word).toBe(false);
    }
  });
});

const PASSWORDS: readonly (readonly [path: string, text: string])[] = [
  ['.env', `DB_PASSWORD=${human}`],
  ['.env', `export SMTP_PASS='${human}'`],
  ['a.ini', `password = ${weak}`],
  ['a.toml', `password = "${weak}"`],
  ['a.yaml', `db:\n  password: ${weak} # note`],
  ['a.yaml', `db: {user: a, password: ${human}, port: 1}`],
  ['a.yaml', `env:\n  - name: PASSWORD\n    value: "${human}"`],
  ['a.yaml', `password: |\n  ${human}\n`],
  ['a.yaml', `x: \${DB_PASSWORD:-${human}}`],
  ['a.json', `{"password": "${human}"}`],
  ['a.json', `{"a": "{\\"password\\": \\"${human}\\"}"}`],
  ['a.ts', `const dbPassword: string = '${human}';`],
  ['a.ts', `({ password: "${human}" })`],
  ['a.js', `const password = process.env.PASSWORD || '${human}';`],
  ['a.py', `PASSWORD = "${human}"`],
  ['a.py', `connect(password="${human}")`],
  ['a.py', `os.environ.get("DB_PASSWORD", "${human}")`],
  ['a.rb', `:password => '${human}'`],
  ['a.go', `dbPassword := "${human}"`],
  ['a.go', `var password string = "${human}"`],
  ['a.rs', `const PASSWORD: &str = "${human}";`],
  ['a.php', `'password' => '${human}',`],
  ['a.java', `private String password = "${human}";`],
  ['a.properties', `spring.datasource.password=${human}`],
  ['a.xml', `<password>${human}</password>`],
  ['a.xml', `<add key="Password" value="${human}" />`],
  ['a.plist', `<key>Password</key>\n<string>${human}</string>`],
  ['Dockerfile', `ENV DB_PASSWORD ${human}`],
  ['a.tf', `password = "${human}"`],
  ['a.sh', `PGPASSWORD='${human}' psql -h db`],
  ['a.sh', `tool --password ${human} --user me`],
  ['a.conf', `requirepass ${human}`],
  ['a.c', `#define WIFI_PASS "${human}"`],
  ['a.cs', `"Server=db;Password=${human};Database=x"`],
  ['a.service', `Environment="DB_PASSWORD=${human}"`],
  ['hosts', `web1 ansible_password=${human} ansible_user=me`],
  ['README.md', `the password is \`${human}\`, as always`],
  ['.env', `DB_PASSWORD=${named}`],
  ['a.yaml', `password: ${named}`],
  ['a.js', `const password = "${named}";`],
  ['.env', `SMTP_PASSWORD="${apart}"`],
  ['msmtprc', `password ${apart.replaceAll(' ', '')}`],
  ['.env', `RESTIC_PASSWORD="${spoken}"`],
  ['backup.nix', `{ encryption.passphrase = "${spoken}"; }`],
  ['wifi.nix', `{ networking.wireless.networks."x".psk = "${router}"; }`],
  ['wifi.nix', `{ networking.wireless.networks."x".psk = "${spoken}"; }`],
  ['secrets.yaml', `wifi_password: "${router}"`],
  ['a.conf', `password = ${weakly}`],
  ['a.fr.env', `MOT_DE_PASSE=${human}`],
  ['Pulumi.yaml', `config:\n  app:dbPassword: ${human}`],
  ['settings.xml', `<server><id>x</id><password>${human}</password></server>`],
];

const TOKENS: readonly (readonly [path: string, text: string])[] = [
  ['.env', `API_TOKEN=${strong}`],
  ['a.yaml', `api_key: "${strong}"`],
  ['a.json', `{"clientSecret": "${strong}"}`],
  ['settings.py', `SECRET_KEY = '${strong}'`],
  ['a.sh', `curl "https://x.org/a?b=1&access_token=${strong}"`],
  ['a.fish', `set -gx API_TOKEN ${strong}`],
  ['a.ps1', `$env:API_TOKEN = '${strong}'`],
  ['.laravel.env', `APP_KEY=base64:${chance.base64(32)}`],
  ['.env', `GH_PAT=${chance.hex(40)}`],
  ['a.json', `{"azureDevopsPat": "${chance.for('pat').base62(52)}"}`],
  ['.env', `APP_SALT=${strong}`],
  ['.env', `JWT_SECRET=${spoken.replaceAll(' ', '-')}`],
  ['settings.py', `SECRET_KEY = '${human.replace('!', '')}x7'`],
  ['settings.py', `SECRET_KEY = 'a(${strong}0@*b-${strong})'`],
  ['a.go', `var jwtSecret = []byte("${strong}")`],
  ['init.el', `(setq gptel-api-key "${strong}")`],
  ['vpn.nix', `{ swanctl.secrets.ike.a.secret = "${human}"; }`],
  ['wp.php', `$secret_key = '${salt}';`],
  ['a.lua', `M.api_key = "${strong}"`],
  ['a.md', `$ export API_TOKEN=${strong}`],
  ['a.js', `headers: { "X-Api-Key": "${strong}" }`],
  ['named.conf', `  secret "${chance.base64(32)}";`],
  ['a.ts', `getenv("API_TOKEN", "${strong}")`],
];

const LOOKALIKES: readonly (readonly [path: string, text: string])[] = [
  [
    'ja.json',
    '{"password": "\\u30d1\\u30b9\\u30ef\\u30fc\\u30c9", "secret": "\\u5bc6\\u5bc6\\u5bc6\\u5bc61"}',
  ],
  [
    'home.nix',
    '{ programs.git.signing.key = "B270860E4F6A1C35"; jujutsu.settings.signing.key = "0xB270860E4F6A1C35"; }',
  ],
  [
    'vi.json',
    '{"access_token": "B\\u1ea1n ch\\u01b0a t\\u1ea1o b\\u1ea5t k\\u1ef3 m\\u00e3 th\\u00f4ng b\\u00e1o"}',
  ],
  ['rules.php', "['password' => 'required|string|min:8|confirmed', 'token' => 'nullable|string|max:64']"],
  ['pnpm-lock.yaml', "'@inquirer/password': 4.0.23(@types/node@22.1.0)\npassport-jwt: 4.0.1(patch_hash=x1)"],
  ['composer.lock', '{"lcobucci/jwt": ">=3.4,<3.4.6|>=4,<4.0.4", "x/fe_change_pwd": "<2.0.5|>=3,<3.0.3"}'],
  ['routes.rb', 'get "/login/forgot_password" => "login#forgot_password"'],
  ['a.css', ':root { --md-primary-fg-color--dark: #123; }'],
  ['a.nu', '$env.X.pass = {|prefix, spans| $prefix }'],
  ['a.sh', 'printf "the password: %b%s%b\\n" "$a" "$b" "$c"'],
  ['services.yaml', 'password: "%env(DB_PASSWORD)%"\n'],
  [
    'config.mts',
    `algolia: { appId: 'RBRRLNLBQ9', apiKey: '${chance.for('search').hex(32)}', indexName: 'docs' }`,
  ],
  ['a.json', `{"url": "https://x.example.org/o/a.svg?alt=media&token=${chance.for('media').uuid()}"}`],
  ['usage.go', '\ttool [--encrypt] --passphrase [--armor] [-o OUTPUT] [INPUT]'],
  ['.env', 'SECRET_KEY=generate-with-openssl-rand-hex-32'],
  ['icons.lua', 'return { ["1Password"] = ":one_password:" }'],
  ['a.tf', 'password = ephemeral.sops_file.nix-community.data["HYDRA_PASSWORD"]'],
  ['a.sh', 'check "systemd-stop-last-success-preserved" "$timestamp" "$seed"'],
  ['a.nix', '{ a = [ "x" "systemd-suspend-then-hibernate.service" ]; }'],
  ['a_check.go', 'ok := CheckUserPassword("JOHN.doe@example.org", "password")'],
  ['a.yaml', 'password: settings.mail.password2\ntoken: var.token\nsecret: grafana-admin-2024'],
  [
    'a.yaml',
    'password: "Choose something that nobody knows"\npassphrase: "please enter the passphrase again"',
  ],
  ['a.py', 'salt = "8f14e45fceea167a5a36dedd4bea2543"'],
  ['a.md', 'The password: it must have 8+ characters, 1 digit and 1 sign!'],
  ['a.md', 'Set `password: hunter2` and `token: abc123def456`.'],
  [
    'locales/de.json',
    '{"password": "Passwort", "password_hint": "Mindestens 8 Zeichen!", "token": "Sicherheits-Token1!"}',
  ],
  ['config/fr.yml', 'password: Mot de passe\npassphrase: Entrez-la!'],
  ['a.json', '{"password": "Passwort", "passphrase": "Contraseña:"}'],
  [
    'a.html',
    '<input type="password" name="password" placeholder="Your password" autocomplete="new-password"><label>Password:</label>',
  ],
  ['a.ts', 'interface A { password: string; token?: string | null; secret: Buffer }'],
  ['a.ts', 'const schema = z.object({ password: z.string().min(8), token: z.uuid() });'],
  ['a.ts', "it('resets the password: twice', () => { expect(token).toBe('x1!') })"],
  ['a.ts', 'const password = /^(?=.*[A-Z])(?=.*\\d).{8,}$/;'],
  ['a.ts', "const PASSWORD = '^(?=.*[A-Z])(?=.*\\\\d).{8,}$';"],
  ['a.ts', 'function login(user: string, password = getPassword(), token = options.token1) {}'],
  ['a.ts', 'this.password = t.password, this.token = n(t, "token"), this.secret = r.secret || "";'],
  ['a.css', '.password-input::after { content: "pass1!" } input[type="password"] { color: red1 }'],
  [
    'openapi.yaml',
    'password:\n  type: string\n  format: password\n  example: Hunter2!x\ntoken: { type: string }',
  ],
  [
    'a.tf',
    'variable "password" { type = string }\npassword = var.db_password\ntoken = data.vault.x.data["token"]\nsecret = random_password.x.result',
  ],
  [
    'docker-compose.yml',
    'environment:\n  DB_PASSWORD: ${DB_PASSWORD}\n  A_TOKEN: ${A_TOKEN:-}\n  B_PASSWORD_FILE: /run/secrets/db',
  ],
  [
    'a.yaml',
    'env:\n  - name: PASSWORD\n    valueFrom:\n      secretKeyRef: { name: app-db-1, key: password }',
  ],
  ['.github/workflows/a.yml', 'env:\n  TOKEN: ${{ secrets.TOKEN }}\n  PASSWORD: ${{ secrets.PASSWORD }}'],
  [
    'secrets/a.yaml',
    'password: ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]',
  ],
  ['secrets/a.env', 'DB_PASSWORD=ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]\nsops_version=3.9.0'],
  ['a.ini', '[db]\npassword = ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]'],
  ['a.json', '{"password": "ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]"}'],
  [
    '.sops.yaml',
    'creation_rules:\n  - path_regex: secrets/token/.*\n    encrypted_regex: ^(data|password|token1)$',
  ],
  [
    'package-lock.json',
    `{"node_modules/js-tokens": {"version": "4.0.0", "integrity": "sha512-${chance.base64(64)}"}}`,
  ],
  ['package.json', '{"dependencies": {"js-tokens": "^4.0.0", "auth-token": "~2.4.4"}}'],
  ['CHANGELOG.md', '- password: fix #1234 (a1b2c3d4)\n- token=refresh now works in v2.1!'],
  ['a.1', '.TP\n.BI --password= PASSWORD1\nThe password!'],
  [
    'group_vars/a.yml',
    'db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66386439653236336462626566653063336164663966303231363934653561363964363833313662',
  ],
  [
    'a.yaml',
    "password: \"{{ lookup('env', 'DB_PASSWORD1') }}\"\ntoken: op://vault/item/token1\nsecret: vault:kv/data/x#y1",
  ],
  [
    'a.py',
    'password = os.environ["DB_PASSWORD"]\ntoken = f"{prefix}-{uuid4()}1!"\nsecret = get_secret("db-1")',
  ],
  ['a.cfg', 'ssl_ciphers = HIGH:!aNULL:!PSK:AES256-SHA1'],
  ['nginx.conf', 'fastcgi_pass unix:/run/php8.sock;\nuwsgi_pass 127.0.0.1:9000;'],
  ['tests/a.py', "client.login(password='Kestrel2024!')"],
  ['.env.example', `DB_PASSWORD=${weak}\nAPI_TOKEN=abc123`],
  ['a.sh', 'PASSWORD="$(cat /run/secrets/x)"\nTOKEN=`pass show x`\nPASS=$1'],
  ['a.java', 'System.getProperty("password", "changeit"); private String password;'],
  ['a.yaml', 'tokenizer: bert-base-v2\ntoken_type: Bearer1!\nsecretName: my-app-tls-2'],
];

describe('assignments', () => {
  it.each(PASSWORDS.map(([path, text], i) => [i, path, text] as const))(
    '%i: a password in %s',
    (_, path, text) => {
      const values = [human, named, apart, apart.replaceAll(' ', ''), spoken, router, weakly, weak];
      const found = findsOf(path, `${text}\n`).map(({ value }) => value);
      expect(found).toContain(values.find(value => text.includes(value)));
      const rule = path.endsWith('.nix') ? 'nix-password' : 'password-assignment';
      expect(rulesFor(path, `${text}\n`)).toContain(rule);
    },
  );

  it.each(TOKENS.map(([path, text], i) => [i, path, text] as const))('%i: a token in %s', (_, path, text) => {
    const rule = path.endsWith('.nix') ? 'nix-token' : 'token-assignment';
    expect(rulesFor(path, `${text}\n`)).toContain(rule);
  });

  it.each(LOOKALIKES)('let through %s: %j', (path, text) => {
    expect(rulesFor(path, `${text}\n`)).toEqual([]);
  });

  it('tell files by their paths', () => {
    expect(languageOf('.env')).toEqual({ syntax: 'plain', setting: 'config' });
    expect(languageOf('deploy/prod.env.local').syntax).toBe('plain');
    expect(languageOf('src/a.ts')).toEqual({ syntax: 'code', setting: 'code' });
    expect(languageOf('docs/a.md').setting).toBe('story');
    expect(languageOf('test/a.ts').setting).toBe('trial');
    expect(languageOf('.env.example').setting).toBe('trial');
    expect(languageOf('locales/de.json').setting).toBe('trial');
    expect(languageOf('infra/Dockerfile').syntax).toBe('shell');
  });
});

describe('every contextual rule', () => {
  const paths = [
    'a.env',
    'a.yaml',
    'a.json',
    'a.ts',
    'a.nix',
    'a.md',
    'a.sql',
    '.pgpass',
    '.htpasswd',
    'x.nmconnection',
    'a.csv',
    'luks.key',
    'a.tf',
    'ipsec.secrets',
  ];
  const words = CONTEXT_RULES.flatMap(({ keywords }) => keywords);
  const piece = fc.oneof(
    fc.constantFrom(
      ...words,
      '=',
      ':',
      '"',
      "'",
      "''",
      '${',
      '}',
      '{',
      '(',
      ')',
      '\n',
      ' ',
      '\\',
      '|',
      ',',
      '@',
      '--',
      'value',
      '<',
      '>',
      '#',
      '/*',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );

  it('stays within bounds and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.array(piece, { maxLength: 40 }), (path, pieces) => {
        findsOf(path, pieces.join(''));
      }),
      { numRuns: 1500, seed: 5 },
    );
  });

  it.each(CONTEXT_RULES.map(rule => [rule.id, rule] as const))('%s takes linear time', (_, rule) => {
    const path = paths.find(name => rule.concerns?.(name) ?? true) ?? 'a.service';
    const time = (unit: string, size: number) => {
      const text = unit.repeat(Math.ceil(size / unit.length));
      const lower = text.toLowerCase();
      const start = performance.now();
      for (const _hit of rule.find({ path, text, lower }));
      return performance.now() - start;
    };
    const keyword = rule.keywords[0] ?? 'a:b ';
    for (const ending of ['', '="', "='", '\n', '=a']) {
      const small = Math.min(time(keyword + ending, 30_000), time(keyword + ending, 30_000));
      // Ten times the text: quadratic work would be a hundred times as much.
      expect(time(keyword + ending, 300_000), `${rule.id}: ${ending}`).toBeLessThan(40 * small + 300);
    }
  });

  it('has keywords in lower case that are long enough to be looked up', () => {
    for (const { id, keywords, concerns } of CONTEXT_RULES) {
      expect(keywords.length > 0 || concerns !== undefined, id).toBe(true);
      for (const keyword of keywords) {
        expect(keyword, id).toBe(keyword.toLowerCase());
        expect(keyword.length, `${id}: ${keyword}`).toBeGreaterThanOrEqual(3);
      }
    }
  });
});
