import { languageOf } from '../assignments/language.ts';
import { isRandom } from '../assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, lineAround } from './found.ts';

/** A program, and how it is given a password as an argument. One group of the pattern is called `secret`. */
interface Command {
  readonly keyword: string;
  readonly pattern: RegExp;
}

const VALUE = `(?:"(?<a>[^"\\n]{4,128})"|'(?<b>[^'\\n]{4,128})'|(?<c>[^\\s"'\`|;&<>]{4,128}))`;
const USER_VALUE = `(?:"[^":\\s]{0,64}:(?<a>[^"\\n]{4,128})"|'[^':\\s]{0,64}:(?<b>[^'\\n]{4,128})'|[^\\s:"'\`]{0,64}:(?<c>[^\\s"'\`|;&<>]{4,128}))`;

function command(keyword: string, option: string, value = VALUE): Command {
  return { keyword, pattern: new RegExp(`(?:^|[\\s(])(?:${option})${value}`, 'd') };
}

const COMMANDS: readonly Command[] = [
  command('curl ', '(?:-u|-[a-zA-Z]{1,6}u|--user|--proxy-user|-U)(?:[ =]{1,2})?', USER_VALUE),
  command('wget ', '--(?:http-|ftp-|proxy-)?password[= ]'),
  command('mysql', '-p(?![a-z]{0,8}[ =])|--password='),
  command('mariadb', '-p(?![a-z]{0,8}[ =])|--password='),
  command('sshpass ', '-p ?'),
  command('redis-cli ', '-a |--pass '),
  command('smbclient ', '-U ?', `(?:[^\\s%]{1,64}%(?<c>[^\\s"'\`|;&<>]{4,128}))`),
  command('mongo', '-p |--password[ =]'),
  command('ldap', '-w '),
  command('sqlcmd ', '-P ?'),
  command('docker login', '-p |--password[ =]'),
  command('podman login', '-p |--password[ =]'),
  command('helm ', '--password[ =]'),
  command('htpasswd ', '-[a-zA-Z]{0,4}b[a-zA-Z]{0,4} \\S{1,128} \\S{1,64} '),
  command('htpasswd ', '-[a-zA-Z]{0,3}nb[a-zA-Z]{0,3} \\S{1,64} '),
  command('openssl ', '-pass(?:in|out)? pass:|-k '),
  command('7z ', '-p'),
  command('zip ', '-P ?'),
  command('convertto-securestring', 'ConvertTo-SecureString (?:-String )?'),
  { keyword: 'password-command', pattern: /["']echo (?<c>[^\s"'`|;&<>]{4,128})["']/d },
  { keyword: 'passwordcommand', pattern: /["']echo (?<c>[^\s"'`|;&<>]{4,128})["']/d },
  command('net user ', '(?:net|NET) user \\S{1,64} '),
  command('nmcli ', 'password |(?:802-11-wireless-security|wifi-sec)\\.psk '),
  command('http ', '-a ', USER_VALUE),
  command('https ', '-a ', USER_VALUE),
  command('lftp ', '-u ', USER_VALUE.replaceAll(':', ',').replaceAll('(?,', '(?:')),
  command('az login', '-p |--password[ =]'),
  command('stats auth ', 'auth ', USER_VALUE),
  { keyword: 'basicauth ', pattern: /^\s{0,20}BasicAuth \S{1,64} (?<c>[^\s"'`]{4,128})\s{0,8}$/d },
  command(' password 0 ', 'password 0 '),
  command(' secret 0 ', 'secret 0 '),
  command('enable secret ', 'secret '),
  command('enable password ', 'password '),
  command('snmp-server community ', 'community '),
  command('option key ', 'key '),
  command('pppoe ', 'password '),
  command('chpasswd', '(?:echo|printf)(?: -[en])? {0,4}', USER_VALUE),
  command('passwd --stdin', '(?:echo|printf)(?: -[en])? {0,4}'),
  command('cryptsetup ', '(?:echo|printf)(?: -[en])? {0,4}'),
  command('docker login', '(?:echo|printf)(?: -[en])? {0,4}'),
  command('sudo -s', '(?:echo|printf)(?: -[en])? {0,4}'),
  command('rootpw', 'rootpw(?: --plaintext)? '),
  command('-password password', 'password '),
  command('-password-again password', 'password '),
  command('ipmitool', '-P '),
  command('snmp', '-[AX] '),
  command('rdesktop', '-p '),
  command('freerdp', '/p:'),
  command('net use ', '\\\\\\\\\\S{1,128} (?:/user:\\S{1,64} )?'),
];
const KEYWORDS = [...new Set(COMMANDS.map(({ keyword }) => keyword))];
const MOST = 400;

/** Passwords as arguments of programs. */
export const COMMAND_PASSWORD: ScanRule = {
  id: 'command-password',
  title: 'a password on a command line',
  keywords: KEYWORDS,
  why: 'whoever reads it, or lists the processes, can log in with it',
  find: commandPasswords,
};

function* commandPasswords(source: Source): Iterable<Hit> {
  const { text, lower } = source;
  const story = languageOf(source.path).setting === 'story';
  let done = 0;
  for (const at of keywordPlaces(source, KEYWORDS)) {
    if (at < done) continue;
    const line = commandAround(text, at);
    done = line.end;
    const shown = text.slice(line.start, line.end);
    const lowered = lower.slice(line.start, line.end);
    const found = COMMANDS.filter(({ keyword }) => lowered.includes(keyword))
      .map(({ pattern }) => secretIn(pattern, shown, story))
      .find(place => place !== null);
    if (found !== undefined && found !== null) {
      yield hit(line.start + found[0], line.start + found[1], line.start + found[0], line.start + found[1]);
    }
  }
}

/** The line, and those that a backslash joins to it. */
function commandAround(text: string, at: number): { start: number; end: number } {
  const { start } = lineAround(text, at, MOST);
  let end = at;
  while (
    end < text.length &&
    end - at < MOST &&
    !(text.charAt(end) === '\n' && !/\\\r?$/.test(text.slice(end - 2, end)))
  ) {
    end += 1;
  }
  return { start, end };
}

function secretIn(pattern: RegExp, line: string, story: boolean): readonly [number, number] | null {
  const groups = pattern.exec(line)?.indices?.groups;
  const place = groups?.['a'] ?? groups?.['b'] ?? groups?.['c'];
  if (place === undefined) return null;
  return isArgument(line.slice(place[0], place[1]), story) ? place : null;
}

function isArgument(value: string, story: boolean): boolean {
  if (/\s|^[-$<]|[`]|\$[A-Za-z{(]|^:|^\/\//.test(value) || isReference(value) || isPlaceholder(value))
    return false;
  return isRandom(value) || isHumanPassword(value, story ? 'story' : 'config');
}
