import type { Dice } from './dice.ts';
import { COMMENT_MARKS, KEY_MARKS, KEYS, PIECES, PLAIN, TYPED } from './yaml-words.ts';

/**
 * Random YAML as people and programs write it. Left out, because stock sops itself loses or breaks it: texts
 * that begin with a tab and have a line break, in lists those that begin with any blank and have one, the
 * value `<<`, a clear -0.0, integers that fit only uint64, and (with comment rules) comments in lists.
 */

export interface YamlOptions {
  /** Comments at all, and comments between the elements of lists. */
  readonly comments: boolean;
  readonly listComments: boolean;
}

/** One or several documents that together hold a top-level key per case. */
export function randomYaml(dice: Dice, cases: number, options: YamlOptions): Uint8Array {
  const writer = new Writer(dice, options);
  const documents = dice.chance(20) ? 2 + dice.int(2) : 1;
  const texts = Array.from({ length: documents }, (_, index) =>
    writer.document(Math.floor(((index + 1) * cases) / documents) - Math.floor((index * cases) / documents)),
  );
  return Buffer.from(dice.pick(['', '', '---\n', '\ufeff']) + texts.join('---\n'));
}

class Writer {
  readonly #dice: Dice;
  readonly #options: YamlOptions;
  /** How many lists are open. */
  #lists = 0;

  constructor(dice: Dice, options: YamlOptions) {
    this.#dice = dice;
    this.#options = options;
  }

  document(keys: number): string {
    return this.#map(0, 0, Math.max(1, keys)) + (this.#dice.chance(10) ? this.#comment(0) : '');
  }

  #map(indent: number, depth: number, size: number): string {
    const lines = Array.from({ length: size }, (_, index) => {
      const blank = this.#dice.chance(10) ? '\n' : '';
      return `${blank}${this.#comment(indent)}${' '.repeat(indent)}${this.#key(index)}:${this.#value(indent, depth)}`;
    });
    return lines.join('');
  }

  #list(indent: number, depth: number): string {
    this.#lists++;
    const lines = Array.from({ length: 1 + this.#dice.int(4) }, () => {
      const comment = this.#options.listComments ? this.#comment(indent) : '';
      return `${comment}${' '.repeat(indent)}-${this.#element(indent, depth)}`;
    });
    this.#lists--;
    return lines.join('');
  }

  /** What follows `key:`, its line break included. */
  #value(indent: number, depth: number): string {
    const kind = this.#dice.int(depth > 3 ? 8 : 12);
    if (kind < 6) return ` ${this.#scalar()}${this.#inline()}\n`;
    if (kind === 6) return this.#block(indent);
    if (kind === 7) return ` ${this.#flow(0)}\n`;
    if (kind < 10) return `\n${this.#map(indent + 2, depth + 1, 1 + this.#dice.int(4))}`;
    return `\n${this.#list(indent + this.#dice.pick([0, 2, 4]), depth + 1)}`;
  }

  #element(indent: number, depth: number): string {
    const kind = this.#dice.int(depth > 3 ? 7 : 10);
    if (kind < 5) return ` ${this.#scalar(true)}${this.#options.listComments ? this.#inline() : ''}\n`;
    if (kind === 5) return this.#block(indent);
    if (kind === 6) return ` ${this.#flow(0)}\n`;
    if (kind === 7) return `\n${this.#list(indent + 2, depth + 1)}`;
    const map = this.#map(indent + 2, depth + 1, 1 + this.#dice.int(3));
    return /^\s*[#\n]/.test(map) ? `\n${map}` : ` ${map.trimStart()}`;
  }

  #key(index: number): string {
    const name = `${this.#dice.text(KEYS, 2)}${index}${this.#dice.pick(KEY_MARKS)}`;
    if (this.#dice.chance(5)) return JSON.stringify(this.#text(8) + index);
    if (/^[a-zA-Zé語][a-zA-Z0-9é語_./ ]*$/.test(name)) return name;
    return this.#dice.chance(50) ? JSON.stringify(name) : `'${name}'`;
  }

  #scalar(inList = false): string {
    const kind = this.#dice.int(10);
    if (kind < 3) return this.#dice.pick(PLAIN);
    if (kind < 6) return this.#dice.pick(TYPED);
    if (kind === 6)
      return `'${this.#text(12)
        .replaceAll("'", "''")
        .replace(/[\u0085\u2028\n]/g, '')}'`;
    return this.#doubleQuoted(inList);
  }

  #doubleQuoted(inList: boolean): string {
    const text = this.#dice.text([...PIECES, '\n', '\r', '\u0001', '\u001b'], 12);
    // Stock sops loses a text that begins with a tab and holds a line break. Anywhere in a list it writes one that
    // begins with any blank so that it cannot be parsed.
    const lost =
      inList || this.#lists > 0
        ? /^\s[\s\S]*[\n\r\u0085\u2028]|^[\n\r\u0085\u2028]/
        : /^\t[\s\S]*[\n\r\u0085\u2028]/;
    return yamlQuote(lost.test(text) ? `x${text}` : text === '<<' ? 'x' : text);
  }

  /** Printable text of one line. */
  #text(longest: number): string {
    return this.#dice.text(PIECES, longest).replace(/[\t\u0085\u2028\ufeff\u007f]/g, '');
  }

  #block(indent: number): string {
    const inner = ' '.repeat(indent + 2);
    const header = this.#dice.pick(['|', '|-', '|+', '>', '>-', '|']);
    const lines = Array.from({ length: 1 + this.#dice.int(4) }, () => {
      const line = this.#dice.pick([
        'line',
        'more: text',
        '# no comment',
        '- item',
        'é 😀',
        '-----BEGIN KEY-----',
        'trailing ',
        'a\tb',
      ]);
      return this.#dice.chance(15) ? '\n' : `${inner}${line}\n`;
    });
    return ` ${header}\n${inner}first\n${lines.join('')}`;
  }

  #flow(depth: number): string {
    const kind = this.#dice.int(depth > 1 ? 1 : 3);
    const length = this.#dice.int(4);
    if (kind === 0)
      return this.#dice.pick(['x', '1', 'true', '"q, ]"', "'s'", 'null', '1.5', '[]', '{}', '2024-01-01']);
    if (kind === 1) return `[${Array.from({ length }, () => this.#flow(depth + 1)).join(', ')}]`;
    return `{${Array.from({ length }, (_, index) => `k${index}${this.#dice.pick(KEY_MARKS)}: ${this.#flow(depth + 1)}`).join(', ')}}`;
  }

  #comment(indent: number): string {
    if (!this.#options.comments || !this.#dice.chance(15)) return '';
    const lines = Array.from(
      { length: 1 + this.#dice.int(2) },
      () => `${' '.repeat(indent)}#${this.#commentText()}\n`,
    );
    return lines.join('');
  }

  #inline(): string {
    return this.#options.comments && this.#dice.chance(10) ? ` #${this.#commentText()}` : '';
  }

  #commentText(): string {
    return `${this.#dice.pick([' note', 'tight', ' key: value', ' é', ' [x]', ' # twice'])}${this.#dice.pick(COMMENT_MARKS)}`;
  }
}

function yamlQuote(text: string): string {
  // JSON is YAML, but for the characters that YAML takes for line breaks or refuses to hold raw.
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
