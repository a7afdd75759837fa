import { languageOf } from '../assignments/language.ts';
import { classifyName } from '../assignments/names.ts';
import { isRandom } from '../assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference, type Setting } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, isStatedSecret, matches } from './found.ts';

const KEYWORDS = ['://'];
const SCHEME = /[A-Za-z0-9+.-]/;
const HOST = /[A-Za-z0-9_.[\]{}$%<-]{1,255}/y;
/** Ends what stands before the host; a password that holds one of these is written as `%2F`. */
const NOT_IN_USERINFO = new Set('/"\'`<>?#\\');
const LONGEST = 512;
/** Hosts that stand for any. */
const SOME_HOST =
  /^(?:(?:www\.|api\.|db\.|my|your)?(?:host(?:name)?|server|domain|example|site|foo|bar)(?:\.(?:com|org|net|test|invalid|local|tld|io))?|<.*|\{.*|\$.*|\.\.\.)$/i;
/** Their user name is public and says who sends. */
const PUBLIC_USER = /(?:ingest\.)?sentry\.io$|ingest\./i;

/** A password, or a token in its place, between the scheme and the host of an address. */
export const URL_PASSWORD: ScanRule = {
  id: 'url-password',
  title: 'a password in an address',
  keywords: KEYWORDS,
  why: 'whoever reads it can connect with it',
  find: urlPasswords,
};

function* urlPasswords(source: Source): Iterable<Hit> {
  const { text } = source;
  const { setting } = languageOf(source.path);
  for (const at of keywordPlaces(source, KEYWORDS)) {
    const start = at + '://'.length;
    const sign = userinfoEnd(text, start);
    if (sign < 0) continue;
    HOST.lastIndex = sign + 1;
    const host = HOST.exec(text)?.[0] ?? '';
    const [user = '', ...rest] = text.slice(start, sign).split(':');
    const password = rest.join(':');
    const isAlone = password === '' || password === 'x-oauth-basic';
    const meant = isAlone ? isUserToken(user, host) : isUrlPassword(user, password, host, setting);
    if (!meant) continue;
    const from = isAlone ? start : sign - password.length;
    const to = isAlone ? start + user.length : sign;
    yield hit(schemeStart(text, at), to, from, to);
  }
}

/** Where the `@` is behind user and password; `-1` where there are none. */
function userinfoEnd(text: string, start: number): number {
  const most = Math.min(text.length, start + LONGEST);
  for (let at = start; at < most; at += 1) {
    const char = text.charAt(at);
    if (char === '@') return at;
    if (char <= ' ' || NOT_IN_USERINFO.has(char)) return -1;
  }
  return -1;
}

/** A token in place of the user, as hosts of git take it. */
function isUserToken(user: string, host: string): boolean {
  return isRandom(user, 20) && !isReference(user) && !PUBLIC_USER.test(host);
}

function schemeStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 24 && SCHEME.test(text.charAt(start - 1))) start -= 1;
  return start;
}

function isUrlPassword(user: string, password: string, host: string, setting: Setting): boolean {
  const value = decoded(password);
  if (
    value.length < 5 ||
    value === user ||
    classifyName(value) !== null ||
    isReference(value) ||
    isPlaceholder(value)
  )
    return false;
  if (/[{}[\]$]/.test(value) && !isRandom(value.replace(/[{}[\]$]/g, ''))) return false;
  if (isRandom(value, setting === 'trial' ? 14 : 10)) return true;
  if (setting === 'story' || setting === 'trial' || SOME_HOST.test(host))
    return isHumanPassword(value, setting === 'trial' ? 'trial' : 'story');
  return isHumanPassword(value, 'config') || (value.length >= 8 && /[a-z]/i.test(value) && !isLocal(host));
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127\.|0\.0\.0\.0|\[::1|db$|postgres$|mysql$|redis$|mongo$|database$)/i.test(host);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const OTPAUTH =
  /otpauth:\/\/(?:totp|hotp)\/[^\s"'`<>?]{0,300}\?(?:[^\s"'`<>&]{1,200}&){0,8}secret=(?<secret>[A-Za-z2-7=]{8,256})/dy;
const WIFI = /WIFI:(?:[A-OQ-Z]:[^;\s]{0,64};){0,5}P:(?<secret>(?:\\.|[^;\\\n]){8,63});/dy;

/** The seed of one-time passwords, as QR codes hold it. */
export const OTPAUTH_RULE: ScanRule = {
  id: 'otpauth-secret',
  title: 'the seed of one-time passwords',
  keywords: ['otpauth://'],
  why: 'whoever reads it can make the second factor',
  find: source =>
    matches(
      source,
      ['otpauth://'],
      OTPAUTH,
      secret => !isPlaceholder(secret) && !/^(?:JBSWY3DPEHPK3PXP|GEZDGNBV)/.test(secret),
    ),
};

/** The password of a wireless network, as QR codes hold it. */
export const WIFI_CODE: ScanRule = {
  id: 'wifi-code',
  title: 'the password of a wireless network',
  keywords: ['wifi:'],
  why: 'whoever reads it can join the network',
  find: source => matches(source, ['wifi:'], WIFI, secret => isStatedSecret(secret, 8)),
};
