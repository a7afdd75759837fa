import { isRandom, isSequence } from './score.ts';

/** Where a value is looked up instead of written down: schemes and words of secret stores. */
const LOOKUP =
  /^(?:op|ext|unix|vault|secret|secrets|ssm|arn|file|sops|env|ref\+\w{1,20}|bao|awssm|gcpsm|gsm|azurekeyvault|akv|keychain|keyring|doppler|infisical|bws|kms|k8s|secretsmanager|credential|pass|cred|exec|cmd|systemd|agenix|projects):(?=[/\w])(?!\/\/[^\s/:@]{1,100}:[^\s/@]{1,100}@)/i;
/** What a template engine, a shell or a program fills in. */
const FILLED_IN =
  /\$\{|\$\(|\{\{|\}\}|<%|%>|%\(|#\{|\{%|\$\[\[|^%[A-Za-z_]\w{0,60}%$|[A-Z_]{4,60}%$|^@[\w.-]{1,80}@$|^@[A-Za-z][\w.]{1,60}\(|^__\w{1,60}__$|^\{[A-Za-z_][\w.]{0,60}\}$|\\\(|^\$[A-Za-z_]|^\$\d$|^(?:%[a-z@]){1,6}(?:\\{1,2}n)?$|^:[a-z_]{1,40}:?$|^%env\(|^\{\|/;
const TAG = /^!(?:[A-Za-z]|$)|^[*&][A-Za-z_][\w-]{0,60}$/;
const PROPERTY =
  /^[A-Za-z_$][\w$-]{0,60}(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$-]{0,60}){1,10}(?:\[[^\]]{0,80}\]|\([^)]{0,80}\)){0,2};?$/;
const CALL = /^[A-Za-z_$][\w$.:]{0,60}!?\(.{0,400}\)?[;,]?$|^[A-Za-z_$][\w$.]{0,60}\[["'\w].{0,200}\]$/;
const PATH =
  /^(?:~|\.{1,2})?\/(?:[\w.@%+-]{1,80}\/){0,20}[\w.@%+-]{0,80}$|^[A-Za-z]:\\|^(?:[\w.@-]{1,60}\/){1,12}[\w@-]{1,60}\.[a-z]{2,5}$/;
const ADDRESS = /^[a-z][a-z0-9+.-]{1,20}:\/\//i;
/** Hashes, ciphertext and public keys. */
const PUBLISHED =
  /^(?:ENC\[|\$ANSIBLE_VAULT|\${1,2}(?:\d\w?|y|gy|argon2\w{0,2}|pbkdf2[\w-]{0,12}|scrypt|apr1|2[abxy]|sha1|7)\${1,2}|pbkdf2_sha|argon2|bcrypt_|\{(?:S?SHA|CRYPT|SSHA\d{3}|PBKDF2|ARGON2|[A-Z0-9-]{3,12})\}|SCRAM-SHA|md5[0-9a-f]{32}$|sha(?:1|256|384|512)[:-]|h1:|age1[a-z0-9]{8}|ssh-(?:rsa|ed25519) |ecdsa-sha2|-----BEGIN (?!.{0,30}PRIVATE)|AAAA[BCE]3Nza|AgE|AgA|AgB|AQICAH|LS0tLS1CRUdJTiBDRVJ|LS0tLS1CRUdJTiBQVUJM|MII[BC]Ij|pk_|pk\.|CfDJ8)/;

/** True for what refers to a value that is elsewhere, or is public by its form. */
export function isReference(value: string): boolean {
  return (
    FILLED_IN.test(value) ||
    TAG.test(value) ||
    PUBLISHED.test(value) ||
    LOOKUP.test(value) ||
    ADDRESS.test(value) ||
    isProperty(value) ||
    (CALL.test(value) && !isRandom(value, 16)) ||
    (PATH.test(value) && !isRandom(value.replaceAll('/', ''), 24)) ||
    isStorePath(value) ||
    isConstant(value)
  );
}

/** `config.mail.password`; what ends in digits is more often made up, as in `winter.storm` with a year behind it. */
function isProperty(value: string): boolean {
  // what follows the bracket is in quotes, and so behind the value
  if (!PROPERTY.test(value.replace(/\[$/, ''))) return false;
  const parts = value.split('.');
  const isPlain = parts.length <= 4 && parts.every(part => /^[A-Za-z\d]+$/.test(part));
  if (!isPlain || ROOT.test(parts[0] ?? '')) return true;
  const last = parts.at(-1) ?? '';
  return !/^[A-Za-z]{2,20}\d{2,4}$/.test(last) || ALGORITHM.test(last);
}

/** Where programs and configurations keep values. */
const ROOT =
  /^(?:var|local|data|module|self|this|config|cfg|conf|settings|env|process|os|secrets?|vars|params|args|options|opts|props|ctx|req|request|app|user|state|values|inputs|outputs|steps|needs|github|each|event|Values|Config|Settings)$/;
const ALGORITHM =
  /^(?:sha|base|hs|es|rs|ps|utf|int|uint|float|md|ed|aes|crc|ipv|oauth|port|page|key|token|secret|pass\w*|host|node|server|db|step|job|item|field|col|test|example)\d+$/i;

function isStorePath(value: string): boolean {
  return value.startsWith('/nix/store/') || value.startsWith('/run/') || value.startsWith('$out/');
}

/** `DB_PASSWORD`: the name of a variable. */
function isConstant(value: string): boolean {
  return /^[A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){1,8}$/.test(value) && !isRandom(value);
}

const MARKED =
  /^<.*>$|^\[.*\]$|^\{.{0,80}\}$|^\(.*\)$|^%.*%$|\*{3}|\.{3}|…|x{4}|X{4}|_{4}|<[a-zA-Z][\w -]{0,60}>|\?{3}|•{3}|●{3}|\[redacted\]/;
/** Words that no random text has by chance. */
const CLEARLY = /example|sample|placeholder|change[-_ ]?me|redacted|dummy|fixme|(?:your|insert|replace)[-_]/i;
/** Words of which one is enough, wherever it stands. */
const EXPLAINS =
  /example|sample|placeholder|change[-_. ]?(?:me|this|it)|changeit|redacted|dummy|fixme|notreal|not[-_ ]a[-_ ](?:real[-_ ])?(?:secret|password|token|key)|replace[-_ ]?(?:me|this|with)|generate[-_ ]|insert[-_ ]?|(?:^|[^a-z])(?:your|my|the|some|any|this|put|fake|todo|tbd|mock|demo|here|goes|enter|unused|invalid|wrong|incorrect|bogus|foo|bar|baz|foobar|lorem|ipsum|testing|test)(?:[^a-z]|$)|(?:^|[^a-z])(?:test|fake|your|my|mock|demo|some)[-_]?(?:pass|secret|token|key|api|user|auth)|secret[-_]?(?:here|value|string)|token[-_]?(?:here|value|string)|password[-_]?here/i;
/** Weak passwords and words that people write where a value would stand; digits and signs may follow. */
const BY_HEART =
  /^(?:my|the|some|new|old|your|a|default|super|top|very|db|user|test|root|admin|dev)?[-_ ]?(?:long|strong|secure|good|bad|weak|random|secret)?[-_ ]?(?:pass(?:w(?:or)?d|phrase|code|wort)?|pwd|secrets?|token|key|api[-_]?key|changeme|change|test(?:ing|er)?|admin|administrator|user(?:name)?|root|guest|demo|default|foo(?:bar)?|bar|baz|qwerty|qwertz|letmein|welcome|hello|login|value|string|text|none|null|nil|empty|undefined|true|false|yes|no|on|off|required|optional|disabled|enabled|auto|plain|basic|bearer|digest|oauth2?|jwt|sha\d*|md5|bcrypt|scrypt|argon2(?:id?)?|plaintext|prompt|ask|agent|abc|asdf|xyz|temp|tmp|todo|postgres(?:ql)?|mysql|redis|rabbitmq|minio(?:admin)?|nixos|ubuntu|vagrant|raspberry|toor|unset|unknown|hidden|masked|private|public|monkey|dragon|sesame|opensesame|p|x|y)[-_ ]?(?:\d{0,4}|12345\d{0,5}|here|value|me|it|key|word|string)[!?.*:#$]{0,4}$/i;

/** True for what people write where a value would stand: `<your token>`, `changeme`, `xxxx`, `password123`. */
export function isPlaceholder(value: string): boolean {
  if (value.length < 3 || MARKED.test(value) || (BY_HEART.test(value) && !isWeak(value))) return true;
  if (isRandom(value, 16) ? CLEARLY.test(value) : EXPLAINS.test(value)) return true;
  return isSequence(value) || new Set(value).size < Math.min(5, value.length * 0.5);
}

/** A word of {@link BY_HEART} that somebody dressed up: no stand-in, a bad password. */
function isWeak(value: string): boolean {
  return (
    /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d{3})(?=.*[!?.*#$])[\x21-\x7e]{9,}$/.test(value) &&
    /^(?:admin|administrator|root|guest|qwertz?y?|letmein|welcome|hello|login|postgres(?:ql)?|mysql|redis|rabbitmq|minio|nixos|ubuntu|vagrant|raspberry|monkey|dragon|sesame)[\d]/i.test(
      value,
    )
  );
}

/** `version 4`, `string | null`, `Optional[str]`, `varchar(64)`: what describes a value. */
export function isDescription(value: string): boolean {
  return (
    /\s/.test(value) ||
    /^[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:[/%]\w{1,15})?$|^(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\d{1,5})?$|^[a-z][\w.-]{0,80}:\d{2,5}$/i.test(
      value,
    ) ||
    /^[\^~<>=v]*\d+(?:\.\d+){1,4}(?:[-+][\w.]{1,30})?(?:\(.*)?$/.test(value) ||
    // ranges of versions, rules of validators, routes, addresses of mail
    /^\[?--[a-z]|^[<>]=?\d|^\w{2,20}(?:[:=][\w,.]{1,30})?(?:\|\w{2,20}(?:[:=][\w,.]{1,30})?){1,12}$|^(?:required|nullable|sometimes)_?\w{0,20}[:|,]|^[a-z_/]{1,40}#[a-z_]{1,40}$|^[\w.+-]{1,60}@[a-z-]{1,40}(?:\.[a-z-]{1,40}){0,4}\.[a-z]{2,6}$/.test(
      value,
    ) ||
    /^[&?]?(?:str|string|text|varchar|char|bytes?|int|bool|any|Option|Optional|Maybe|SecretStr|types)\b/i.test(
      value,
    ) ||
    /^[|>][-+]?\d?$|^\(.*\)$|^\[.*\]$|^\{.*\}$/.test(value) ||
    /\\[dwsbDWSB]|\[[a-zA-Z0-9]-[a-zA-Z0-9]|^\^.*\$$|\(\?[:=!<]|\{\d+,\d*\}|[.\])][*+]\??(?:$|[()$])/.test(
      value,
    )
  );
}

/** How many kinds of characters; a capital at the beginning and the signs between words do not count. */
export function kindsOf(value: string): number {
  const rest = value.replace(/^[A-Z](?=[a-z])/, 'a');
  return [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9._\s\u0080-\uffff-]/].filter(kind => kind.test(rest)).length;
}

/** Where a value stands: what is surely meant as it is, code, what explains, what tries out. */
export type Setting = 'config' | 'code' | 'story' | 'trial';

/** True for what people make up as passwords: no word alone, no name, no sentence. */
export function isHumanPassword(value: string, setting: Setting): boolean {
  if (setting === 'trial' || !/^[\x21-\x7e\u00a1-\u024f]{6,128}$/.test(value)) return false;
  const kinds = kindsOf(value);
  const [letters, digits] = [/[a-z]/i.test(value), /\d/.test(value)];
  if (setting === 'story') return letters && digits && isElaborate(value, kinds);
  if (isName(value)) return isPhrase(value, setting);
  if (setting === 'config' && letters && digits) return !isVersioned(value);
  if (setting === 'code' && isVersioned(value)) return false;
  return value.length >= 8 && kinds >= 2 && letters;
}

/** What nobody would write to explain something. */
function isElaborate(value: string, kinds: number): boolean {
  if (isLeet(value) || isVersioned(value) || /[:/\\<>()[\]{}|,;"'`]/.test(value)) return false;
  return kinds >= 3
    ? value.length >= 9
    : value.length >= 12 && !/^[A-Za-z]+[-_.]?\d{1,2}$|^[A-Z0-9_]+$/.test(value);
}

/** `my-service`, `passwordReset`, `some.key_name`: words alone, in any spelling. */
function isName(value: string): boolean {
  return (
    /^[A-Za-z\u00a1-\u024f]+(?:[-_./: ][A-Za-z\u00a1-\u024f]+){0,12}[:*?.!…]{0,2}$/.test(value) &&
    !isRandom(value, 9)
  );
}

/** `service-v2`, `ipv4`, `step1`: a name with a number. */
function isVersioned(value: string): boolean {
  return /^[a-z]{2,20}[-_]v?\d{1,2}$|^(?:ipv\d|step\d|oauth\d|sha\d+|md5|base64|utf-?8|http2?|v\d{1,3}|\d+(?:ms|s|m|h|d|[kmg]i?b?))$|^\d{4}-\d\d-\d\d/i.test(
    value,
  );
}

/** Words of names, and those of the best known passphrase. */
const OF_NAMES =
  /pass|secret|token|user|admin|name|file|path|config|auth|server|service|local|prod|login|cred|default|button|label|error|field|input|title|^(?:api|app|aws|access|data(?:base)?|base|db|form|horse|keys?|keyring|apikey|keystore|root|staple|web)s?$/i;

/** Four words and more that mean nothing together: a passphrase. */
function isPhrase(value: string, setting: Setting): boolean {
  const words = value.split(setting === 'config' ? /[-_.]/ : '-');
  return (
    words.length >= 4 &&
    words.every(word => /^[a-z]{3,10}$/i.test(word)) &&
    !words.some(word => OF_NAMES.test(word))
  );
}

/** A word of {@link BY_HEART} with digits for letters. */
export function isLeet(value: string): boolean {
  const read = value
    .toLowerCase()
    .replace(/[4@]/g, 'a')
    .replace(/0/g, 'o')
    .replace(/3/g, 'e')
    .replace(/[5$]/g, 's')
    .replace(/[1!]/g, 'i');
  return /password|passwd|secret|changeme|trub|troub|horse|hunter|admin|welcome|letmein|qwert|test|mypass|passphrase/.test(
    read,
  );
}
