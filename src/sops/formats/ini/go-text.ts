/** Text rules of Go's `strings` and `unicode` that differ from JavaScript's; on loose strings (see `text.ts`). */

const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING = new RegExp(`^${SPACE}+`);
const SPACE_ONLY = new RegExp(SPACE);

/** `strings.TrimLeftFunc(…, unicode.IsSpace)`. */
export function trimStart(text: string): string {
  return text.replace(LEADING, '');
}

/** `strings.TrimSpace`: unlike JavaScript's it takes U+0085 for a space, and U+FEFF for none. */
export function trimSpace(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE_ONLY.test(text.charAt(end - 1))) end--;
  return trimStart(text.slice(0, end));
}

/** Length in bytes of a loose string, where an escaped byte counts one. */
export function byteLength(text: string): number {
  let length = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const escaped = code >= 0xdc80 && code <= 0xdcff;
    length += code < 0x80 || escaped ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** The first position of any of `chars`, -1 where there is none (`strings.IndexAny`). */
export function indexOfAny(text: string, chars: string): number {
  let first = -1;
  for (const char of chars) {
    const at = text.indexOf(char);
    if (at >= 0 && (first < 0 || at < first)) first = at;
  }
  return first;
}
