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
  ['a.lua', `M.api_key = "${strong}"`],
  ['a.md', `$ export API_TOKEN=${strong}`],
  ['a.js', `headers: { "X-Api-Key": "${strong}" }`],
  ['named.conf', `  secret "${chance.base64(32)}";`],
  ['a.ts', `getenv("API_TOKEN", "${strong}")`],
];

const LOOKALIKES: readonly (readonly [path: string, text: string])[] = [
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
      expect(findsOf(path, `${text}\n`).map(({ value }) => value)).toContain(
        text.includes(human) ? human : weak,
      );
      expect(rulesFor(path, `${text}\n`)).toContain('password-assignment');
    },
  );

  it.each(TOKENS.map(([path, text], i) => [i, path, text] as const))('%i: a token in %s', (_, path, text) => {
    expect(rulesFor(path, `${text}\n`)).toContain('token-assignment');
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
