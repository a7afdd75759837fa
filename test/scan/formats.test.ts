import { describe, expect, it } from 'vitest';
import { findsOf, rulesFor } from './context-finds.ts';
import { Chance } from './corpus/chance.ts';

const chance = new Chance(4711);
/** As a generator makes it. */
const strong = chance.base62(20);
/** As people make it up. */
const human = `${chance.letters(1).toUpperCase()}estrel${chance.digits(3)}!`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const bcrypt = `$2y$10$${chance.base62(53)}`;
const sha512 = `$6$${chance.base62(12)}$${chance.base62(86)}`;
const yescrypt = `$y$j9T$${chance.base62(22)}$${chance.base62(43)}`;

const POSITIVES: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['url-password', '.env', `DATABASE_URL=postgres://app:${strong}@db.internal:5432/app\n`],
  ['url-password', 'a.py', `broker = "redis://:${human}@cache:6379/0"\n`],
  ['url-password', '.git-credentials', `https://me:${strong}@git.example.org\n`],
  ['url-password', 'a.toml', `remote = "https://${chance.base62(40)}@github.com/me/x.git"\n`],
  [
    'otpauth-secret',
    'notes.txt',
    `otpauth://totp/Git:me?secret=${chance.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 32)}&issuer=Git\n`,
  ],
  ['wifi-code', 'wifi.txt', `WIFI:T:WPA;S:attic;P:${human};;\n`],
  ['bearer-header', 'a.http', `GET /v1\nAuthorization: Bearer ${strong}${strong}\n`],
  ['basic-header', 'a.sh', `curl -H "Authorization: Basic ${base64(`me:${human}`)}" https://x\n`],
  ['key-header', 'a.sh', `curl -H 'X-Api-Key: ${strong}' https://x\n`],
  ['session-cookie', 'a.http', `Cookie: theme=dark; sessionid=${strong}${strong}\n`],
  ['netrc', '.netrc', `machine git.example.org\n  login me\n  password ${human}\n`],
  ['netrc', 'a.nix', `''machine a.org login me password ${strong}''`],
  ['npmrc', '.npmrc', `//registry.example.org/:_authToken=${chance.uuid()}\n`],
  ['npmrc', '.npmrc', `//registry.example.org/:_password=${base64(human)}\n`],
  ['pgpass', '.pgpass', `db.internal:5432:*:app:${human}\n`],
  ['docker-auth', 'config.json', `{"auths":{"ghcr.io":{"auth":"${base64(`me:${strong}`)}"}}}`],
  ['oauth-login', 'auth.json', `{"github-oauth": {"github.com": "${chance.base62(36)}"}}`],
  ['user-hash', 'web.conf', `admin:${bcrypt}\n`],
  ['user-hash', 'etc/shadow', `root:${sha512}:19000:0:99999:7:::\n`],
  ['user-hash', 'shadow', `me:${yescrypt}:19000::::::\n`],
  ['user-hash', 'compose.yml', `      - "traefik.users=me:${bcrypt.replaceAll('$', '$$$$')}"\n`],
  ['htpasswd', '.htpasswd', `me:${chance.base62(13)}\n`],
  ['password-hash', 'users.nix', `users.users.root.hashedPassword = "${sha512}";\n`],
  ['password-hash', 'users.nix', `users.users.me.initialHashedPassword = "${yescrypt}";\n`],
  ['password-hash', 'users.ldif', `dn: uid=me\nuserPassword: {SSHA}${chance.base62(32)}\n`],
  [
    'qbittorrent-hash',
    'qBittorrent.conf',
    `WebUI\\Password_PBKDF2="@ByteArray(${chance.base62(22)}==:${chance.base62(86)}==)"\n`,
  ],
  [
    'qbittorrent-hash',
    'torrents.nix',
    `WebUI.Password_PBKDF2 = "@ByteArray(${chance.base62(22)}==:${chance.base62(86)}==)";\n`,
  ],
  ['basic-auth-hash', 'Caddyfile', `basic_auth {\n  me ${bcrypt}\n}\n`],
  [
    'smbpasswd',
    'smbpasswd',
    `me:1000:${'X'.repeat(32)}:${chance.hex(32).toUpperCase()}:[U          ]:LCT-5F000000:\n`,
  ],
  ['wifi-password', 'x.nmconnection', `[wifi-security]\npsk=${human}\n`],
  ['wifi-password', 'iwd/home.psk', `[Security]\nPassphrase=four little words\n`],
  ['wpa-network', 'a.txt', `network={\n  ssid="attic"\n  psk="${human}"\n}\n`],
  [
    'kubernetes-secret',
    'a.yaml',
    `kind: Secret\nmetadata:\n  name: a\ndata:\n  password: ${base64(human)}\n`,
  ],
  ['kubernetes-secret', 'a.yaml', `apiVersion: v1\nstringData:\n  api: ${strong}\nkind: Secret\n`],
  ['kubernetes-secret', 'a.json', `{"kind": "Secret", "data": {"password": "${base64(human)}"}}`],
  ['terraform-default', 'a.tf', `variable "db_password" {\n  type = string\n  default = "${human}"\n}\n`],
  [
    'terraform-state',
    'a.tfstate',
    `{"type": "random_password", "instances": [{"attributes": {"result": "${strong}"}}]}`,
  ],
  ['sql-password', 'a.sql', `CREATE USER app WITH PASSWORD '${human}';\n`],
  ['sql-password', 'a.sql', `create user app identified by '${strong}';\n`],
  ['sql-row', 'a.sql', `INSERT INTO users (name, password) VALUES ('a', '${human}'), ('b', NULL);\n`],
  ['php-constant', 'wp-config.php', `define( 'DB_PASSWORD', '${human}' );\n`],
  ['account-key', 'a.config', `AccountName=x;AccountKey=${chance.base64(64)};EndpointSuffix=y\n`],
  ['command-password', 'a.sh', `curl -fsS -u me:${human} https://x\n`],
  ['command-password', 'a.sh', `mysql -u root -p${strong} db < dump.sql\n`],
  ['command-password', 'a.sh', `sshpass -p '${human}' ssh router\n`],
  ['command-password', 'a.sh', `echo "root:${human}" | chpasswd\n`],
  ['login-call', 'a.php', `$db = new PDO('mysql:host=db', 'app', '${human}');\n`],
  ['dsn-password', 'a.go', `const dsn = "app:${strong}@tcp(db:3306)/app"\n`],
  ['expect-password', 'a.exp', `expect "Password:"\nsend "${human}\\r"\n`],
  [
    'network-key',
    'a.yaml',
    `network_key: [${Array.from({ length: 16 }, (_, index) => (index * 37 + 11) % 256).join(', ')}]\n`,
  ],
  ['encryption-key', 'a.yaml', `api:\n  encryption:\n    key: "${chance.base64(32)}"\n`],
  ['chpasswd-list', 'a.yaml', `chpasswd:\n  list: |\n    root:${human}\n`],
  ['openvpn-login', 'a.ovpn', `<auth-user-pass>\nme\n${human}\n</auth-user-pass>\n`],
  ['service-password', 'sentinel.conf', `sentinel auth-pass main ${human}\n`],
  ['service-password', 'haproxy.cfg', `userlist u\n  user me insecure-password ${human}\n`],
  ['service-password', 'nslcd.conf', `uri ldap://x\nbindpw ${human}\n`],
  ['service-password', 'sssd.conf', `ldap_default_authtok = ${human}\n`],
  ['service-password', 'upsmon.conf', `MONITOR ups@localhost 1 me ${human} primary\n`],
  ['service-password', 'snmpd.conf', `createUser me SHA "${human}" AES\n`],
  ['service-password', 'vm.args', `-name a@b\n-setcookie ${strong}\n`],
  ['service-user', 'users.acl', `user app on ~* +@all >${human}\n`],
  ['service-user', '.curlrc', `user = "me:${human}"\n`],
  ['tsig-key', 'a.conf', `key a. { algorithm hmac-sha256; secret "${chance.base64(32)}"; };\n`],
  ['gossip-key', 'a.hcl', `server {\n  encrypt = "${chance.base64(32)}"\n}\n`],
  ['gossip-key', 'a.json', `{ "encrypt": "${chance.base64(16)}" }\n`],
  ['keepass-export', 'a.xml', `<Key>Password</Key><Value ProtectInMemory="True">${human}</Value>\n`],
  ['signing-secret', 'a.js', `jwt.sign({ id }, '${strong}', { expiresIn: '1h' })\n`],
  ['session-secret', 'a.js', `app.use(session({ secret: '${human}', resave: false }))\n`],
  ['session-secret', 'a.ts', `session({\n  resave: false,\n  cookie: null,\n  secret: ["${human}"],\n});\n`],
  ['session-secret', 'a.js', `app.use(cookieParser("${human}"));\n`],
  ['nested-signing-key', 'appsettings.json', `{"Jwt": {"Issuer": "x", "Key": "${strong}${strong}"}}\n`],
  ['key-header', 'a.conf', `  proxy_set_header X-Auth-Token "${strong}${strong}";\n`],
  ['netrc', 'a.txt', `machine cache.example.org password ${strong}\n`],
  ['login-call', 'a.pl', `my $d = DBI->connect('dbi:Pg:x', 'root', '${human}');\n`],
  ['account-line', 'ppp/chap-secrets', `me * ${human} *\n`],
  ['account-line', 'ipsec.secrets', `a b : PSK "${strong}"\n`],
  ['account-line', 'sasl_passwd', `[smtp.x.org]:587 me@x.org:${human}\n`],
  ['table-column', 'a.csv', `name,password\nme,${human}\n`],
  ['table-column', 'a.md', `| host | password |\n| --- | --- |\n| a | ${human} |\n`],
  ['key-file', 'luks.key', `${strong}\n`],
  ['key-file', 'secrets/password.txt', `${human}\n`],
  ['key-file', 'vpn/auth.txt', `me\n${human}\n`],
  ['unit-credential', 'a.service', `[Service]\nSetCredential=api:${human}\n`],
  ['borg-key', 'borg.key', `BORG_KEY ${chance.hex(64)}\n${chance.base62(60)}\n`],
];

const LOOKALIKES: readonly (readonly [path: string, text: string])[] = [
  ['README.md', 'Connect with `postgres://user:password@localhost:5432/app`.\n'],
  ['a.env', 'DATABASE_URL=postgres://app:${DB_PASSWORD}@db/app\n'],
  ['a.yml', 'url: "https://{{ user }}:{{ password }}@example.org"\n'],
  ['a.md', 'https://username:password@example.com/path and http://host:8080/@scope/pkg\n'],
  ['a.json', '{"resolved": "https://registry.npmjs.org/@types/node/-/node-20.0.0.tgz"}'],
  ['a.sh', 'git clone git@github.com:me/x.git; curl -u "$USER:$PASS" https://x; curl -u me: https://x\n'],
  ['a.sh', 'curl -H "Authorization: Bearer $TOKEN" -H "Authorization: Bearer ${{ secrets.X }}" https://x\n'],
  ['a.md', 'Send `Authorization: Bearer <token>` or `Authorization: Basic <credentials>`.\n'],
  ['a.ts', 'headers.set("Authorization", `Bearer ${token}`); const basic = "Basic authentication";\n'],
  ['.netrc', 'machine x.org login me password $PASSWORD\n'],
  ['a.md', ['a machine that has a login and a', 'password prompt\n'].join(' ')],
  ['.npmrc', '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n'],
  ['a.ts', 'this._password = password;\nprivate _auth = authService;\n'],
  ['.pgpass', '# host:port:db:user:password\nlocalhost:5432:*:app:<password>\n'],
  ['config.json', '{"auths": {"ghcr.io": {}}, "credsStore": "osxkeychain"}'],
  ['policy.md', `Store hashes like \`${bcrypt}\`, never passwords. me:${bcrypt}\n`],
  ['users.nix', 'hashedPassword = "!"; hashedPasswordFile = config.sops.secrets.me.path;\n'],
  ['x.nmconnection', '[wifi-security]\npsk=$WIFI_PSK\npsk-flags=1\nkey-mgmt=wpa-psk\n'],
  ['wpa_supplicant.conf', 'network={\n  ssid="a"\n  psk=ext:home\n  key_mgmt=WPA-PSK\n}\n'],
  ['a.yaml', `kind: Secret\nstringData:\n  password: ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]\n`],
  [
    'a.yaml',
    `kind: Secret\ndata:\n  username: ${base64('administrator')}\n  password: ${base64('changeme')}\n`,
  ],
  ['a.yaml', `kind: SecretStore\ndata:\n  password: ${base64(human)}\n`.replace('password', 'note')],
  [
    'a.yaml',
    'env:\n  - name: PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: app-1\n        key: password\n',
  ],
  ['a.tf', 'variable "db_password" {\n  type      = string\n  sensitive = true\n}\n'],
  [
    'a.tf',
    'variable "db_password" {\n  default = ""\n}\nvariable "region" {\n  default = "eu-central-1"\n}\n',
  ],
  ['a.sql', "ALTER ROLE app WITH PASSWORD :'password';\nSELECT password FROM users WHERE name = 'a1';\n"],
  [
    'a.sql',
    "INSERT INTO users (name, note) VALUES ('a', 'Kestrel 99!');\nCREATE USER a IDENTIFIED BY '<password>';\n",
  ],
  [
    'wp-config-sample.php',
    "define( 'DB_PASSWORD', 'password_here' );\ndefine('AUTH_KEY', 'put your unique phrase here');\n",
  ],
  [
    'a.sh',
    'mysql -u root -p db; mysqldump --password="$PASS" db; sshpass -e ssh x; redis-cli -a "$P" ping\n',
  ],
  ['a.php', "new PDO($dsn, $user, $password);\nnew mysqli('localhost', 'root', '');\n"],
  ['a.csv', 'name,password_changed\na,2024-01-02\n'],
  ['a.md', '| option | password |\n| --- | --- |\n| required | yes |\n| algorithm | argon2id |\n'],
  ['a.key.pub', `${strong}\n`],
  ['token.txt', 'changeme\n'],
  ['key', '# the key is made at the first start\n'],
  ['a.exp', 'expect "Password:"\nsend "$password\\r"\n'],
  ['users.acl', 'user default on nopass ~* &* +@all\nuser app on #0123 ~* +@all\n'],
  [
    'a.md',
    'MONITOR the machine. The user can do that: user me insecure-password is what haproxy calls it.\n',
  ],
  [
    'a.js',
    "app.use(session({ secret: 'keyboard cat' })); session({ secret: process.env.SECRET, resave: false });\n",
  ],
  ['b.js', "app.use(cookieParser(config.cookies.secret)); app.use(cookieParser('your-secret-here'));\n"],
  ['a.js', "jwt.sign(payload, secret); jwt.verify(token, process.env['JWT_SECRET'], 'HS256');\n"],
  ['a.json', '{"encrypt": true, "Jwt": {"Issuer": "x", "Key": "your-256-bit-secret-goes-here"}}\n'],
  ['a.conf', 'algorithm hmac-sha256;\nproxy_set_header X-Auth-Token $http_x_auth_token;\n'],
];

describe('contextual formats', () => {
  it.each(POSITIVES.map(([rule, path, text], i) => [rule, path, i, text] as const))(
    '%s in %s (%i)',
    (rule, path, _, text) => {
      expect(rulesFor(path, text)).toContain(rule);
    },
  );

  it('have a case for every rule that is a format', async () => {
    const { CONTEXT_RULES } = await import('../../src/scan/context.ts');
    const tested = new Set(POSITIVES.map(([rule]) => rule));
    const rest = CONTEXT_RULES.map(({ id }) => id).filter(id => !tested.has(id));
    expect(rest).toEqual([
      'kubeconfig-key',
      'nix-password',
      'nix-token',
      'password-assignment',
      'token-assignment',
    ]);
  });

  it('know the key of a kubeconfig', () => {
    const pem = `-----BEGIN ${['RSA', 'PRIVATE', 'KEY'].join(' ')}-----\n${chance.base62(64)}\n`;
    expect(rulesFor('config', `client-key-data: ${base64(pem)}\n`)).toEqual(['kubeconfig-key']);
    expect(
      rulesFor(
        'config',
        `client-key-data: ${base64('-----BEGIN CERTIFICATE-----\nMIIB')}${base64('a'.repeat(60))}\n`,
      ),
    ).toEqual([]);
  });

  it.each(LOOKALIKES)('let through %s: %j', (path, text) => {
    expect(rulesFor(path, text)).toEqual([]);
  });

  it('point at the value and nothing else', () => {
    const text = `a\nurl = "amqp://me:${strong}@mq/"\n`;
    expect(findsOf('a.conf', text).map(({ value }) => value)).toEqual([strong]);
    const secret = `kind: Secret\ndata:\n  a-password: "${base64(human)}" # note\n`;
    expect(findsOf('a.yaml', secret).map(({ value }) => value)).toContain(base64(human));
  });
});
