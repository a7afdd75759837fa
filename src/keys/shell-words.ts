/** The word that is being read: quotes may open and close inside it. */
type State = 'between' | 'word' | 'escape' | 'double' | 'double-escape' | 'single' | 'comment';

/**
 * Splits a command line as sops does (the rules of google/shlex): blanks separate, both quotes group, a
 * backslash takes the next character as it is except between single quotes, `#` at the start of a word begins a
 * comment. Nothing is expanded; no shell ever sees the text.
 *
 * @returns the words, `null` where a quote is not closed or a backslash ends the text
 */
export function splitShellWords(text: string): string[] | null {
  const words: string[] = [];
  let word = '';
  let state: State = 'between';
  for (const char of text) {
    const next = step(state, char);
    if (state !== 'between' && state !== 'comment' && next.state === 'between') {
      words.push(word);
      word = '';
    }
    if (next.keep) word += char;
    state = next.state;
  }
  if (state === 'word') words.push(word);
  return state === 'word' || state === 'between' || state === 'comment' ? words : null;
}

function step(state: State, char: string): { state: State; keep: boolean } {
  switch (state) {
    case 'comment':
      return { state: char === '\n' ? 'between' : 'comment', keep: false };
    case 'escape':
      return { state: 'word', keep: true };
    case 'double-escape':
      return { state: 'double', keep: true };
    case 'single':
      return char === "'" ? { state: 'word', keep: false } : { state, keep: true };
    case 'double':
      if (char === '\\') return { state: 'double-escape', keep: false };
      return char === '"' ? { state: 'word', keep: false } : { state, keep: true };
    default:
      return stepOutside(state, char);
  }
}

/** Outside of quotes. */
function stepOutside(state: State, char: string): { state: State; keep: boolean } {
  if (' \t\r\n'.includes(char)) return { state: 'between', keep: false };
  if (char === '"') return { state: 'double', keep: false };
  if (char === "'") return { state: 'single', keep: false };
  if (char === '\\') return { state: 'escape', keep: false };
  if (char === '#' && state === 'between') return { state: 'comment', keep: false };
  return { state: 'word', keep: true };
}
