import type { Chance } from './chance.ts';
import { type Frame, NAMED_FRAMES } from './frames.ts';
import { type Positive, planted, positive } from './sample.ts';

/** Names that say what their value is, and how the value is made. */
const NAMED: readonly (readonly [name: string, make: (c: Chance) => string])[] = [
  ['DB_PASSWORD', c => c.strong()],
  ['POSTGRES_PASSWORD', c => c.human()],
  ['MYSQL_ROOT_PASSWORD', c => c.strong()],
  ['REDIS_PASSWORD', c => c.base62(24)],
  ['ADMIN_PASSWORD', c => c.human()],
  ['SMTP_PASSWORD', c => c.strong()],
  ['JWT_SECRET', c => c.base62(48)],
  ['SESSION_SECRET', c => c.hex(64)],
  ['SECRET_KEY', c => c.base64(36)],
  ['ENCRYPTION_KEY', c => c.hex(64)],
  ['API_KEY', c => c.lower(32)],
  ['API_SECRET', c => c.base62(40)],
  ['CLIENT_SECRET', c => c.base62(32)],
  ['ACCESS_TOKEN', c => c.base62(40)],
  ['AUTH_TOKEN', c => c.hex(40)],
  ['HCLOUD_TOKEN', c => c.base62(64)],
  ['CLOUDFLARE_API_TOKEN', c => c.base64url(40)],
  ['AWS_SECRET_ACCESS_KEY', c => c.base64(30)],
  ['WEBHOOK_SECRET', c => c.hex(40)],
  ['OIDC_CLIENT_SECRET', c => c.base62(43)],
  ['MASTER_KEY', c => c.hex(32)],
  ['MQTT_PASSWORD', c => c.human()],
  ['LDAP_BIND_PASSWORD', c => c.strong()],
  ['GITEA_TOKEN', c => c.hex(40)],
  ['SIGNING_SECRET', c => c.base64(32)],
  ['TWILIO_AUTH_TOKEN', c => c.hex(32)],
  ['DATADOG_API_KEY', c => c.hex(32)],
  ['ROOT_PASSWORD', c => c.human()],
  ['KEYSTORE_PASSWORD', c => c.human()],
  ['BACKUP_PASSPHRASE', c => c.words(4)],
];

/** A literal behind a telling name, in as many kinds of file as there are names. */
export function assignments(chance: Chance): Positive[] {
  const frames = chance.shuffled(NAMED_FRAMES);
  return NAMED.map(([name, make]) => {
    const own = chance.for(name);
    const frame: Frame = frames.shift() ?? own.pick(NAMED_FRAMES);
    return positive('core', `${name} in ${frame.title}`, frame.page(own, name, make(own)));
  });
}

type Place = readonly [kind: string, path: string, text: (value: string, chance: Chance) => string];

const human = (c: Chance): string => c.human();

/** Passwords in Nix, each in another corner of the language. */
const NIX: readonly Place[] = [
  [
    'initialPassword',
    'hosts/users.nix',
    v => `{\n  users.users.guest = {\n    isNormalUser = true;\n    initialPassword = "${v}";\n  };\n}\n`,
  ],
  [
    'password attribute',
    'modules/db.nix',
    v =>
      `{ config, ... }:\n{\n  services.app.database = {\n    user = "app";\n    password = "${v}";\n    passwordFile = config.sops.secrets.unused.path;\n  };\n}\n`,
  ],
  ['quoted attribute', 'modules/web.nix', v => `{\n  services.web.settings."admin-password" = "${v}";\n}\n`],
  [
    'indented string',
    'modules/mail.nix',
    v =>
      `{\n  programs.msmtp.extraConfig = ''\n    host smtp.example.org\n    user bot\n    password ${v}\n  '';\n}\n`,
  ],
  [
    'let binding',
    'flake.nix',
    v => `{\n  outputs = { self, nixpkgs }:\n    let\n      dbPassword = "${v}";\n    in\n    { };\n}\n`,
  ],
  [
    'function default',
    'lib/mkDb.nix',
    v => `{ pkgs, user ? "app", password ? "${v}" }:\npkgs.writeShellScript "x" ""\n`,
  ],
  [
    'toFile',
    'hosts/backup.nix',
    v => `{\n  services.restic.backups.home.passwordFile = builtins.toFile "restic-password" "${v}";\n}\n`,
  ],
  [
    'writeText',
    'hosts/nextcloud.nix',
    v =>
      `{ pkgs, ... }:\n{\n  services.nextcloud.config.adminpassFile = "\${pkgs.writeText "adminpass" "${v}"}";\n}\n`,
  ],
  ['environment.etc', 'hosts/wifi.nix', v => `{\n  environment.etc."wpa/passphrase".text = "${v}";\n}\n`],
  [
    'container environment',
    'hosts/oci.nix',
    v =>
      `{\n  virtualisation.oci-containers.containers.db = {\n    image = "postgres:16";\n    environment = {\n      POSTGRES_PASSWORD = "${v}";\n    };\n  };\n}\n`,
  ],
  [
    'merged attribute set',
    'home/mail.nix',
    v =>
      `{\n  accounts.email.accounts.me = rec {\n    address = "me@example.org";\n    smtp = { host = "smtp.example.org"; password = "${v}"; };\n  };\n}\n`,
  ],
];

/** Where a person puts a password that no program reads there. */
const ODD: readonly Place[] = [
  [
    'SQL user',
    'db/init.sql',
    v => `CREATE DATABASE app;\nCREATE USER app WITH PASSWORD '${v}';\nGRANT ALL ON DATABASE app TO app;\n`,
  ],
  [
    'SQL identified by',
    'db/grants.sql',
    v => `CREATE USER 'app'@'%' IDENTIFIED BY '${v}';\nFLUSH PRIVILEGES;\n`,
  ],
  ['SQL alter role', 'migrations/002.sql', v => `ALTER ROLE reporting PASSWORD '${v}';\n`],
  [
    'comment in a script',
    'scripts/setup.sh',
    v => `#!/bin/sh\n# admin password: ${v}\nsystemctl restart web\n`,
  ],
  [
    'sentence in a README',
    'README.md',
    v => `# Router\n\nLog in as admin, the password is \`${v}\`, then open the second tab.\n`,
  ],
  [
    'table in Markdown',
    'docs/accounts.md',
    v => `| host | user | password |\n| --- | --- | --- |\n| nas | admin | ${v} |\n`,
  ],
  ['list in Markdown', 'docs/wifi.md', v => `# Guests\n\n- SSID: attic\n- Password: ${v}\n`],
  ['CSV column', 'data/users.csv', v => `name,mail,password\nanna,anna@example.org,${v}\n`],
  [
    'log line',
    'logs/app.log',
    v => `12:00:01 INFO connect host=db user=app password=${v} tries=1\n12:00:02 INFO ok\n`,
  ],
  [
    'command option',
    'scripts/import.sh',
    v => `#!/bin/sh\n./import --user admin --password ${v} --file dump.xml\n`,
  ],
  ['chpasswd', 'scripts/user.sh', v => `#!/bin/sh\necho 'me:${v}' | chpasswd\n`],
  ['sudo -S', 'scripts/up.sh', v => `#!/bin/sh\necho '${v}' | sudo -S apt-get update\n`],
  ['expect', 'scripts/login.exp', v => `spawn ssh admin@switch\nexpect "password:"\nsend "${v}\\r"\n`],
  [
    'XML element',
    'conf/service.xml',
    v => `<service>\n  <user>app</user>\n  <password>${v}</password>\n</service>\n`,
  ],
  [
    'XML attribute',
    'conf/context.xml',
    v => `<Context>\n  <Resource name="jdbc/app" username="app" password="${v}" maxTotal="5"/>\n</Context>\n`,
  ],
  [
    'unattend.xml',
    'windows/unattend.xml',
    v =>
      `<AutoLogon>\n  <Password>\n    <Value>${v}</Value>\n    <PlainText>true</PlainText>\n  </Password>\n</AutoLogon>\n`,
  ],
  [
    'HTML field',
    'tests/login.html',
    v =>
      `<form>\n<input name="user" value="admin">\n<input type="password" name="password" value="${v}">\n</form>\n`,
  ],
  [
    'keyword argument',
    'app/db.py',
    v => `import psycopg\n\nconn = psycopg.connect(host="db", user="app", password="${v}")\n`,
  ],
  [
    'Go struct',
    'cmd/redis.go',
    v => `package main\n\nvar opts = &redis.Options{\n\tAddr:     "cache:6379",\n\tPassword: "${v}",\n}\n`,
  ],
  [
    'Rust builder',
    'src/db.rs',
    v => `fn main() {\n    let config = Config::new().user("app").password("${v}");\n}\n`,
  ],
  ['Ruby hash', 'lib/db.rb', v => `DB = Sequel.connect(adapter: 'mysql2', user: 'app', password: '${v}')\n`],
  ['PHP PDO', 'inc/db.php', v => `<?php\n$db = new PDO('mysql:host=db;dbname=app', 'app', '${v}');\n`],
  ['short name', 'etc/sync.conf', v => `host = 10.0.0.9\nuser = sync\npass = ${v}\n`],
  ['pwd', 'config/ftp.json', v => `{ "host": "ftp.example.org", "user": "web", "pwd": "${v}" }\n`],
  ['German name', 'config/konto.yml', v => `benutzer: anna\npasswort: ${v}\n`],
  ['passwd in YAML', 'vars/mail.yml', v => `mail:\n  login: bot\n  passwd: "${v}"\n`],
  ['pin to a name', 'vars/luks.yml', v => `luks_passphrase: "${v}"\ncipher: aes-xts\n`],
  ['commented out', 'config/app.env', v => `# DB_PASSWORD=${v}\nDB_PASSWORD_FILE=/run/secrets/db\n`],
  [
    'default of a variable',
    'compose.yaml',
    v => `services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:-${v}}\n`,
  ],
  ['shell default', 'scripts/start.sh', v => `#!/bin/sh\n: "\${DB_PASSWORD:=${v}}"\nexec app\n`],
  [
    'Terraform default',
    'infra/variables.tf',
    v => `variable "db_password" {\n  type    = string\n  default = "${v}"\n}\n`,
  ],
  [
    'JavaScript fallback',
    'src/config.js',
    v => `export const secret = process.env.SESSION_SECRET || '${v}';\n`,
  ],
  ['build argument', 'Dockerfile.dev', v => `FROM debian:12\nARG DB_PASSWORD=${v}\nRUN ./setup\n`],
  ['test user', 'e2e/login.spec.ts', v => `await page.getByLabel('Password').fill('${v}');\n`],
  ['AutoHotkey', 'desk/keys.ahk', v => `^!p::\nSend, ${v}{Enter}\nreturn\n`],
];

/** Literal passwords outside of plain assignments: in Nix they are as common as those, elsewhere they are not. */
export function oddPasswords(chance: Chance): Positive[] {
  const placed = (grade: 'core' | 'medium', [kind, path, text]: Place): Positive => {
    const own = chance.for(kind);
    return positive(grade, kind, { path, text: text(planted(human(own)), own) });
  };
  return [
    ...NIX.map(place => placed('core', [`Nix ${place[0]}`, place[1], place[2]])),
    ...ODD.map(place => placed('medium', place)),
  ];
}
