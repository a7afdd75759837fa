/** Below this a value is so short, or so common, that finding it elsewhere says nothing. */
const LEAST_CHARACTERS = 8;
const LEAST_BITS = 28;

/** What people and programs put where a secret belongs. */
const COMMON = new Set(
  (
    'password passwort passw0rd password1 password12 password123 passwordpassword changeme change-me change_me changeit ' +
    'changemeplease letmein letmein123 qwertyui qwertyuiop qwerty123 iloveyou sunshine football baseball trustno1 ' +
    'admin123 adminadmin administrator username undefined disabled enabled postgres postgresql localhost development ' +
    'production staging testtest test1234 test-password example examplepassword your-password-here your_password_here ' +
    'yourpassword mypassword secretsecret supersecret super-secret topsecret not-a-secret notasecret default-password ' +
    'placeholder replaceme replace-me replace_me todo-replace insecure nixos-unstable wireguard nextcloud vaultwarden'
  ).split(' '),
);

const NUMBER = /^[+-]?(?:[\d.,_ ]+(?:e[+-]?\d+)?|0x[\da-f]+|0b[01]+)%?$/i;
const WORD = /^(?:true|false|yes|no|on|off|null|none|nil|undefined)$/i;
const DATE =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$|^\d{1,2}:\d{2}(?::\d{2})?$/;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]{2,24}\.?(?::\d{1,5})?$/i;
const ADDRESS =
  /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\]?)(?:\/\d{1,3}|:\d{1,5})?$/i;
const MAIL = /^[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}$/i;
const PATH = /^(?:~|\.{1,2})?\/|^[\w.@-]+(?:\/[\w.@+-]+)+\/?$/;
const PATH_PART = /^[\w.@+-]*$/;
const URL_WITHOUT_LOGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@?#]*(\/[^\s?#]*)?$/i;
/** What may be read by everybody: an age, ssh or minisign public key, a PGP fingerprint. */
const PUBLIC = /^(?:age1[0-9a-z]+|(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+ [A-Za-z0-9+/=]+(?: .*)?)$/;
const REFERENCE = /^(?:\$\{?[\w.]+\}?|\{\{[^}]*\}\}|<[\w -]+>)$/;

/**
 * True for a value that only its secret can be: long, hard to guess, and none of the things that stand in many files
 * because they are no secrets (numbers, dates, paths, hosts, addresses, public keys, placeholders).
 */
export function isWorthFinding(value: string): boolean {
  const text = value.trim();
  if (text.length < LEAST_CHARACTERS || COMMON.has(text.toLowerCase())) return false;
  if ([NUMBER, WORD, DATE, HOST, ADDRESS, MAIL, PUBLIC, REFERENCE].some(kind => isKind(kind, text)))
    return false;
  if (isPlainPath(text) || isPlainUrl(text)) return false;
  return estimateBits(text) >= LEAST_BITS;
}

/** A JWT or a key with dots in it looks like a host name too. */
function isKind(kind: RegExp, text: string): boolean {
  return kind.test(text) && !(kind === HOST && text.split(/[.:]/).some(looksRandom));
}

function isPlainPath(text: string): boolean {
  if (!PATH.test(text)) return false;
  const parts = text.replace(/^(?:~|\.{1,2})/, '').split('/');
  return (
    parts.length > 2 - Number(!text.startsWith('/')) &&
    parts.every(part => PATH_PART.test(part) && !looksRandom(part))
  );
}

function isPlainUrl(text: string): boolean {
  const match = URL_WITHOUT_LOGIN.exec(text);
  return match !== null && !(match[1] ?? '').split('/').some(looksRandom);
}

/** True for a word that nobody made up to be read: many characters of several kinds, or no vowels where words have some. */
export function looksRandom(word: string): boolean {
  if (word.length < 12) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter(kind => kind.test(word)).length;
  return estimateBits(word) >= 3 * word.length && (kinds > 1 || word.length >= 20);
}

/**
 * How many guesses a value takes, as a power of two: by the kinds of characters it has, less for what repeats or counts
 * on, and much less for what reads like words.
 */
function estimateBits(text: string): number {
  const perCharacter = Math.log2(poolOf(text));
  let bits = 0;
  for (const [part] of text.matchAll(/[A-Za-z]+|\d+|[^A-Za-z\d]+/g)) {
    if (/^[ ._-]$/.test(part)) bits += 1;
    else bits += readsLikeWords(part) ? 4 + 1.6 * (part.length - 1) : fresh(part) * perCharacter;
  }
  return Math.min(bits, distinctBits(text));
}

function poolOf(text: string): number {
  if (/^[0-9a-f]+$/i.test(text)) return 16;
  let pool = 0;
  if (/[a-z]/.test(text)) pool += 26;
  if (/[A-Z]/.test(text)) pool += 26;
  if (/\d/.test(text)) pool += 10;
  if (/[ -/:-@[-`{-~]/.test(text)) pool += 20;
  if (/[^ -~]/.test(text)) pool += 40;
  return Math.max(pool, 2);
}

/** Letters of one case, or with a capital in front, that have vowels and consonants as words have. */
function readsLikeWords(part: string): boolean {
  if (!/^(?:[A-Z]?[a-z]{3,}|[A-Z]{4,}|(?:[A-Z]?[a-z]{2,}){2,})$/.test(part)) return false;
  const vowels = part.match(/[aeiouy]/gi)?.length ?? 0;
  const share = vowels / part.length;
  return share >= 0.2 && share <= 0.7 && !/[^aeiouy]{5}|[aeiou]{4}/i.test(part);
}

/** How many characters tell something new: not those that repeat the last one or count on from it. */
function fresh(part: string): number {
  let count = 0;
  for (let at = 0; at < part.length; at++) {
    const step = at === 0 ? Number.NaN : part.charCodeAt(at) - part.charCodeAt(at - 1);
    count += step === 0 || step === 1 || step === -1 ? 0.25 : 1;
  }
  return count;
}

/** No text tells more than its different characters in their numbers can. */
function distinctBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits += count * Math.log2(text.length / count);
  return bits * 1.5;
}
