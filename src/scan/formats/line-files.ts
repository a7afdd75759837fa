import { isRandom } from '../assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { hit } from './found.ts';

/** Files of a line for each account: what their paths are, and what a line looks like. */
interface LineFile {
  readonly path: RegExp;
  readonly line: RegExp;
}

const FILES: readonly LineFile[] = [
  { path: /rclone[^/]{0,40}\.conf$/, line: /^key[ \t]{0,8}=[ \t]{0,8}(?<secret>\S{16,256})/d },
  {
    path: /(?:rsyncd?|ftpd?|vsftpd?|icecast|users?|login|mosquitto|squid)[^/]{0,20}\.(?:secrets?|passw(?:or)?ds?|pw|users)$/,
    line: /^[\w.@-]{1,64}:(?<secret>[^\s:]{6,128})/d,
  },
  {
    path: /(?:chap|pap)-secrets$/,
    line: /^[ \t]*(?:"[^"]{1,64}"|[^\s#"]{1,64})[ \t]{1,40}\S{1,64}[ \t]{1,40}"?(?<secret>[^\s"]{4,128})/d,
  },
  {
    path: /ipsec[^/]{0,40}\.secrets$|swanctl/,
    line: /:[ \t]{0,8}(?:PSK|EAP|XAUTH|NTLM)[ \t]{1,8}"?(?<secret>[^\s"]{4,256})/di,
  },
  {
    path: /sasl_?passw|smtp_?passw|relay_?passw/,
    line: /^[^\s#]{1,200}[ \t]{1,40}[^\s:]{1,128}:(?<secret>\S{4,256})/d,
  },
  { path: /userlist\.txt$/, line: /^"[^"]{1,64}"[ \t]{1,8}"(?<secret>[^"]{4,256})"/d },
  {
    path: /(?:^|\/)\.bundle\/config$/,
    line: /^BUNDLE_\w{1,80}:[ \t]{1,8}"?[^\s:"]{1,64}:(?<secret>[^\s"]{6,256})/d,
  },
  {
    path: /(?:^|\/)(?:passwd|passwords?|users|accounts|logins?)(?:\.txt)?$/,
    line: /^[\w.@-]{1,64}:(?<secret>[^\s:]{6,128})$/d,
  },
];

/** Passwords of accounts in the files that daemons read line by line. */
export const ACCOUNT_LINE: ScanRule = {
  id: 'account-line',
  title: 'the password of an account',
  keywords: [],
  concerns: path => FILES.some(file => file.path.test(path.toLowerCase())),
  why: 'whoever reads it can log in',
  find: accountLines,
};

function* accountLines({ path, text }: Source): Iterable<Hit> {
  const lines = FILES.filter(file => file.path.test(path.toLowerCase())).map(({ line }) => line);
  let start = 0;
  for (const line of text.split('\n')) {
    const shown = line.slice(0, 600);
    for (const pattern of lines) {
      const place = pattern.exec(shown)?.indices?.groups?.['secret'];
      if (place === undefined || !isAccountPassword(shown.slice(place[0], place[1]))) continue;
      yield hit(start, start + place[1], start + place[0], start + place[1]);
      break;
    }
    start += line.length + 1;
  }
}

function isAccountPassword(value: string): boolean {
  if (/^md5[0-9a-f]{32}$/.test(value)) return true;
  if (isReference(value) || isPlaceholder(value)) return false;
  return isRandom(value) || isHumanPassword(value, 'config');
}
