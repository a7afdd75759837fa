/** Characters that a terminal obeys or that change how the rest of the line reads. */
const UNPRINTABLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const LONGEST = 60;

/** Text of the user as a message may hold it: quoted, without control characters, and never long. */
export function shown(text: string): string {
  const letters = Array.from(text.slice(0, 4 * LONGEST));
  const short = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : text;
  return JSON.stringify(short).replace(UNPRINTABLE, escapeOf);
}

/** Several names for a message: `a, b and 7 more`. */
export function shownList(names: readonly string[], most = 8): string {
  const first = names.slice(0, most).join(', ');
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
