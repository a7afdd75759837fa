import { Buffer } from 'node:buffer';
import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp } from '../random.ts';
import { keywordPlaces, whole } from '../tokens/rule.ts';

/** 32 bytes: 43 characters, the last of them with two spare bits, and a sign. */
const KEY = '[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=';
const KEYWORDS = [
  'privatekey',
  'private_key',
  'private-key',
  'presharedkey',
  'preshared_key',
  'preshared-key',
  'pre_shared_key',
  'pre-shared-key',
  'wg_key',
  'wireguard_key',
  'wg genkey',
  'wg genpsk',
];
const NAMED = new RegExp(
  `[a-z_ -]{9,16}["'\`]?(?:[\\s=:,>({|*"'\`]|</?[A-Za-z]{1,10}>){1,16}(?:value["']?\\s{0,3}[:=]\\s{0,3}["']?)?(${KEY})(?![A-Za-z0-9+/=])`,
  'iy',
);

function* findNamed(source: Source): Iterable<Hit> {
  for (const at of keywordPlaces(source, KEYWORDS)) {
    NAMED.lastIndex = at;
    const key = NAMED.exec(source.text)?.[1];
    if (key === undefined || looksMadeUp(key)) continue;
    const end = NAMED.lastIndex;
    yield { start: at, end, secretStart: end - key.length, secretEnd: end };
  }
}

/** `echo KEY | wg set …`, `wg pubkey <<< KEY`. */
const PIPED = new RegExp(`(${KEY})["']?\\s{0,4}\\|\\s{0,4}wg (?:set|pubkey)`, 'g');
const BEFORE_PIPE = 60;

function* findPiped(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, PIPE_KEYWORDS)) {
    const from = Math.max(done, at - BEFORE_PIPE);
    for (const match of source.text.slice(from, at + 12).matchAll(PIPED)) {
      const key = match[1] ?? '';
      const start = from + match.index;
      done = start + match[0].length;
      if (!looksMadeUp(key)) yield whole(start, start + key.length);
    }
  }
}

const PIPE_KEYWORDS = ['wg set', 'wg pubkey'];

const ALONE = new RegExp(`^\\s{0,4}(${KEY})\\s{0,4}$`);

/**
 * A file that holds nothing but 32 bytes, as `wg genkey >` writes it. Curve25519 fixes five bits of a private key,
 * a public key has them so by a chance of 1 in 32; the name must say so as well.
 */
function* findAlone(source: Source): Iterable<Hit> {
  if (source.text.length > 60) return;
  const key = ALONE.exec(source.text)?.[1];
  if (key === undefined || looksMadeUp(key)) return;
  const bytes = Buffer.from(key, 'base64');
  if (((bytes[0] ?? 1) & 7) !== 0 || ((bytes[31] ?? 0) & 0xc0) !== 0x40) return;
  const start = source.text.indexOf(key);
  yield whole(start, start + key.length);
}

function mayBePrivate(path: string): boolean {
  const lower = path.toLowerCase();
  return (
    /wg|wireguard|priv|secret|\.key$|_key$/.test(lower) &&
    !/pub/.test(lower.slice(lower.lastIndexOf('/') + 1))
  );
}

const WHY = 'whoever reads it can join the network as that machine';
const REVOKE = 'make a new one with wg genkey and give the other machines the new public key';

/** Rules for WireGuard. */
export const WIREGUARD_RULES: readonly ScanRule[] = [
  {
    id: 'wireguard-private-key',
    title: 'a WireGuard private or preshared key',
    keywords: [...KEYWORDS, ...PIPE_KEYWORDS],
    *find(source) {
      const at = keywordPlaces(source, [...KEYWORDS, ...PIPE_KEYWORDS]);
      const isPiped = (place: number) => source.lower.startsWith('wg ', place);
      yield* findNamed({ ...source, at });
      yield* findPiped({ ...source, at: at.filter(isPiped) });
    },
    why: WHY,
    revoke: REVOKE,
  },
  {
    id: 'wireguard-key-file',
    title: 'a file with a WireGuard private key',
    keywords: [],
    concerns: mayBePrivate,
    find: findAlone,
    why: WHY,
    revoke: REVOKE,
  },
];
