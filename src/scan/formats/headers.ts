import { isRandom } from '../assignments/score.ts';
import { isPlaceholder, isReference } from '../assignments/value.ts';
import type { ScanRule } from '../model.ts';
import { isBasicAuth, matches } from './found.ts';

const BEARER = [
  'bearer ',
  'bearer%20',
  'authorization: token',
  "authorization': 'token",
  'authorization": "token',
  'authorization=token',
];
const BEARER_VALUE =
  /(?:Authorization["']?[:=] ?["']?)?(?:Bearer|Token)(?: {1,4}|%20)(?:token=)?["']?(?<secret>[A-Za-z0-9._~+/|:=-]{12,4096})(?![A-Za-z0-9({$])/diy;
const BASIC = ['basic '];
const BASIC_VALUE = /Basic {1,4}(?<secret>[A-Za-z0-9+/_-]{8,1024}={0,2})(?![A-Za-z0-9])/diy;
const PLAIN = [
  'authorization',
  'x-api-key',
  'x-auth-token',
  'x-access-token',
  'private-token',
  'x-vault-token',
];
const PLAIN_VALUE =
  /[A-Za-z-]{8,16}\\?["'`]?[ \t]{0,4}(?:[:=]|,|(?=["']))[ \t]{0,4}\\?["'`]?(?:ApiKey |Bot |Key |token=|GoogleLogin auth=|Splunk |SSWS |Discogs token=|MediaBrowser Token=\\?"?)?(?<secret>[A-Za-z0-9._~+/|=-]{16,2048})(?![A-Za-z0-9 ({$])/diy;
const COOKIE = ['cookie:', 'cookie"', "cookie'"];
const COOKIE_VALUE =
  /cookie["']?[:,]? {0,4}["']?(?:[\w.-]{1,64}=[^\s;"']{0,512}; ?){0,8}?[\w.-]{0,32}(?:sess|sid|auth|token|jwt|remember)[\w.-]{0,32}=(?<secret>[A-Za-z0-9%._~+/=-]{16,2048})/diy;

/** Credentials in the headers of HTTP requests. */
export const HEADER_RULES: readonly ScanRule[] = [
  {
    id: 'bearer-header',
    title: 'a bearer token in an Authorization header',
    keywords: BEARER,
    why: 'whoever reads it can make the same requests',
    find: source => matches(source, BEARER, BEARER_VALUE, isHeaderToken),
  },
  {
    id: 'basic-header',
    title: 'a user name and password in an Authorization header',
    keywords: BASIC,
    why: 'base64 hides nothing: whoever reads it can log in',
    find: source => matches(source, BASIC, BASIC_VALUE, isBasicAuth),
  },
  {
    id: 'key-header',
    title: 'a key in a header of a request',
    keywords: PLAIN,
    why: 'whoever reads it can make the same requests',
    find: source => matches(source, PLAIN, PLAIN_VALUE, isHeaderToken),
  },
  {
    id: 'session-cookie',
    title: 'a session cookie',
    keywords: COOKIE,
    why: 'whoever reads it is logged in',
    find: source =>
      matches(source, COOKIE, COOKIE_VALUE, secret => isRandom(secret, 20) && !isPlaceholder(secret)),
  },
];

function isHeaderToken(token: string): boolean {
  return isRandom(token, 16) && !isReference(token) && !isPlaceholder(token);
}
