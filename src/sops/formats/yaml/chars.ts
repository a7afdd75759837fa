/** Classes of characters, by UTF-16 code unit. `0` stands for the end of the text, which never holds a NUL. */

export const END = 0;
export const TAB = 0x09;
export const SPACE = 0x20;

/** The code of a character that the syntax knows by name. */
export function code(char: string): number {
  return char.charCodeAt(0);
}

/** A space or a tab. */
export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}

/** What YAML 1.1 takes for a line break: CR, LF, NEL, LS, PS. */
export function isBreak(c: number): boolean {
  return c === 0x0a || c === 0x0d || isWideBreak(c);
}

/** The breaks of more than one byte. */
export function isWideBreak(c: number): boolean {
  return c === 0x85 || c === 0x2028 || c === 0x2029;
}

/** A line break, or the end of the text. */
export function isBreakOrEnd(c: number): boolean {
  return c === END || isBreak(c);
}

/** A blank, a line break, or the end of the text. */
export function isBlankOrEnd(c: number): boolean {
  return isBlank(c) || isBreakOrEnd(c);
}

/** An ASCII digit. */
export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** Letters, digits, `_` and `-`: what names of anchors and tag handles are made of. */
export function isWord(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === 0x2d;
}

/** The value of a hexadecimal digit, -1 for anything else. */
export function hexValue(c: number): number {
  if (isDigit(c)) return c - 0x30;
  if (c >= 0x41 && c <= 0x46) return c - 0x37;
  return c >= 0x61 && c <= 0x66 ? c - 0x57 : -1;
}

/** True for the first half of a character beyond U+FFFF. */
export function isHighSurrogate(c: number): boolean {
  return c >= 0xd800 && c <= 0xdbff;
}
