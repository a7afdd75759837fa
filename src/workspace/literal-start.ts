/** A character of RE2 that stands for itself, with or without a backslash before it. */
const LITERAL = /\\([ -/:-@[-`{-~])|([ !"#%&',/0-9:;<=>@A-Za-z_`~-])/y;
/** What makes the character before it optional. */
const REPEATED: ReadonlySet<string> = new Set(['*', '?', '{']);

/**
 * The text that every match of a pattern begins with; empty where the pattern is not anchored, or where that is not
 * easily told. Only ASCII counts.
 */
export function literalStart(pathRegex: string): string {
  return readStart(pathRegex).text;
}

/**
 * The text that a path has to begin with to match a pattern that says nothing else, `^secrets/megumu/`; `null` for
 * every other pattern.
 */
export function wholeStart(pathRegex: string): string | null {
  const { text, isAll } = readStart(pathRegex);
  return isAll && text !== '' ? text : null;
}

/**
 * The text that every match of a pattern without an anchor has somewhere in it, `secrets/` of `secrets/.*\.yaml$`;
 * `isAll`: the pattern says nothing else. Empty where the pattern is anchored, or where that is not easily told.
 */
export function literalPart(pathRegex: string): LiteralText {
  return pathRegex.startsWith('^') ? NOTHING : readLiteral(pathRegex, 0);
}

/** A text of ASCII that a match has, and whether having it is enough. */
interface LiteralText {
  readonly text: string;
  readonly isAll: boolean;
}

const NOTHING: LiteralText = { text: '', isAll: false };

function readStart(pathRegex: string): LiteralText {
  return pathRegex.startsWith('^') ? readLiteral(pathRegex, 1) : NOTHING;
}

function readLiteral(pathRegex: string, from: number): LiteralText {
  if (hasBranches(pathRegex)) return NOTHING;
  let text = '';
  for (let at = from; ; at = LITERAL.lastIndex) {
    LITERAL.lastIndex = at;
    const match = LITERAL.exec(pathRegex);
    if (match === null) return { text, isAll: at === pathRegex.length };
    if (REPEATED.has(pathRegex.charAt(LITERAL.lastIndex))) return { text, isAll: false };
    text += match[1] ?? match[2] ?? '';
  }
}

/** True for `a|b`, where the other branch may begin otherwise; a class of characters makes it a guess on the safe side. */
function hasBranches(pathRegex: string): boolean {
  const plain = pathRegex.replace(/\\[\s\S]/g, '');
  if (!plain.includes('|')) return false;
  if (plain.includes('[')) return true;
  let depth = 0;
  for (const character of plain) {
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth <= 0) return true;
  }
  return false;
}
