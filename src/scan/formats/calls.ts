import { languageOf } from '../assignments/language.ts';
import { isRandom } from '../assignments/score.ts';
import { isDescription, isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, matches } from './found.ts';

const CALLS = [
  'new pdo(',
  'mysqli(',
  'mysqli_connect(',
  'getconnection(',
  'dbi->connect(',
  'networkcredential(',
  'httpbasicauth(',
  'basicauth(',
  'basic_auth(',
  '.login(',
  'auth=(',
  'mqtt_auth(',
  'username_pw_set(',
  'usernamepassword',
  'passwordauthentication(',
];
const ARGUMENT =
  /\s{0,40}(?:(?<quote>["'`])(?<text>[^"'`\n\\]{0,256})\k<quote>|[\w.$&:>()[\]-]{1,80}?)(?<next>[,)]|\)\))/dy;
const MOST_ARGUMENTS = 5;

const DSN = ['@tcp(', '@unix('];
const DSN_BEFORE = /^[\w.-]{1,64}$/;
const DSN_USER = 64;
const NOT_IN_DSN = new Set(' \t\r\n:@"\'`/');

const EXPECT = ['assword'];
const EXPECT_VALUE =
  /assword[^"'\n]{0,16}["'][ \t)]{0,8}[;{]{0,2}[\s}]{1,40}(?:\w{1,20}[.:]{1,2})?(?:send|sendline|send_line|exp_send)[ \t(]{1,3}(?:--? |-s )?["'](?<secret>[^"'\n\\]{6,128})(?:\\[rn]){0,2}["']/dy;

const NETWORK_KEY = ['network_key', 'networkkey', 'pan_key'];
const NETWORK_KEY_VALUE =
  /[\w]{7,11}["']?[ \t]{0,8}[:=][ \t]{0,8}(?<secret>\[\s{0,8}(?:(?:0x[0-9a-fA-F]{2}|\d{1,3}),\s{0,8}){15}(?:0x[0-9a-fA-F]{2}|\d{1,3})\s{0,8}\])/diy;

const NESTED_KEY = ['encryption:', 'encryption"'];
const NESTED_KEY_VALUE =
  /encryption["']?:\s{0,8}\{?\s{1,40}["']?key["']?:[ \t]{1,8}["']?(?<secret>[A-Za-z0-9+/]{42,86}={0,2})(?![\w+/=])/diy;

const INLINE_LOGIN = ['<auth-user-pass>'];
const INLINE_LOGIN_VALUE = /<auth-user-pass>\r?\n[^\n]{1,128}\n(?<secret>[^\s<]{4,256})/diy;

const CHPASSWD = ['chpasswd:'];
const CHPASSWD_LINE = /^[ \t]{1,24}(?:- )?["']?[\w.-]{1,32}:(?<secret>[^\s"']{6,128})["']?$/d;
const CHPASSWD_REACH = 1000;

/** Passwords that have no name of their own: an argument, an answer, an entry of a list. */
export const CALL_RULES: readonly ScanRule[] = [
  { id: 'login-call', title: 'a password as an argument of a login', keywords: CALLS, find: loginCalls },
  {
    id: 'dsn-password',
    title: 'a password in the address of a database',
    keywords: DSN,
    why: 'whoever reads it can log in to the database',
    find: dsnPasswords,
  },
  {
    id: 'expect-password',
    title: 'a password that a script types',
    keywords: EXPECT,
    find: source => matches(source, EXPECT, EXPECT_VALUE, value => isMeant(value, 'config')),
  },
  {
    id: 'openvpn-login',
    title: 'the password of a VPN',
    keywords: INLINE_LOGIN,
    find: source => matches(source, INLINE_LOGIN, INLINE_LOGIN_VALUE, value => isMeant(value, 'config')),
  },
  {
    id: 'network-key',
    title: 'the key of a radio network',
    keywords: NETWORK_KEY,
    why: 'whoever reads it can listen and join',
    find: source =>
      matches(
        source,
        NETWORK_KEY,
        NETWORK_KEY_VALUE,
        value => new Set(value.match(/\w+/g)).size > 8 && !/\b1, ?3, ?5, ?7\b/.test(value),
      ),
  },
  {
    id: 'encryption-key',
    title: 'a key for encryption',
    keywords: NESTED_KEY,
    find: source => matches(source, NESTED_KEY, NESTED_KEY_VALUE, value => isRandom(value, 40)),
  },
  { id: 'chpasswd-list', title: 'the passwords of users', keywords: CHPASSWD, find: chpasswdLists },
];

function isMeant(value: string, setting: 'config' | 'code' | 'story' | 'trial'): boolean {
  if (isReference(value) || isPlaceholder(value) || isDescription(value)) return false;
  return isRandom(value) || isHumanPassword(value, setting);
}

/** The last of the arguments in quotes, if it is no address and there are two of them at least. */
function* loginCalls(source: Source): Iterable<Hit> {
  const { text } = source;
  const { setting } = languageOf(source.path);
  for (const at of keywordPlaces(source, CALLS)) {
    let end = text.indexOf('(', at) + 1;
    if (end <= 0 || end - at > 40) continue;
    let place: readonly [number, number] | undefined;
    let count = 0;
    for (; count < MOST_ARGUMENTS; count += 1) {
      ARGUMENT.lastIndex = end;
      const match = ARGUMENT.exec(text);
      if (match === null) break;
      end = ARGUMENT.lastIndex;
      const value = match.groups?.['text'] ?? '';
      if (count > 0 && isMeant(value, setting === 'story' ? 'story' : setting))
        place = match.indices?.groups?.['text'];
      if (match.groups?.['next'] !== ',') break;
    }
    if (place === undefined) place = loneToken(text, at);
    if (place !== undefined) yield hit(at, place[1], place[0], place[1]);
  }
}

const LONE = /\.login\([ \t]{0,4}["'`](?<secret>[\w.-]{24,256})["'`]/dy;

/** `client.login("…")` of a bot, with its token alone. */
function loneToken(text: string, at: number): readonly [number, number] | undefined {
  LONE.lastIndex = at;
  const match = LONE.exec(text);
  return isRandom(match?.groups?.['secret'] ?? '', 24) ? match?.indices?.groups?.['secret'] : undefined;
}

/** `user:password@tcp(host:3306)/name`. */
function* dsnPasswords(source: Source): Iterable<Hit> {
  const { text } = source;
  const { setting } = languageOf(source.path);
  for (const at of keywordPlaces(source, DSN)) {
    let from = at;
    while (from > 0 && at - from < 128 && !NOT_IN_DSN.has(text.charAt(from - 1))) from -= 1;
    if (at - from < 4 || text.charAt(from - 1) !== ':') continue;
    const user =
      text
        .slice(Math.max(0, from - 1 - DSN_USER), from - 1)
        .split(/[^\w.-]/)
        .at(-1) ?? '';
    const value = text.slice(from, at);
    if (DSN_BEFORE.test(user) && isMeant(value, setting === 'code' ? 'config' : setting))
      yield hit(from, at, from, at);
  }
}

function* chpasswdLists(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, CHPASSWD)) {
    if (at < done) continue;
    const block = source.text.slice(at, at + CHPASSWD_REACH);
    done = at + block.length;
    let start = at;
    for (const line of block.split('\n')) {
      if (start > at && /^\S/.test(line)) break;
      const place = CHPASSWD_LINE.exec(line)?.indices?.groups?.['secret'];
      if (place !== undefined && isMeant(line.slice(place[0], place[1]), 'config')) {
        yield hit(start + place[0], start + place[1], start + place[0], start + place[1]);
      }
      start += line.length + 1;
    }
  }
}
