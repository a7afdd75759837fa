import { languageOf } from '../assignments/language.ts';
import { isRandom } from '../assignments/score.ts';
import { isHumanPassword } from '../assignments/value.ts';
import type { ScanRule } from '../model.ts';
import { isStatedSecret, matches } from './found.ts';

const SQL = [
  'identified by',
  'identified with',
  "password '",
  'password "',
  "password = '",
  "password = n'",
  "password=n'",
  "password ''",
  "password('",
  "password ('",
  "password e'",
  'password $$',
];
const SQL_VALUE =
  /(?:IDENTIFIED (?:BY|WITH \w{1,40} (?:BY|AS))|PASSWORD)(?: PASSWORD)?[ \t]{0,4}[=(]?[ \t]{0,4}[NE]?\\?(?<quote>["']|\$\$)(?<secret>[^'"\n\\]{5,256}?)\\?\k<quote>/diy;
const WORDPRESS = ["define('", 'define("', "define( '", 'define( "'];
const WORDPRESS_VALUE =
  /define\([ \t]{0,4}["'](?:[A-Z_]{0,24}(?:PASSWORD|PASS|AUTH_KEY|LOGGED_IN_KEY|NONCE_KEY|_SALT|SECRET|TOKEN|API_KEY))["'][ \t]{0,4},[ \t]{0,4}(?<quote>["'])(?<secret>[^\n]{6,256}?)\k<quote>[ \t]{0,4}\)/dy;
const ACCOUNT_KEY = ['accountkey=', 'sharedaccesskey=', 'sharedaccesssignature='];
const ACCOUNT_KEY_VALUE =
  /(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?<secret>[A-Za-z0-9+/%=&-]{20,512})/diy;

/** Passwords that databases and what is in front of them are told. */
export const DATABASE_RULES: readonly ScanRule[] = [
  {
    id: 'sql-password',
    title: 'the password of a database user',
    keywords: SQL,
    why: 'whoever reads it can log in to the database',
    find: source => matches(source, SQL, SQL_VALUE, secret => isSqlPassword(secret, source.path)),
  },
  {
    id: 'php-constant',
    title: 'a password or key of a PHP application',
    keywords: WORDPRESS,
    find: source => matches(source, WORDPRESS, WORDPRESS_VALUE, isPhpSecret),
  },
  {
    id: 'account-key',
    title: 'a key in a connection string',
    keywords: ACCOUNT_KEY,
    why: 'whoever reads it can read and write the account',
    find: source => matches(source, ACCOUNT_KEY, ACCOUNT_KEY_VALUE, secret => isRandom(secret, 20)),
  },
];

function isSqlPassword(value: string, path: string): boolean {
  if (!isStatedSecret(value, 6) || /^\*[0-9A-F]{40}$/.test(value)) return false;
  return isRandom(value) || isHumanPassword(value, languageOf(path).setting === 'story' ? 'story' : 'config');
}

/** The salts of WordPress hold blanks and every sign. */
function isPhpSecret(value: string): boolean {
  if (value.length === 64) return new Set(value).size > 24;
  return isStatedSecret(value, 6) && (isRandom(value) || isHumanPassword(value, 'config'));
}
