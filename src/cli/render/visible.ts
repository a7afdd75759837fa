/** Controls but tab and newline, C1 controls, and what turns or hides text around it. */
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text of a repository as a terminal may get it: a file name or a key must not move the cursor, change the title or
 * hide what stands beside it.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
