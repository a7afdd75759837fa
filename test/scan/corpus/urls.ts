import type { Chance } from './chance.ts';
import { FRAMES, NAMED_FRAMES } from './frames.ts';
import { type Positive, planted, positive } from './sample.ts';

const DATABASES = [
  'postgres',
  'postgresql',
  'mysql',
  'mongodb',
  'mongodb+srv',
  'redis',
  'amqp',
  'mssql',
  'clickhouse',
];

/** Connection strings and request lines that carry a password. */
export function urls(chance: Chance): Positive[] {
  return [...databaseUrls(chance), ...commandLines(chance)];
}

function databaseUrls(chance: Chance): Positive[] {
  const frames = chance.shuffled(NAMED_FRAMES);
  return DATABASES.map(scheme => {
    const own = chance.for(`url ${scheme}`);
    const frame = frames.shift() ?? own.pick(FRAMES);
    const password = own.base62(18);
    const host = `${own.word()}.example.org`;
    const user = scheme === 'redis' ? '' : 'app';
    const page = frame.page(own, 'DATABASE_URL', `${scheme}://${user}:${password}@${host}/app`);
    return positive('core', `${scheme} URL in ${frame.title}`, page, [password]);
  });
}

type Line = readonly [kind: string, path: string, text: (password: string, chance: Chance) => string];

const LINES: readonly Line[] = [
  [
    'URL with a password',
    'docs/mirror.md',
    p => `Clone from the mirror:\n\n    git clone https://deploy:${p}@git.example.org/web.git\n`,
  ],
  [
    'git remote',
    '.git-backup/config',
    p =>
      `[core]\n\tbare = false\n[remote "origin"]\n\turl = https://oauth2:${p}@git.example.org/team/web.git\n`,
  ],
  [
    'FTP URL',
    'scripts/upload.py',
    p => `import ftplib\n\nTARGET = "ftp://upload:${p}@ftp.example.org/www"\n`,
  ],
  ['SMTP URL', 'app/.env', p => `MAILER_DSN=smtp://bot:${p}@smtp.example.org:587\nTZ=UTC\n`],
  [
    'RTSP URL',
    'frigate/config.yml',
    p =>
      `cameras:\n  door:\n    ffmpeg:\n      inputs:\n        - path: rtsp://viewer:${p}@10.0.0.20:554/stream\n`,
  ],
  [
    'proxy URL',
    'etc/apt/proxy.conf',
    p => `Acquire::http::Proxy "http://proxy:${p}@proxy.example.org:3128/";\n`,
  ],
  [
    'fetchurl in Nix',
    'pkgs/internal.nix',
    p =>
      `{ fetchurl }:\nfetchurl {\n  url = "https://build:${p}@files.example.org/tool-1.0.tar.gz";\n  hash = "";\n}\n`,
  ],
  [
    'JDBC',
    'conf/app.properties',
    p => `db.pool=5\ndb.url=jdbc:postgresql://db.example.org/app?user=app&password=${p}&ssl=true\n`,
  ],
  [
    'ADO connection string',
    'Web.config',
    p =>
      `<connectionStrings>\n  <add name="Main" connectionString="Server=db;Database=app;User Id=sa;Password=${p};Encrypt=true" />\n</connectionStrings>\n`,
  ],
  [
    'libpq string',
    'src/db.go',
    p => `package db\n\nconst dsn = "host=db user=app password=${p} dbname=app sslmode=require"\n`,
  ],
  [
    'Go MySQL DSN',
    'cmd/db.go',
    p => `package main\n\nvar dsn = "app:${p}@tcp(db.example.org:3306)/app?parseTime=true"\n`,
  ],
  [
    'query token',
    'scripts/ping.sh',
    p => `#!/bin/sh\nwget -qO- "https://api.example.org/v1/ping?verbose=1&access_token=${p}"\n`,
  ],
  [
    'curl -u',
    'scripts/export.sh',
    p => `#!/bin/sh\ncurl -fsS -u admin:${p} https://wiki.example.org/export > wiki.xml\n`,
  ],
  [
    'curl --user',
    'ci/upload.sh',
    p => `set -e\ncurl --user 'ci:${p}' -T out.tgz https://files.example.org/\n`,
  ],
  [
    'wget password',
    'scripts/get.sh',
    p => `#!/bin/sh\nwget --user=me --password='${p}' https://files.example.org/x.iso\n`,
  ],
  ['sshpass', 'scripts/router.sh', p => `#!/bin/sh\nsshpass -p '${p}' ssh admin@192.168.1.1 reboot\n`],
  ['mysql -p', 'scripts/dump.sh', p => `#!/bin/sh\nmysqldump -u root -p'${p}' app > app.sql\n`],
  ['PGPASSWORD', 'scripts/psql.sh', p => `#!/bin/sh\nPGPASSWORD=${p} psql -h db -U app -c 'select 1'\n`],
  ['docker login', 'ci/push.sh', p => `#!/bin/sh\ndocker login -u ci -p ${p} registry.example.org\n`],
  [
    'openssl passin',
    'scripts/sign.sh',
    p => `#!/bin/sh\nopenssl rsa -in key.pem -passin pass:${p} -out plain.pem\n`,
  ],
  ['redis-cli -a', 'scripts/flush.sh', p => `#!/bin/sh\nredis-cli -h cache -a '${p}' flushall\n`],
  [
    'restic command',
    'systemd/backup.service',
    p => `[Service]\nEnvironment=RESTIC_PASSWORD=${p}\nExecStart=/usr/bin/restic backup /home\n`,
  ],
  ['bearer header', 'docs/api.md', p => `Call it so:\n\n    Authorization: Bearer ${p}\n`],
  [
    'bearer in JavaScript',
    'src/api.mjs',
    p => `export const get = url =>\n  fetch(url, { headers: { Authorization: 'Bearer ${p}' } });\n`,
  ],
  [
    'X-API-Key header',
    'tests/api.http',
    p => `POST https://api.example.org/v1/items\nContent-Type: application/json\nX-API-Key: ${p}\n`,
  ],
  [
    'token header of Vault',
    'scripts/vault.sh',
    p => `#!/bin/sh\ncurl -H "PRIVATE-TOKEN: ${p}" https://git.example.org/api/v4/projects\n`,
  ],
];

function commandLines(chance: Chance): Positive[] {
  const core = LINES.map(([kind, path, text]) => {
    const own = chance.for(kind);
    const password =
      kind.includes('bearer') || kind.includes('header') ? own.base62(32) : own.base62(10 + own.int(12));
    return positive('core', kind, { path, text: text(planted(password), own) });
  });
  const own = chance.for('basic');
  const basic = planted(Buffer.from(`admin:${own.strong()}`).toString('base64'));
  return [
    ...core,
    positive('core', 'basic header', {
      path: 'src/client.py',
      text: `HEADERS = {\n    "Accept": "*/*",\n    "Authorization": "Basic ${basic}",\n}\n`,
    }),
    positive('core', 'git extraheader', {
      path: 'ci/gitconfig',
      text: `[http "https://git.example.org/"]\n\textraheader = AUTHORIZATION: basic ${basic}\n`,
    }),
  ];
}
