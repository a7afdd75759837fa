import { Buffer } from 'node:buffer';
import { isEncryptedValue } from '../sops/encrypted-text.ts';
import { derKeyOf } from './keys/der.ts';
import { readPemBody } from './keys/pem.ts';

/** A part of a text that holds nothing secret, whatever it looks like. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One kind of harmless text: where it may begin, and where it ends if it does. */
interface Harmless {
  readonly keywords: readonly string[];
  readonly end: (text: string, at: number) => number | null;
}

const ENCRYPTED =
  /ENC\[AES256_GCM,data:[A-Za-z0-9+/=]*,iv:[A-Za-z0-9+/=]{1,200},tag:[A-Za-z0-9+/=]{1,64},type:[a-z]{1,10}\]/y;

/** The length of a DER or armor body that is looked at. */
const LONGEST_BLOCK = 4 * 1024 * 1024;
const PUBLIC_LABEL = /-----BEGIN ((?:[A-Z0-9][A-Z0-9 .]{1,50})?[A-Z0-9])-----/y;

const HARMLESS: readonly Harmless[] = [
  { keywords: ['enc[aes256_gcm,data:'], end: encryptedEnd },
  { keywords: ['-----begin '], end: blockEnd },
  {
    keywords: ['data:image/', 'data:font/', 'data:audio/', 'data:video/', 'data:application/'],
    end: sticky(
      /data:(?:image|font|audio|video|application\/(?:(?:x-)?font|vnd\.ms-fontobject|wasm|octet-stream|pdf))[\w.+/-]{0,60}(?:;[\w=-]{1,40}){0,4};base64,[A-Za-z0-9+/=]*/iy,
    ),
  },
  { keywords: ['age1'], end: sticky(/age1(?:pq1)?[02-9ac-hj-np-z]{50,4000}/y) },
  {
    keywords: ['ssh-ed25519 ', 'ssh-rsa ', 'ssh-dss ', 'ecdsa-sha2-', 'sk-ssh-', 'sk-ecdsa-'],
    end: sticky(/[a-z0-9@.-]{7,40} {1,4}AAAA[A-Za-z0-9+/]{20,4000}={0,3}/y),
  },
  { keywords: ['|1|'], end: sticky(/\|1\|[A-Za-z0-9+/=]{20,40}\|[A-Za-z0-9+/=]{20,40}/y) },
  {
    keywords: ['sha1-', 'sha256-', 'sha384-', 'sha512-', 'sha1:', 'sha256:', 'sha512:', 'md5-', 'md5:'],
    end: sticky(
      /(?:sha(?:1|256|384|512)|md5)[-:](?:[0-9a-f]{32,128}|[0-9a-z]{52}|[A-Za-z0-9+/]{22,86}={0,2})(?![A-Za-z0-9+/=_-])/y,
    ),
  },
  { keywords: [' h1:', '/go.mod h1:'], end: sticky(/(?:\/go\.mod)? h1:[A-Za-z0-9+/]{43}=/y) },
  { keywords: ['/nix/store/'], end: sticky(/\/nix\/store\/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+._?=-]{1,211}/y) },
  {
    keywords: ['hash', 'integrity', 'checksum', 'digest', 'sha256', 'sha512', 'rev"', 'rev =', 'commit'],
    end: sticky(
      /[A-Za-z0-9_]{3,12}["']?\s{0,4}[:=]\s{0,4}["']?(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}|[0-9a-df-np-sv-z]{52})(?![A-Za-z0-9+/=_-])/iy,
    ),
  },
];

/** The keywords of each kind, for the one pass over the text. */
export const HARMLESS_KEYWORDS: readonly (readonly string[])[] = HARMLESS.map(({ keywords }) => keywords);

/**
 * What in a text is harmless by its form: encrypted values, public keys, certificates, armor of encrypted or signed
 * things, hashes, images. It is parsed: a name of a file or of a key alone excuses nothing.
 *
 * @param places where {@link HARMLESS_KEYWORDS} occur
 * @returns rising, not overlapping
 */
export function harmlessSpans(
  text: string,
  places: readonly (readonly number[] | undefined)[],
): readonly Span[] {
  const spans: Span[] = [];
  HARMLESS.forEach(({ end }, kind) => {
    let done = 0;
    for (const start of places[kind] ?? []) {
      if (start < done) continue;
      const stop = end(text, start);
      if (stop === null) continue;
      spans.push({ start, end: stop });
      done = stop;
    }
  });
  return merged(spans);
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { start: last.start, end: span.end };
  }
  return result;
}

/** True where one of the spans holds all from `start` to `end`. */
export function isHarmless(spans: readonly Span[], start: number, end: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.end ?? 0) < end) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span.start <= start && end <= span.end;
}

function sticky(pattern: RegExp): (text: string, at: number) => number | null {
  return (text, at) => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : null;
  };
}

function encryptedEnd(text: string, at: number): number | null {
  ENCRYPTED.lastIndex = at;
  if (!ENCRYPTED.test(text)) return null;
  const end = ENCRYPTED.lastIndex;
  return isEncryptedValue(text.slice(at, end)) ? end : null;
}

/** A block in armor whose label names nothing private, and that holds base64 of something else than a key and nothing else. */
function blockEnd(text: string, at: number): number | null {
  PUBLIC_LABEL.lastIndex = at;
  const label = PUBLIC_LABEL.exec(text)?.[1];
  if (label === undefined || /PRIVATE|SECRET|TOKEN/.test(label)) return null;
  const from = PUBLIC_LABEL.lastIndex;
  const stop = text.indexOf('-----', from);
  if (stop < 0 || stop - from > LONGEST_BLOCK || !text.startsWith(`-----END ${label}-----`, stop))
    return null;
  const body = readPemBody(text, from, stop);
  const rest = text.slice(body.end, stop).replace(/=[A-Za-z0-9+/]{4}/, '');
  if (/[A-Za-z0-9]{3}/.test(rest) || derKeyOf(Buffer.from(body.base64, 'base64')) !== null) return null;
  return stop + label.length + '-----END -----'.length;
}
