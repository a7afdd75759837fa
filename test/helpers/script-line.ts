/** One line of a script, its words not yet expanded. */
export interface ScriptLine {
  /** Counts from 1 within the file. */
  readonly number: number;
  readonly text: string;
  /** `!` in front: the command must fail, the assertion must not hold. */
  readonly negated: boolean;
  /** `[exec:sops]`, without the brackets. */
  readonly conditions: readonly string[];
  readonly word: string;
  readonly rest: string;
}

/**
 * Splits the part of a script above its files into lines with something on them. A backslash at the end
 * joins the next line.
 */
export function parseScript(text: string): (ScriptLine | { readonly phase: string })[] {
  const lines: (ScriptLine | { readonly phase: string })[] = [];
  const source = text.split('\n');
  for (let index = 0; index < source.length; index++) {
    const number = index + 1;
    let line = (source[index] ?? '').trim();
    while (line.endsWith('\\') && index + 1 < source.length)
      line = `${line.slice(0, -1)}${(source[++index] ?? '').trim()}`;
    if (line.startsWith('#')) lines.push({ phase: line });
    else if (line !== '') lines.push(parseLine(line, number));
  }
  return lines;
}

function parseLine(text: string, number: number): ScriptLine {
  const match = /^((?:\[[^\]]+\]\s*)*)(!\s+)?(\S+)\s*(.*)$/.exec(text);
  if (match === null) throw new Error(`line ${number} is no command: ${text}`);
  const [, brackets = '', bang, word = '', rest = ''] = match;
  const conditions = [...brackets.matchAll(/\[([^\]]+)\]/g)].map(found => found[1] ?? '');
  return { number, text, negated: bang !== undefined, conditions, word, rest };
}

/**
 * Splits into words. `'…'` is taken as it stands; in `"…"` and outside of quotes `$NAME` and `${NAME}` are
 * replaced, `${NAME@R}` by a pattern that matches the value; a `#` that begins a word begins a comment.
 *
 * @throws Error on a quote that never closes and a name that has no value
 */
export function splitWords(text: string, env: Readonly<Record<string, string>>): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    const space = /\s+/y;
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
    if (at >= text.length || text[at] === '#') break;
    let word = '';
    while (at < text.length && !/\s/.test(text[at] ?? '')) {
      const [piece, next] = readPiece(text, at, env);
      word += piece;
      at = next;
    }
    words.push(word);
  }
  return words;
}

function readPiece(text: string, at: number, env: Readonly<Record<string, string>>): [string, number] {
  const quote = text[at];
  if (quote === "'") {
    const end = text.indexOf("'", at + 1);
    if (end < 0) throw new Error("a ' never closes");
    return [text.slice(at + 1, end), end + 1];
  }
  const pattern = quote === '"' ? /"((?:[^"\\]|\\.)*)"/sy : /[^\s'"]+/y;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) throw new Error('a " never closes');
  const raw = quote === '"' ? (match[1] ?? '') : match[0];
  const expanded = expand(raw, env);
  return [quote === '"' ? expanded.replace(/\\(["\\])/g, '$1') : expanded, at + match[0].length];
}

/** Replaces variables; a `$` with no name behind it stays. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:\{(\w+)(@R)?\}|(\w+))/g,
    (_all, braced: string | undefined, asPattern, bare: string) => {
      const name = braced ?? bare;
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined) throw new Error(`$${name} has no value`);
      return asPattern === undefined ? value : value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    },
  );
}
