import { Buffer } from 'node:buffer';
import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp } from '../random.ts';
import { keywordPlaces, type TokenSpec, tokenRule } from '../tokens/rule.ts';
import { readPemBody } from './pem.ts';

const WHY = 'whoever reads it can act as its owner';
const REVOKE = 'make a new key and take the old one from wherever it is trusted';

/** A secret key of minisign has 158 bytes, of signify 104. */
function isSignKey(token: string): boolean {
  const { length } = Buffer.from(token, 'base64');
  return length === 158 || length === 104;
}

const SPECS: readonly TokenSpec[] = [
  {
    id: 'minisign-secret-key',
    title: 'a secret key of minisign or signify',
    keywords: ['rwrty0iy', 'rwqaaeiy', 'rwrcs'],
    pattern: 'RW(?:RTY0Iy|QAAEIy|RCS)[A-Za-z0-9+/]{130,206}={0,2}',
    end: '(?![A-Za-z0-9+/=])',
    check: isSignKey,
    why: 'whoever reads it can sign in your name',
    revoke: 'make a new pair and publish the new public key',
  },
  {
    id: 'tailscale-node-key',
    title: 'a private key of Tailscale or Headscale',
    keywords: ['privkey:', 'nlpriv:', 'chalpriv:'],
    pattern: '(?:privkey|nlpriv|chalpriv):([0-9a-f]{64})',
    why: 'whoever reads it can act as that machine',
    revoke: 'remove the machine from the network and add it again',
  },
  {
    id: 'matrix-signing-key',
    title: 'the signing key of a Matrix server',
    keywords: ['ed25519 '],
    // the line of a recipient in an age file looks alike: `-> ssh-ed25519 TAG KEY`
    pattern: '(?<!ssh-)ed25519 [A-Za-z0-9_]{1,24} ([A-Za-z0-9+/]{43})',
    end: '(?![A-Za-z0-9+/=])',
    why: 'whoever reads it can speak for the whole server',
    revoke: 'make a new one and publish the old one under old_signing_keys',
  },
  {
    id: 'tor-onion-key',
    title: 'the secret key of an onion service',
    keywords: ['== ed25519v1-secret', 'ed25519-v3:', ':descriptor:x25519:'],
    before: { chars: /[a-z2-7]/, most: 56 },
    pattern:
      '(?:== ed25519v1-secret: type0 ==\\0\\0\\0([^]{64})|ED25519-V3:([A-Za-z0-9+/]{86}==)|[a-z2-7]{56}:descriptor:x25519:[A-Z2-7]{52})',
    end: '',
    why: 'whoever reads it can be that onion service, or enter it',
    revoke: 'make a new one: the address changes',
  },
];

const PUTTY_LINES = /Private-Lines: {0,4}[0-9]{1,4}/;
const PUTTY_LENGTH = 40_000;

/** PuTTY's own form, versions 1 to 3: the lines behind `Private-Lines`. */
function* findPutty(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, ['putty-user-key-file-'])) {
    if (at < done) continue;
    done = at + PUTTY_LENGTH;
    const marker = PUTTY_LINES.exec(source.text.slice(at, done));
    if (marker === null) continue;
    const from = at + marker.index + marker[0].length;
    const body = readPemBody(source.text, from, done);
    if (body.base64.length < 40 || new Set(body.base64.slice(0, 400)).size < 12) continue;
    yield { start: at, end: body.end, secretStart: body.start, secretEnd: body.end };
  }
}

const STATIC_KEY =
  /-----BEGIN OpenVPN (?:Static key V1|tls-crypt-v2 (?:client|server) key)-----([0-9a-zA-Z+/=\s\\"',]{100,4000})-----END/iy;

function* findStaticKeys(source: Source): Iterable<Hit> {
  for (const at of keywordPlaces(source, ['-----begin openvpn '])) {
    STATIC_KEY.lastIndex = at;
    const body = STATIC_KEY.exec(source.text)?.[1];
    if (body === undefined || new Set(body).size < 12) continue;
    const secretEnd = STATIC_KEY.lastIndex - '-----END'.length;
    yield { start: at, end: STATIC_KEY.lastIndex, secretStart: secretEnd - body.length, secretEnd };
  }
}

/** The window in which the members of one key lie. */
const JWK_WINDOW = 4_000;
const JWK_PRIVATE = /"(d|k)"\s{0,8}:\s{0,8}"([A-Za-z0-9_-]{40,1400})"/g;

/** RFC 7517: `d` is the private part of a pair, `k` a shared key. */
function* findJwk(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, ['"kty"'])) {
    if (at < done) continue;
    const from = Math.max(done, at - JWK_WINDOW / 2);
    done = at + JWK_WINDOW / 2;
    const kind = /^"kty"\s{0,8}:\s{0,8}"(\w{2,8})"/.exec(source.text.slice(at, at + 40))?.[1];
    for (const match of source.text.slice(from, done).matchAll(JWK_PRIVATE)) {
      const value = match[2] ?? '';
      if ((match[1] === 'k') !== (kind === 'oct') || looksMadeUp(value)) continue;
      const secretEnd = from + match.index + match[0].length - 1;
      yield { start: from + match.index, end: secretEnd, secretStart: secretEnd - value.length, secretEnd };
    }
  }
}

const XML_PRIVATE = /<(D|P|X)>\s{0,20}([A-Za-z0-9+/\s]{20,1600}={0,2})\s{0,20}<\/\1>/;
const XML_WINDOW = 8_000;

/** What .NET writes: `D` of RSA, `X` of DSA. */
function* findXmlKeys(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, ['<rsakeyvalue>', '<dsakeyvalue>'])) {
    if (at < done) continue;
    done = at + XML_WINDOW;
    const match = XML_PRIVATE.exec(source.text.slice(at, done));
    const value = match?.[2]?.trim();
    if (match === null || value === undefined || looksMadeUp(value)) continue;
    const secretStart = source.text.indexOf(value, at + match.index);
    yield { start: at, end: secretStart + value.length, secretStart, secretEnd: secretStart + value.length };
  }
}

/** What GnuPG keeps in `private-keys-v1.d`: canonical or readable S-expressions. */
function* findGpgKeys(source: Source): Iterable<Hit> {
  for (const at of keywordPlaces(source, ['private-key'])) {
    if (
      !/\((?:[0-9]{1,2}:)?$|\(protected-$|\((?:21:)?protected-$/.test(
        source.text.slice(Math.max(0, at - 20), at),
      )
    ) {
      continue;
    }
    const next = source.text.slice(at, at + 60);
    if (!/^private-key\s{0,4}\((?:[0-9]:)?(?:rsa|ecc|dsa|elg)/.test(next)) continue;
    const end = Math.min(source.text.length, at + 2_000);
    if (!/#[0-9A-Fa-f]{40,4000}#|\([0-9]:[a-z]/.test(source.text.slice(at, end))) continue;
    yield { start: at, end, secretStart: at, secretEnd: end };
  }
}

/** Rules for keys in forms of their own. */
export const OTHER_RULES: readonly ScanRule[] = [
  ...SPECS.map(tokenRule),
  {
    id: 'putty-private-key',
    title: 'a PuTTY private key',
    keywords: ['putty-user-key-file-'],
    find: findPutty,
    why: WHY,
    revoke: REVOKE,
  },
  {
    id: 'openvpn-static-key',
    title: 'a static key of OpenVPN',
    keywords: ['-----begin openvpn '],
    find: findStaticKeys,
    why: 'whoever reads it can enter the network or read what goes through it',
    revoke: 'make a new one with openvpn --genkey',
  },
  {
    id: 'xml-private-key',
    title: 'a private key as XML',
    keywords: ['<rsakeyvalue>', '<dsakeyvalue>'],
    find: findXmlKeys,
    why: WHY,
    revoke: REVOKE,
  },
  {
    id: 'jwk-private-key',
    title: 'a private key as JSON (JWK)',
    keywords: ['"kty"'],
    find: findJwk,
    why: WHY,
    revoke: REVOKE,
  },
  {
    id: 'gpg-private-key-file',
    title: 'a private key as GnuPG keeps it',
    keywords: ['private-key'],
    find: findGpgKeys,
    why: WHY,
    revoke: REVOKE,
  },
];
