import { languageOf } from '../assignments/language.ts';
import { isRandom } from '../assignments/score.ts';
import { isHumanPassword } from '../assignments/value.ts';
import type { ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { isStatedSecret, matches } from './found.ts';

/** How the configuration of a daemon names a password, where neither name nor sign tells it. */
interface Directive {
  /** In lower case. */
  readonly keyword: string;
  /** Sticky at the keyword, with indices; the group `secret` is the value. */
  readonly pattern: RegExp;
}

const WORD = '"?(?<secret>[^\\s"\'`<>;,]{6,256})';

/** @param rest of the directive, up to the value */
function directive(keyword: string, rest: string): Directive {
  return { keyword, pattern: new RegExp(`${rest}${WORD}`, 'diy') };
}

const DIRECTIVES: readonly Directive[] = [
  // Redis: sentinel.conf
  directive('auth-pass ', 'auth-pass [\\w.-]{1,64} '),
  directive('insecure-password ', 'insecure-password '),
  // LDAP clients: nslcd.conf, ldap.conf, sssd.conf
  directive('bindpw ', 'bindpw[ \\t]{1,20}'),
  directive('ldap_default_authtok', 'ldap_default_authtok[ \\t]{0,8}=[ \\t]{0,8}'),
  // ups.conf, net-snmp
  directive('monitor ', 'monitor [\\w.-]{1,64}@[\\w.:-]{1,128} \\d{1,3} [\\w.-]{1,64} '),
  directive(
    'createuser ',
    'createuser (?:-e \\S{1,80} )?[\\w.-]{1,64} (?:MD5|SHA(?:-\\d{3})?) (?!"?(?:AES|DES))',
  ),
  directive('setcookie ', 'setcookie[ \\t]{1,4}'),
];
const KEYWORDS = [...new Set(DIRECTIVES.map(each => each.keyword))];

/** Files in which `user` is a directive. */
const OF_USERS = /redis|valkey|\.acl$|curlrc/i;
const USERS: readonly Directive[] = [
  directive('user ', 'user [\\w.-]{1,64}(?: [~&+%a-z@*-][^\\s>]{0,40}){0,12} >'),
  directive(
    'user',
    'user[ \\t]{0,4}[=:]?[ \\t]{1,4}"[\\w.@-]{1,64}:(?=[^"\\s]{6,256}"[ \\t]{0,8}(?:\\r?\\n|$))',
  ),
];

const TSIG = ['algorithm '];
const TSIG_VALUE =
  /algorithm\s{1,8}"?hmac-[a-z0-9-]{2,20}"?;\s{0,40}secret\s{1,8}"(?<secret>[A-Za-z0-9+/]{20,128}={0,2})"/diy;

const GOSSIP = ['encrypt"', 'encrypt =', 'encrypt='];
/** Sixteen bytes or thirty-two. */
const GOSSIP_VALUE =
  /encrypt"?[ \t]{0,8}[:=][ \t]{0,8}"(?<secret>[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{43}=)"/diy;

const KEEPASS = ['<key>password</key>'];
const KEEPASS_VALUE =
  /<Key>Password<\/Key>\s{0,40}<Value(?: [A-Za-z]{1,24}="[^"]{0,24}"){0,4}>(?<secret>[^<\s]{4,256})<\/Value>/diy;

const SIGNED = ['jwt.sign(', 'jwt.verify('];
const SIGNED_VALUE =
  /jwt\.(?:sign|verify)\((?:\{[^{}"'`\n]{0,200}\}|[\w.$]{1,80}(?:\([^()"'`\n]{0,80}\))?),\s{0,40}(?<quote>["'`])(?<secret>[^"'`\n\\]{8,256})\k<quote>/dy;

/** What express and its relatives sign cookies with. */
const SESSION = ['session({', 'cookieparser('];
const SESSION_VALUE =
  /(?:session\(\{\s{0,40}(?:\w{1,30}:[^,'"`{}\n]{1,60},\s{0,40}){0,6}secret:\s{0,4}\[?|cookieparser\()(?<quote>["'`])(?<secret>[^"'`\n\\]{8,256})\k<quote>/diy;

const NESTED = ['jwt":', 'jwtsettings":', 'jwtoptions":', 'jwtconfig":', 'tokenoptions":'];
const NESTED_VALUE =
  /[a-z]{3,12}"[ \t]{0,4}:\s{0,20}\{[^{}]{0,400}?"(?:Key|SecurityKey|IssuerSigningKey)"[ \t]{0,4}:[ \t]{0,4}"(?<secret>[^"\s\\]{16,512})"/diy;

/** Passwords and keys of daemons and libraries that are known by their place in a line. */
export const SERVICE_RULES: readonly ScanRule[] = [
  {
    id: 'service-password',
    title: 'a password in the configuration of a service',
    keywords: KEYWORDS,
    why: 'whoever reads it can log in with it',
    find: source => directives(source, DIRECTIVES),
  },
  {
    id: 'service-user',
    title: 'the password of a user of a service',
    keywords: ['user'],
    concerns: path => OF_USERS.test(path),
    why: 'whoever reads it can log in with it',
    find: source => directives(source, USERS),
  },
  {
    id: 'tsig-key',
    title: 'a key that signs requests to a name server',
    keywords: TSIG,
    why: 'whoever reads it can change or copy the zone',
    find: source => matches(source, TSIG, TSIG_VALUE, value => isRandom(value, 20)),
  },
  {
    id: 'gossip-key',
    title: 'the key of a cluster of Consul, Nomad or Serf',
    keywords: GOSSIP,
    why: 'whoever reads it can listen to the cluster and join it',
    find: source => matches(source, GOSSIP, GOSSIP_VALUE, value => isRandom(value, 20)),
  },
  {
    id: 'keepass-export',
    title: 'a password in an export of KeePass',
    keywords: KEEPASS,
    find: source => matches(source, KEEPASS, KEEPASS_VALUE, value => isStatedSecret(value)),
  },
  {
    id: 'signing-secret',
    title: 'a secret that signs tokens',
    keywords: SIGNED,
    why: 'whoever reads it can log in as anybody',
    find: source => matches(source, SIGNED, SIGNED_VALUE, value => isMeant(value, source)),
  },
  {
    id: 'session-secret',
    title: 'a secret that signs cookies',
    keywords: SESSION,
    why: 'whoever reads it can log in as anybody',
    find: source => matches(source, SESSION, SESSION_VALUE, value => isMeant(value, source)),
  },
  {
    id: 'nested-signing-key',
    title: 'a key that signs tokens',
    keywords: NESTED,
    why: 'whoever reads it can log in as anybody',
    find: source =>
      matches(source, NESTED, NESTED_VALUE, value => isStatedSecret(value) && isRandom(value, 16)),
  },
];

function* directives(source: Source, wanted: readonly Directive[]) {
  const places = keywordPlaces(
    source,
    wanted.map(({ keyword }) => keyword),
  );
  for (const { keyword, pattern } of wanted) {
    const isCommon = COMMON.test(keyword);
    const at = places.filter(
      place => source.lower.startsWith(keyword, place) && (!isCommon || isFirst(source.text, place)),
    );
    yield* matches({ ...source, at }, [keyword], pattern, value => isMeant(value, source));
  }
}

/** Words of every text. */
const COMMON = /^(?:user|monitor)/;

/** A directive begins a line, or a command. */
function isFirst(text: string, at: number): boolean {
  const line = text.slice(Math.max(0, at - 40), at);
  return /(?:^|\n)[ \t]{0,24}(?:- ?|sentinel |ACL SET)?$/i.test(line);
}

function isMeant(value: string, { path }: Source): boolean {
  const { setting } = languageOf(path);
  if (!isStatedSecret(value, 6)) return false;
  return isRandom(value, 12) || isHumanPassword(value, setting);
}
