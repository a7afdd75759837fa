import { Buffer } from 'node:buffer';
import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp } from '../random.ts';
import { isBorder, keywordPlaces, whole } from './rule.ts';

const PATTERN =
  /(eyJ[A-Za-z0-9_-]{8,2000})\.(eyJ[A-Za-z0-9_-]{4,12000})\.([A-Za-z0-9_-]{20,1400})(?![A-Za-z0-9_-])/y;

/** The two parts of a token that are JSON; `null` where they are not, so that it is no token. */
function claimsOf(header: string, payload: string): Readonly<Record<string, unknown>> | null {
  const head = parse(header);
  return typeof head?.['alg'] === 'string' ? parse(payload) : null;
}

function parse(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The token of every tutorial, and Supabase's key for visitors, which browsers are given. */
function isPublic(claims: Readonly<Record<string, unknown>>): boolean {
  if (claims['role'] === 'anon' && claims['iss'] === 'supabase') return true;
  return claims['sub'] === '1234567890' || claims['name'] === 'John Doe';
}

function* find(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, ['eyj'])) {
    if (at < done || !isBorder(source.text, at)) continue;
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(source.text);
    if (match === null) {
      // A long run without dots is looked at once, not from every place in it.
      done = at + runLength(source.text, at);
      continue;
    }
    done = at + match[0].length;
    const claims = claimsOf(match[1] ?? '', match[2] ?? '');
    if (claims === null || isPublic(claims) || looksMadeUp(match[3] ?? '')) continue;
    yield whole(at, done);
  }
}

function runLength(text: string, at: number): number {
  let end = at;
  while (end < text.length && /[A-Za-z0-9_-]/.test(text.charAt(end))) end += 1;
  return end - at;
}

/** Rules for JSON Web Tokens. */
export const JWT_RULES: readonly ScanRule[] = [
  {
    id: 'jwt',
    title: 'a signed token (JWT)',
    keywords: ['eyj'],
    find,
    why: 'whoever reads it is let in wherever it is good, as long as it is good',
    revoke: 'revoke it at its issuer, or change the key it was signed with',
  },
];
