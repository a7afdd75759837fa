import { Buffer } from 'node:buffer';
import { isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';

/** A hit whose value lies somewhere in the place that is reported. */
export function hit(start: number, end: number, secretStart: number, secretEnd: number): Hit {
  return { start, end, secretStart, secretEnd };
}

/**
 * Runs a pattern where keywords occur, never twice over the same stretch, and gives the groups' places.
 *
 * @param pattern sticky and with indices (`dy`), bounded; one group is called `secret`
 * @param back how many characters before the keyword the pattern begins
 */
export function* matches(
  source: Source,
  keywords: readonly string[],
  pattern: RegExp,
  accept: (secret: string, match: RegExpExecArray) => boolean,
): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, keywords)) {
    if (at < done) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(source.text);
    const place = match?.indices?.groups?.['secret'];
    if (match === null || place === undefined) continue;
    const end = at + match[0].length;
    done = end;
    const [from, to] = place;
    if (accept(source.text.slice(from, to), match)) yield hit(at, end, from, to);
  }
}

/** The line around a place, without its end; at most `most` characters to either side. */
export function lineAround(text: string, at: number, most: number): { start: number; end: number } {
  let start = at;
  while (start > 0 && at - start < most && text.charAt(start - 1) !== '\n') start -= 1;
  let end = at;
  while (end < text.length && end - at < most && text.charAt(end) !== '\n' && text.charAt(end) !== '\r')
    end += 1;
  return { start, end };
}

/** Where a format says "this is the password": any literal that nobody would take for a stand-in. */
export function isStatedSecret(value: string, least = 5): boolean {
  return value.length >= least && !/\s/.test(value) && !isReference(value) && !isPlaceholder(value);
}

/** What base64 of the usual or the URL alphabet stands for, if that is text; else `null`. */
export function textOfBase64(value: string): string | null {
  if (!/^[A-Za-z0-9+/_-]{4,8192}={0,2}$/.test(value)) return null;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text === '' || /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? null : text;
}

/** True for base64 of `user:password` with a password that is meant. */
export function isBasicAuth(value: string): boolean {
  const text = textOfBase64(value);
  const colon = text?.indexOf(':') ?? -1;
  return (
    text !== null &&
    colon >= 0 &&
    isStatedSecret(text.slice(colon + 1)) &&
    text.slice(0, colon) !== text.slice(colon + 1)
  );
}
