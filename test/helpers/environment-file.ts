/** Where the reader of an environment file stands; the names are those of its rules. */
type State =
  | 'line'
  | 'comment'
  | 'name'
  | 'before value'
  | 'value'
  | 'escape'
  | 'single'
  | 'double'
  | 'double escape';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The variables that systemd sets from a file named by `EnvironmentFile=`: systemd.exec(5), and the reader
 * that systemd has since 254, where a backslash at the end of a comment does not continue it.
 */
export function readEnvironmentFile(text: string): Map<string, string> {
  const reader = new EnvironmentReader();
  for (const character of text) reader.take(character);
  reader.end();
  return reader.variables;
}

class EnvironmentReader {
  readonly variables = new Map<string, string>();
  #state: State = 'line';
  #name = '';
  #value = '';
  /** Blanks after an unquoted part: of the value if more follows. */
  #blanks = '';

  take(c: string): void {
    this.#state = this.#next[this.#state](c);
  }

  end(): void {
    if (!['line', 'comment', 'name'].includes(this.#state)) this.#assign();
  }

  readonly #next: Readonly<Record<State, (c: string) => State>> = {
    line: c => {
      if (c === '#' || c === ';') return 'comment';
      if (isBlank(c) || isLineEnd(c)) return 'line';
      this.#name = c;
      return 'name';
    },
    comment: c => (isLineEnd(c) ? 'line' : 'comment'),
    name: c => {
      if (isLineEnd(c)) return 'line';
      if (c === '=') return 'before value';
      this.#name += c;
      return 'name';
    },
    'before value': c => {
      if (isLineEnd(c)) return this.#assign();
      if (c === "'") return 'single';
      if (c === '"') return 'double';
      if (c === '\\') return 'escape';
      return isBlank(c) ? 'before value' : this.#push(c, 'value');
    },
    value: c => {
      if (isLineEnd(c)) return this.#assign();
      if (c === '\\') return this.#push('', 'escape');
      if (!isBlank(c)) return this.#push(c, 'value');
      this.#blanks += c;
      return 'value';
    },
    escape: c => this.#push(isLineEnd(c) ? '' : c, 'value'),
    single: c => (c === "'" ? 'before value' : this.#push(c, 'single')),
    double: c => {
      if (c === '"') return 'before value';
      return c === '\\' ? 'double escape' : this.#push(c, 'double');
    },
    'double escape': c => {
      if (isLineEnd(c)) return 'double';
      return this.#push('"\\`$'.includes(c) ? c : `\\${c}`, 'double');
    },
  };

  #push(text: string, state: State): State {
    this.#value += this.#blanks + text;
    this.#blanks = '';
    return state;
  }

  #assign(): State {
    const name = this.#name.replace(/[ \t]+$/, '');
    if (NAME.test(name)) this.variables.set(name, this.#value);
    this.#value = '';
    this.#blanks = '';
    return 'line';
  }
}

function isBlank(c: string): boolean {
  return c === ' ' || c === '\t';
}

function isLineEnd(c: string): boolean {
  return c === '\n' || c === '\r';
}
