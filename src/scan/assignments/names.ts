/** What a name promises of the value behind it. */
export type NameClass =
  /** Something that people may have made up themselves. */
  | 'password'
  /** Something that machines make. */
  | 'token';

/** In lower case; where one of them occurs a name of the class may stand. */
export const PASSWORD_KEYWORDS: readonly string[] = [
  'pass',
  'pwd',
  'psk',
  '_pw',
  'pw=',
  'pw:',
  'pw"',
  'pw =',
  'rootpw',
  'kennwort',
  'contrase',
  'wachtwoord',
  'parola',
  'haslo',
  'senha',
  'masterauth',
  'ocommunity',
  'wcommunity',
];
export const TOKEN_KEYWORDS: readonly string[] = [
  'token',
  'secret',
  'key',
  'auth',
  'credential',
  'creds',
  'bearer',
  'jwt',
  'pepper',
  '_pat',
  'pat"',
  'pat=',
  'hmac',
  'salt',
];

const PASSWORD =
  /^(?:[a-z0-9]{0,24}(?:password|passwd|passphrase|passwort|passcode|pwd|psk|wachtwoord)|kennwort|contrasen[ay]a?|parola|haslo|senha|pass|pw|(?:db|user|smtp|imap|pop3?|mail|email|root|my|admin|ssh|login|ldap|pg|pgsql|postgres|mysql|sql|bind|auth|require|proxy|remote|local|http|https|ftp|sftp|client|server|web|account|mongo|redis|rabbit|mqtt|vpn|wifi|wlan|keystore|store|trust|cert|ssl|crypt|luks|backup|repo|borg|restic|ansible|become|sudo|su|vnc|rdp|smb|samba|cifs|nas|app|api|guest|default|master|super|secret|new|old|plain|service|svc|system|sys|basic|nick|irc|sasl|sip|xmpp|jabber|rpc|wallet|key|priv|pem|zip|archive|router|ap|pppoe|ppp|dsl|dyndns|ddns)pass|rootpw|userpw|dbpw|adminpw|masterauth|r[ow]community)$/;
const TOKEN =
  /^(?:[a-z0-9]{0,16}(?:token|secret|apikey|secretkey|accesskey|privatekey|authkey|masterkey|appkey)|auth|credentials?|creds|bearer|jwt|pepper|hmac)$/;
/** What makes a secret of the word `key` behind it. */
const OF_KEY =
  /^(?:api|access|secret|auth|private|encryption|encrypt|crypt|cipher|signing|sign|signature|master|session|service|account|app|application|storage|shared|preshared|license|licence|root|admin|write|consumer|client|integration|routing|hmac|aes|jwt|token|cookie|subscription|sas|deploy|functions?|ingest|license|management|bot|user|auth|logged|nonce|internal|webhook|mac|vault|unseal|recovery|join|cluster|setup|registration|federation|customer|ssl|tls|ecdh|wg|wireguard|instrumentation|fernet|nats|turn|metadata|backup|restic|luks|zfs|key)$/;
/** Most salts lie beside what they are for; those of an application as a whole are kept. */
const OF_SALT = /^(?:app|application|auth|cookie|session|secure|security|nonce|jwt|key)$/;
/** What may stand behind the word that counts. */
const SUFFIX =
  /^(?:\d{1,4}|value|default|prod|production|dev|staging|stage|live|main|old|new|current|backup|admin|root|raw|plain|plaintext|cleartext|b64|base64|str|string|text|primary|secondary|base|v\d)$/;
/** Whatever has one of these is public, counted, described or already protected. */
const PUBLIC =
  /^(?:public|pub|publishable|csrf|xsrf|crumb|hash|hashed|hint|label|placeholder|encrypted|sealed|enc|example|unencrypted|redacted|masked|fake|dummy|mock|invalid|wrong|anti|forgery|fingerprint)$/;
/** Tokens of texts, pages and grammars. */
const OTHER_TOKEN =
  /^(?:next|page|continuation|continue|cancel|cancellation|stop|pad|eos|bos|unk|mask|sep|cls|max|min|num|total|count|design|syntax|lexer|sync|prev|previous|start|end|color|theme|css|special|input|output|authenticity)$/;
const LONGEST = 100;
/** A file has the same few names again and again, and each is asked for by several rules. */
const KNOWN = new Map<string, NameClass | null>();
const MOST_KNOWN = 1000;

/** @returns what a name in any spelling (`dbPassword`, `DB_PASSWORD`, `db.password`) promises; `null`: nothing */
export function classifyName(name: string): NameClass | null {
  if (name.length > LONGEST) return null;
  const before = KNOWN.get(name);
  if (before !== undefined) return before;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  const found = classified(name);
  KNOWN.set(name, found);
  return found;
}

function classified(name: string): NameClass | null {
  const words = wordsOf(name);
  if (words.some(word => PUBLIC.test(word))) return null;
  let last = words.length - 1;
  for (let dropped = 0; dropped < 2 && last > 0 && SUFFIX.test(words[last] ?? ''); dropped += 1) last -= 1;
  const word = words[last] ?? '';
  const before = words[last - 1] ?? '';
  if (word === 'pass' && /^(?:uwsgi|fastcgi|scgi|grpc|render|memcached)$/.test(before)) return null;
  if (PASSWORD.test(word)) return 'password';
  if (word === 'phrase' || word === 'word') return before === 'pass' ? 'password' : null;
  if (word === 'passe') return before === 'de' || before === 'mot' ? 'password' : null;
  if (word === 'key') return OF_KEY.test(before) ? 'token' : null;
  if (word === 'salt') return OF_SALT.test(before) ? 'token' : null;
  if (word === 'pat') return before === '' || before === 'source' ? null : 'token';
  if (TOKEN.test(word)) return word.endsWith('token') && OTHER_TOKEN.test(before) ? null : 'token';
  return null;
}

/** `dbPassword`, `DB_PASSWORD`, `db-password` → `db`, `password`. */
export function wordsOf(name: string): string[] {
  const pieces = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return pieces.map(piece => piece.toLowerCase());
}
