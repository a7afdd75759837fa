import { languageOf } from '../assignments/language.ts';
import { isRandom } from '../assignments/score.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, matches } from './found.ts';

const USER_HASH = [
  ':$2y$',
  ':$2a$',
  ':$2b$',
  ':$apr1$',
  ':$$apr1$$',
  ':$$2y$$',
  ':{sha}',
  ':{ssha}',
  ':$1$',
  ':$5$',
  ':$6$',
  ':$y$',
  ':$gy$',
  ':$7$',
  ':$argon2',
];
/** A whole hash of `crypt(3)` and its relatives; `$$` is how Compose writes `$`. */
const HASH =
  /\$\$?2[aby]\$\$?\d\d\$\$?[./A-Za-z0-9]{53}|\$\$?apr1\$\$?[^\s$:]{1,8}\$\$?[./A-Za-z0-9]{22}|\{S?SHA\}[A-Za-z0-9+/]{27,64}={0,2}|\$[156]\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86}|\$g?y\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}|\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}|\$argon2(?:id|i|d)\$v=\d{1,3}\$[mtp=,\d]{5,40}\$[A-Za-z0-9+/]{8,88}\$[A-Za-z0-9+/]{20,180}/;
const AT_USER = new RegExp(`:(?<secret>${HASH.source})`, 'diy');
const USER = /[A-Za-z0-9_.@+-]/;

const NAMED = [
  'hashedpassword',
  'userpassword:',
  'rootpw',
  'passwd:',
  'root-password-crypted',
  'user-password-crypted',
  'admin_token',
];
const NAMED_HASH = new RegExp(
  `[A-Za-z_-]{6,24}["']?(?:[ \\t]{0,20}[:=][ \\t]{0,20}|[ \\t]{1,8}(?:--iscrypted |password )?)(?:[A-Za-z.]{1,24}[ \\t]{1,4})?["']?(?<secret>(?:${HASH.source})(?![./A-Za-z0-9]))`,
  'diy',
);

const QBITTORRENT = ['password_pbkdf2'];
const QBITTORRENT_HASH =
  /password_pbkdf2["']?[ \t]{0,8}=[ \t]{0,8}\\?"?@ByteArray\((?<secret>[A-Za-z0-9+/]{20,32}={0,2}:[A-Za-z0-9+/]{60,128}={0,2})\)/diy;

const BASIC_AUTH = ['basic_auth', 'basicauth'];
const BLOCK = 600;
const AFTER_USER = new RegExp(
  `\\n[ \\t]{1,24}(?<user>[\\w.@-]{1,64})[ \\t]{1,24}(?<secret>${HASH.source})`,
  'dg',
);

/** Password hashes where systems read them from: they can be tried out at leisure. */
export const HASH_RULES: readonly ScanRule[] = [
  {
    id: 'user-hash',
    title: 'a user with the hash of a password',
    keywords: USER_HASH,
    why: 'the password can be guessed offline',
    find: userHashes,
  },
  {
    id: 'htpasswd',
    title: 'a user with the hash of a password',
    keywords: [],
    concerns: path =>
      /htpasswd|htdigest|htaccess\.users|\.users$/i.test(path.slice(path.lastIndexOf('/') + 1)),
    why: 'the password can be guessed offline, quickly for this kind of hash',
    find: oldHashes,
  },
  {
    id: 'password-hash',
    title: 'the hash of a password',
    keywords: NAMED,
    concerns: path =>
      /(?:\.(?:nix|ya?ml|cfg|ks|seed|conf|ini|toml|ldif|env)|(?:^|\/)\.?[^./]{1,64})$/i.test(path),
    why: 'the password can be guessed offline',
    find: source => matches(source, NAMED, NAMED_HASH, () => true),
  },
  {
    id: 'qbittorrent-hash',
    title: 'the hash of a password of qBittorrent',
    keywords: QBITTORRENT,
    why: 'the password can be guessed offline',
    find: source => matches(source, QBITTORRENT, QBITTORRENT_HASH, value => isRandom(value, 60)),
  },
  {
    id: 'basic-auth-hash',
    title: 'a user of a web server with the hash of a password',
    keywords: BASIC_AUTH,
    why: 'the password can be guessed offline',
    find: webServerHashes,
  },
  {
    id: 'smbpasswd',
    title: 'the hash of a Windows password',
    keywords: [':[u', ':[w'],
    why: 'Windows takes it in place of the password',
    find: samba,
  },
];

/** `alice:$apr1$…`, at the beginning of a line or of a string. */
function* userHashes(source: Source): Iterable<Hit> {
  const { text } = source;
  const { setting } = languageOf(source.path);
  if (setting === 'story' || setting === 'trial') return;
  for (const at of keywordPlaces(source, USER_HASH)) {
    AT_USER.lastIndex = at;
    const place = AT_USER.exec(text)?.indices?.groups?.['secret'];
    if (place === undefined) continue;
    let start = at;
    while (start > 0 && at - start < 64 && USER.test(text.charAt(start - 1))) start -= 1;
    const before = text.charAt(start - 1);
    if (start < at && (before === '' || /[\n\r"'`= ,|>-]/.test(before)))
      yield hit(start, place[1], place[0], place[1]);
  }
}

/** `alice:rqXexS6ZhobKA`: the old crypt(3), and digests of a realm. Only where the path says what it is. */
function* oldHashes(source: Source): Iterable<Hit> {
  let start = 0;
  for (const line of source.text.split('\n')) {
    const match =
      /^[^:#\s]{1,64}:(?:[^:\s]{1,64}:(?<digest>[0-9a-f]{32})|(?<crypt>[./0-9A-Za-z]{13}))\s{0,4}$/d.exec(
        line.slice(0, 256),
      );
    const place = match?.indices?.groups?.['digest'] ?? match?.indices?.groups?.['crypt'];
    if (place !== undefined) yield hit(start, start + place[1], start + place[0], start + place[1]);
    start += line.length + 1;
  }
}

/** Lines of `user hash` in a block of a Caddyfile. */
function* webServerHashes({ text, ...source }: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces({ text, ...source }, BASIC_AUTH)) {
    if (at < done) continue;
    const rest = text.slice(at, at + BLOCK);
    const close = rest.indexOf('}');
    const block = close < 0 ? rest : rest.slice(0, close);
    done = at + block.length;
    for (const match of block.matchAll(AFTER_USER)) {
      const place = match.indices?.groups?.['secret'];
      if (place !== undefined) yield hit(at + place[0], at + place[1], at + place[0], at + place[1]);
    }
  }
}

/** `alice:1000:<LM>:<NT>:[U          ]:LCT-…:` of Samba. */
function* samba(source: Source): Iterable<Hit> {
  const { text } = source;
  for (const at of keywordPlaces(source, [':[u', ':[w'])) {
    // Cheaper than the pattern: both hashes have their length.
    if (text.charAt(at - 33) !== ':' || text.charAt(at - 66) !== ':') continue;
    const head = text.slice(Math.max(0, at - 140), at);
    const match = /[^:\s]{1,32}:\d{1,10}:[0-9A-FX]{32}:([0-9A-F]{32})$/.exec(head);
    if (match?.[1] === undefined || /^(.)\1+$/.test(match[1])) continue;
    yield hit(at - match[0].length, at, at - 32, at);
  }
}
