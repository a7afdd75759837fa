/**
 * True where a dot of a pattern stands for any character, and its author most likely meant a dot: not escaped, in no class,
 * not repeated, and before what an ending begins with (`secrets.yaml`, `.*.(yaml|json)`).
 */
export function hasBareDot(pattern: string): boolean {
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') {
      inClass = true;
      // a `]` that comes first belongs to the class
      if (pattern[at + 1] === '^') at++;
      if (pattern[at + 1] === ']') at++;
    } else if (character === '.' && /^\.(?:\(\?:|\()?[A-Za-z0-9_]/.test(pattern.slice(at, at + 5)))
      return true;
  }
  return false;
}
