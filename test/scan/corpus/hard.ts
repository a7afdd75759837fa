import { base62Checksum, type Chance, glue } from './chance.ts';
import { ageIdentity, ed25519, pem, rsa, sshPrivate } from './key-material.ts';
import { type Positive, planted, positive } from './sample.ts';

type Text = readonly [kind: string, path: string, text: (chance: Chance) => string];

function token(chance: Chance): string {
  const body = chance.base62(30);
  return glue('gh', 'p_') + body + base62Checksum(body);
}

const stripe = (c: Chance): string => glue('sk', '_live_') + c.base62(24);
const key = (c: Chance): string =>
  `${pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' }))}\n`;
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const percent = (text: string): string =>
  Array.from(text, char =>
    /[a-z0-9]/i.test(char) ? char : `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  ).join('');
const halves = (text: string, by: string): string => {
  const middle = Math.floor(text.length / 2);
  return `${text.slice(0, middle)}${by}${text.slice(middle)}`;
};

const ENCODED: readonly Text[] = [
  ['token in base64', 'k8s/token.yaml', c => `data:\n  token.b64: ${planted(base64(token(c)))}\n`],
  [
    'dotenv in base64',
    'ci/env.b64',
    c =>
      `${planted(
        base64(`PORT=80\nGITHUB_TOKEN=${token(c)}\nMODE=prod\n`)
          .match(/.{1,76}/g)
          ?.join('\n') ?? '',
      )}\n`,
  ],
  [
    'age key in base64',
    'flux/sops-age.yaml',
    c =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: sops-age\ndata:\n  age.agekey: ${planted(base64(`# public key: none\n${ageIdentity(c)}\n`))}\n`,
  ],
  ['PEM in base64', '.gitlab-ci.yml', c => `variables:\n  TLS_KEY_B64: ${planted(base64(key(c)))}\n`],
  [
    'ssh key in base64, folded',
    'terraform/user_data.tpl',
    c =>
      `base64 -d > id <<EOF\n${planted(
        base64(`${sshPrivate(ed25519(c).key, c)}\n`)
          .match(/.{1,76}/g)
          ?.join('\n') ?? '',
      )}\nEOF\n`,
  ],
  ['base64 twice', 'helm/values.yaml', c => `blob: ${planted(base64(base64(key(c))))}\n`],
  [
    'percent-encoded token',
    'docs/link.md',
    c => `<https://ci.example.org/login?token=${planted(percent(token(c)))}&next=%2F>\n`,
  ],
  [
    'percent-encoded key',
    'public/share.html',
    c => `<a href="https://x.example.org/#key=${planted(percent(ageIdentity(c)))}">open</a>\n`,
  ],
  [
    'percent-encoded PEM',
    'scripts/post.sh',
    c => `curl -d 'key=${planted(percent(key(c)))}' https://example.org/\n`,
  ],
  ['hex of a key', 'tests/vector.txt', c => `input\n${planted(Buffer.from(key(c)).toString('hex'))}\nend\n`],
  [
    'escaped with \\u',
    'lang/de.json',
    c =>
      `{\n  "t": "${planted(Array.from(token(c), char => `\\u00${char.charCodeAt(0).toString(16)}`).join(''))}"\n}\n`,
  ],
  [
    'HTML entities',
    'site/old.html',
    c => `<p>${planted(Array.from(token(c), char => (char === '_' ? '&#95;' : char)).join(''))}</p>\n`,
  ],
  [
    'quoted-printable',
    'mail/setup.eml',
    c =>
      `Subject: key\nContent-Transfer-Encoding: quoted-printable\n\nGITHUB_TOKEN=3D${planted(halves(token(c), '=\n'))}\n`,
  ],
];

const SPLIT: readonly Text[] = [
  ['joined in Python', 'app/conf.py', c => `TOKEN = ("${planted(halves(token(c), '"\n         "'))}")\n`],
  ['joined with plus', 'src/conf.js', c => `const token = '${planted(halves(token(c), "' + '"))}';\n`],
  [
    'joined key in Java',
    'src/K.java',
    c => `class K {\n  String key = "${planted(halves(ageIdentity(c), '"\n      + "'))}";\n}\n`,
  ],
  ['joined in Nix', 'pkgs/conf.nix', c => `{\n  token = "${planted(halves(stripe(c), '" + "'))}";\n}\n`],
  ['continued in shell', 'scripts/long.sh', c => `export TOKEN=${planted(halves(token(c), '\\\n'))}\n`],
  ['folded in YAML', 'vars/long.yml', c => `token: "${planted(halves(token(c), '\\\n  '))}"\n`],
];

const ODD_PLACES: readonly Text[] = [
  [
    'comment of an SVG',
    'docs/img/logo.svg',
    c => `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${planted(token(c))} --><path d="M0 0h8v8z"/></svg>\n`,
  ],
  [
    'URL in package-lock.json',
    'package-lock.json',
    c =>
      `{\n  "packages": {\n    "node_modules/a": {\n      "resolved": "https://ci:${planted(c.base62(20))}@npm.example.org/a/-/a-1.0.0.tgz",\n      "integrity": "sha512-${c.base64(64)}"\n    }\n  }\n}\n`,
  ],
  ['token in node_modules', 'node_modules/a/index.js', c => `module.exports = "${planted(stripe(c))}";\n`],
  ['vendor folder', 'vendor/github.com/x/y/key.go', c => `package y\n\nconst k = "${planted(token(c))}"\n`],
  ['file called woff2', 'assets/font.woff2', c => `${planted(token(c))}\n`],
  [
    'lock file of Go',
    'go.sum',
    c => `example.org/a v1.0.0 h1:${c.base64(32)}\nhttps://x:${planted(token(c))}@example.org\n`,
  ],
  [
    'minified script',
    'dist/app.min.js',
    c =>
      `!function(e){${'var a=1;b(a,"x");'.repeat(4000)}t="${planted(token(c))}";${'c(d);'.repeat(2000)}}();`,
  ],
  ['name with a newline', 'odd\nname "x".txt', c => `${planted(ageIdentity(c))}\n`],
  [
    'end of a large file',
    'data/large.txt',
    c => `${'the quick brown fox jumps over the lazy dog\n'.repeat(30_000)}${planted(token(c))}\n`,
  ],
];

function text(chance: Chance, [kind, path, make]: Text): Positive {
  const own = chance.for(kind);
  return positive('hard', kind, { path, text: make(own) });
}

/** A token that is only there in bytes: nothing to say about lines. */
function bytes(kind: string, path: string, contents: Uint8Array, secret: string): Positive {
  return { path, bytes: contents, grade: 'hard', kind, lines: null, secrets: [secret] };
}

function utf16(value: string, order: 'LE' | 'BE', mark: boolean): Buffer {
  const body = Buffer.from(`${mark ? '\ufeff' : ''}${value}`, 'utf16le');
  return order === 'LE' ? body : body.swap16();
}

function binaries(chance: Chance): Positive[] {
  const own = chance.for('binaries');
  const noise = (length: number) => Buffer.from(own.bytes(length));
  const list: Positive[] = [];
  const add = (kind: string, path: string, value: string, wrap: (text: string) => Buffer) =>
    list.push(bytes(kind, path, wrap(value), value.slice(12)));
  const lines = (value: string) => `Windows Registry Editor\r\n"Token"="${value}"\r\n`;
  add('UTF-16LE with a mark', 'windows/settings.reg', token(own), v => utf16(lines(v), 'LE', true));
  add('UTF-16BE with a mark', 'windows/be.txt', token(own), v => utf16(lines(v), 'BE', true));
  add('UTF-16LE without a mark', 'windows/plain.ini', token(own), v => utf16(lines(v), 'LE', false));
  add('UTF-16BE without a mark', 'windows/be.ini', token(own), v => utf16(lines(v), 'BE', false));
  add('UTF-16 password', 'windows/deploy.ps1', own.strong(), v =>
    utf16(`$user = 'a'\r\n$password = '${v}'\r\n`, 'LE', true),
  );
  add('UTF-16 key', 'windows/key.txt', ageIdentity(own), v => utf16(`${v}\r\n`, 'LE', true));
  add('token in a binary', 'bin/tool', token(own), v =>
    Buffer.concat([
      Buffer.from('\x7fELF\x02\x01\x01\0\0\0'),
      noise(3000),
      Buffer.from(`\0${v}\0`),
      noise(900),
    ]),
  );
  add('token in a database', 'data/app.sqlite', stripe(own), v =>
    Buffer.concat([
      Buffer.from('SQLite format 3\0'),
      noise(200),
      Buffer.from(`settings\x05key${v}`),
      noise(700),
    ]),
  );
  add('token behind NUL', 'core.dump', token(own), v =>
    Buffer.from(`\0\0\0HOME=/root\0GITHUB_TOKEN=${v}\0PATH=/bin\0\0`),
  );
  add('age key in a binary', 'backup.img', ageIdentity(own), v =>
    Buffer.concat([noise(512), Buffer.from(`\n${v}\n`), noise(512)]),
  );
  add('latin-1', 'doc/notizen.txt', token(own), v =>
    Buffer.from(`Gr\u00fc\u00dfe\nSchl\u00fcssel: ${v}\n`, 'latin1'),
  );
  list.push(
    bytes(
      'PEM in a binary',
      'firmware.bin',
      Buffer.concat([noise(300), Buffer.from(`\0${key(own)}\0`), noise(300)]),
      'not to be shown',
    ),
    bytes('DER', 'keys/server.der', rsa().export({ format: 'der', type: 'pkcs1' }), 'not to be shown'),
    bytes(
      'DER of PKCS 8',
      'keys/ed.pk8',
      ed25519(own).key.export({ format: 'der', type: 'pkcs8' }),
      'not to be shown',
    ),
    bytes(
      'tor service key',
      'tor/hs_ed25519_secret_key',
      Buffer.concat([Buffer.from(glue('== ed25519v1', '-secret: type0 ==\0\0\0')), noise(64)]),
      'not to be shown',
    ),
  );
  return list;
}

/** Encoded, split, in bytes, or where nobody looks. */
export function hardCases(chance: Chance): Positive[] {
  return [...[...ENCODED, ...SPLIT, ...ODD_PLACES].map(each => text(chance, each)), ...binaries(chance)];
}
