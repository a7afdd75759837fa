/** Words of examples. None shorter than four letters: a random value of 40 characters has one by chance of 1 in 1,000. */
const WORDS =
  /example|sample|xxxx|your|placeholder|changeme|redacted|dummy|fake|test|insert|replace|secretkey|mytoken|foobar|notreal|todo_/i;
const RUN = 6;
const LONGEST_PERIOD = 24;

/** True for what people write where a credential would stand: `xxxx`, `EXAMPLE`, `0123456789`, one pattern repeated. */
export function looksMadeUp(value: string): boolean {
  if (WORDS.test(value)) return true;
  if (new Set(value).size <= Math.min(5, value.length / 3)) return true;
  return hasPlainRun(value) || isPeriodic(value);
}

/**
 * Stricter than {@link looksMadeUp}: the kinds of characters (small, capital, digit, other) change as often as in a
 * random text. Names in code and words joined together do not.
 */
export function looksRandom(value: string): boolean {
  if (looksMadeUp(value)) return false;
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value);
  if (mixed && inWords(value) > 0.6) return false;
  let changes = 0;
  for (let i = 1; i < value.length; i += 1) {
    if (kindOf(value.charCodeAt(i)) !== kindOf(value.charCodeAt(i - 1))) changes += 1;
  }
  return changes / (value.length - 1) >= (mixed ? 0.33 : 0.15);
}

/** The part of a text that is in three or more small letters in a row: words in `camelCase`, seldom a random one. */
function inWords(value: string): number {
  let letters = 0;
  for (const [word] of value.matchAll(/[a-z]{3,}/g)) letters += word.length;
  return letters / value.length;
}

/** Six equal characters in a row, or six that count up or down: `aaaaaa`, `abcdef`, `987654`. */
function hasPlainRun(value: string): boolean {
  let length = 1;
  let step: number | null = null;
  for (let i = 1; i < value.length; i += 1) {
    const now = value.charCodeAt(i) - value.charCodeAt(i - 1);
    if (now === step) length += 1;
    else length = Math.abs(now) <= 1 ? 2 : 1;
    step = Math.abs(now) <= 1 ? now : null;
    if (length >= RUN) return true;
  }
  return false;
}

function isPeriodic(value: string): boolean {
  const most = Math.min(LONGEST_PERIOD, Math.floor(value.length / 2));
  for (let period = 1; period <= most; period += 1) {
    if (value.startsWith(value.slice(0, period), period) && value.slice(period) === value.slice(0, -period)) {
      return true;
    }
  }
  return false;
}

function kindOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return 0;
  if (code >= 0x41 && code <= 0x5a) return 1;
  return code >= 0x30 && code <= 0x39 ? 2 : 3;
}
