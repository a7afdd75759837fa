import { isRandom } from '../assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, isBasicAuth, isStatedSecret, matches, textOfBase64 } from './found.ts';

const NETRC = ['machine ', 'machine\t', 'machine\n', 'default login'];
const NETRC_WORD = /\s{0,8}(\S{1,512})/y;
const NETRC_MOST = 14;
const NPM = ['_authtoken', '_auth', '_password', 'npmauthident', 'npmauthtoken'];
const NPM_VALUE =
  /(?:_authToken|_auth|_password|npmAuthIdent|npmAuthToken)["']?[ \t]{0,8}[=:][ \t]{0,8}["']?(?<secret>[^\s"'#;,()]{6,2048})/diy;
const DOCKER = ['"auth"', "'auth'", 'auth:', '\\"auth\\"'];
const DOCKER_VALUE =
  /\\?["']?auth\\?["']?\s{0,8}:\s{0,8}\\?["']?(?<secret>[A-Za-z0-9+/_-]{8,4096}={0,2})(?![A-Za-z0-9])/diy;
const OAUTH = [
  '"github-oauth"',
  '"gitlab-oauth"',
  '"gitlab-token"',
  '"bearer"',
  '"identitytoken"',
  '"registrytoken"',
];
const OAUTH_VALUE =
  /"[a-z-]{6,16}"\s{0,8}:\s{0,8}(?:\{\s{0,40}"[^"\n]{1,128}"\s{0,8}:\s{0,8})?"(?<secret>[^"\s]{12,4096})"/diy;

/** Files in which programs keep what they log in with. */
export const LOGIN_FILE_RULES: readonly ScanRule[] = [
  {
    id: 'netrc',
    title: 'a password in the form of .netrc',
    keywords: NETRC,
    why: 'curl, git and ftp log in with it',
    find: netrc,
  },
  {
    id: 'npmrc',
    title: 'a login for a package registry',
    keywords: NPM,
    why: 'whoever reads it can publish packages in your name',
    find: source =>
      matches(
        source,
        NPM,
        NPM_VALUE,
        (secret, { index }) => isRegistryName(source.text, index) && isRegistrySecret(secret),
      ),
  },
  {
    id: 'pgpass',
    title: 'a password in the form of .pgpass',
    keywords: [],
    concerns: path => /pgpass/i.test(path.slice(path.lastIndexOf('/') + 1)),
    why: 'psql logs in with it',
    find: pgpass,
  },
  {
    id: 'docker-auth',
    title: 'a login for a container registry',
    keywords: DOCKER,
    why: 'base64 hides nothing: whoever reads it can push images',
    find: source => matches(source, DOCKER, DOCKER_VALUE, isBasicAuth),
  },
  {
    id: 'oauth-login',
    title: 'a login token of a program',
    keywords: OAUTH,
    find: source =>
      matches(
        source,
        OAUTH,
        OAUTH_VALUE,
        secret => isRandom(secret, 16) && !isReference(secret) && !isPlaceholder(secret),
      ),
  },
  {
    id: 'kubeconfig-key',
    title: 'the private key of a Kubernetes user',
    keywords: ['client-key-data'],
    why: 'whoever reads it is that user of the cluster',
    find: source => matches(source, ['client-key-data'], KUBE_KEY, isPrivateKey),
  },
];

const KUBE_KEY = /client-key-data["']?\s{0,8}[:=]\s{0,8}["']?(?<secret>[A-Za-z0-9+/]{40,16384}={0,2})/diy;

function isPrivateKey(value: string): boolean {
  return textOfBase64(value.slice(0, 400).replace(/=+$/, ''))?.includes('PRIVATE KEY') ?? false;
}

/** `//registry/:_password`, not `DB_PASSWORD`. */
function isRegistryName(text: string, at: number): boolean {
  return (
    !/[A-Za-z0-9]/.test(text.charAt(at - 1)) && !text.startsWith('_PASS', at) && !text.startsWith('_AUTH', at)
  );
}

function isRegistrySecret(value: string): boolean {
  return (
    isStatedSecret(value, 8) && (isRandom(value) || isHumanPassword(value, 'config') || isBasicAuth(value))
  );
}

/** Reads `machine H login U password P` word by word; the order is free, and lines mean nothing. */
function* netrc(source: Source): Iterable<Hit> {
  const { text } = source;
  let done = 0;
  for (const at of keywordPlaces(source, NETRC)) {
    if (at < done || (at > 0 && !/[\s"'`]/.test(text.charAt(at - 1)))) continue;
    const found = netrcEntry(text, at);
    done = found.end;
    if (found.secret !== null) yield hit(at, found.secret.end, found.secret.start, found.secret.end);
  }
}

function netrcEntry(
  text: string,
  at: number,
): { end: number; secret: { start: number; end: number } | null } {
  let end = at;
  let before = '';
  let login = false;
  let secret: { start: number; end: number } | null = null;
  for (let count = 0; count < NETRC_MOST; count += 1) {
    NETRC_WORD.lastIndex = end;
    const word = NETRC_WORD.exec(text)?.[1];
    if (word === undefined || (count > 0 && (word === 'machine' || word === 'default'))) break;
    end = NETRC_WORD.lastIndex;
    if (before === 'login') login = true;
    // a host alone is enough for a cache of Nix
    if (before === 'machine' && /^[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::\d{1,5})?$/.test(word)) login = true;
    if (before === 'password' || before === 'passwd') {
      const value = word.replace(/["']$/, '');
      const start = end - word.length;
      if (isStatedSecret(value)) secret = { start, end: start + value.length };
      before = '';
    } else before = word;
  }
  return { end, secret: login ? secret : null };
}

/** `host:port:database:user:password`, a line each; `\:` is a colon of a field. */
function* pgpass(source: Source): Iterable<Hit> {
  let start = 0;
  for (const line of source.text.split('\n')) {
    const match =
      /^[^:#\s]{1,255}:(?:\d{1,5}|\*):(?:[^:\\]|\\.){1,128}:(?:[^:\\]|\\.){1,128}:(?<secret>\S{4,512})/d.exec(
        line.slice(0, 2048),
      );
    const place = match?.indices?.groups?.['secret'];
    if (place !== undefined && isStatedSecret(line.slice(place[0], place[1]))) {
      yield hit(start, start + place[1], start + place[0], start + place[1]);
    }
    start += line.length + 1;
  }
}
