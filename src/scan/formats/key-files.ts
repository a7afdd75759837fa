import { isRandom } from '../assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { hit, matches } from './found.ts';

/** Names of files whose whole content is one secret. */
const KEY_FILE =
  /(?:^|[._-])(?:key|keyfile|key-?file|luks|zfs|passphrase|password|passwd|pass|secret|token|psk|apikey|vault[_-]?pass(?:word)?|htpass|pw|masterkey|master\.key|secret_key_base|cookie|credentials?|seed|auth|login|auth-user-pass|userpass)(?:[._-]?file)?(?:\.(?:txt|key|hex|b64|base64|raw|bin|secret|conf))?$/i;
const OPEN_FILE = /pub(?:lic)?|example|sample|template|\.asc$|\.gpg$|\.age$|\.enc$|\.md$|\.lock$|hash|sum/i;
const MOST = 4096;
const BORG = ['borg_key '];
const BORG_KEY = /BORG_KEY [0-9a-f]{64}\r?\n(?<secret>[A-Za-z0-9+/]{20,120}={0,2})/diy;
const CREDENTIAL = ['setcredential='];
const CREDENTIAL_VALUE = /SetCredential=[\w.@-]{1,128}:(?<secret>[^\n"']{6,1024})/diy;

/** Secrets that are a file, and credentials that units carry. */
export const KEY_FILE_RULES: readonly ScanRule[] = [
  {
    id: 'key-file',
    title: 'a file that holds one secret and nothing else',
    keywords: [],
    concerns: isKeyFile,
    why: 'its name says that a program reads it as a key or password',
    find: onlyLine,
  },
  {
    id: 'borg-key',
    title: 'the key of a Borg repository',
    keywords: BORG,
    why: 'with its passphrase it opens every backup',
    find: source => matches(source, BORG, BORG_KEY, () => true),
  },
  {
    id: 'unit-credential',
    title: 'a credential in a systemd unit',
    keywords: CREDENTIAL,
    why: 'units are readable for everybody on the machine',
    find: source =>
      matches(
        source,
        CREDENTIAL,
        CREDENTIAL_VALUE,
        value =>
          !isReference(value) &&
          !isPlaceholder(value) &&
          (isRandom(value) || isHumanPassword(value, 'config')),
      ),
  },
];

function isKeyFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return KEY_FILE.test(name) && !OPEN_FILE.test(name);
}

/** OpenVPN and others keep the user on the first line and the password on the second. */
function lastOfTwo(text: string): string {
  const lines = text.split(/\r?\n/);
  return lines.length === 2 && /^[\w.@+-]{1,128}$/.test(lines[0] ?? '') ? (lines[1] ?? '') : text;
}

/** A short text of one line that is not a sentence. */
function* onlyLine({ text }: Source): Iterable<Hit> {
  if (text.length > MOST) return;
  const value = lastOfTwo(text.trim());
  if (value.length < 6 || !/^[\x21-\x7e]+$/.test(value) || isReference(value) || isPlaceholder(value)) return;
  if (!isRandom(value) && !isHumanPassword(value, 'config')) return;
  const start = text.indexOf(value);
  yield hit(start, start + value.length, start, start + value.length);
}
