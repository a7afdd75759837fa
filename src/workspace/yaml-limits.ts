import { Lexer } from 'yaml';
import { SecretsError } from '../errors.ts';

/** A real file with dozens of machines and post-quantum keys has a few hundred kilobytes. */
const LONGEST_TEXT = 4 * 1024 * 1024;
/** A fleet of a thousand machines with ten thousand secrets has less than a third of it. */
const MOST_TOKENS = 1_000_000;
const DEEPEST_FLOW = 100;
const WIDEST_INDENT = 400;

/** What the lexer puts before a plain or block scalar, so that its text is not taken for punctuation. */
const SCALAR_FOLLOWS = '\u001f';
const DOCUMENT_BEGINS = '\u0002';
const BYTE_ORDER_MARK = '\ufeff';
/** Tokens that make no document: blanks, comments, directives, the mark that ends a document. */
const FILLING = /^([ \t\r\n\ufeff]*|[#%].*|\.\.\.)$/;

/**
 * Refuses what the recursive parser must not be given: it would run out of stack, and V8 may abort the whole
 * process rather than throw. Linear, by the tokens alone.
 *
 * @returns how many YAML documents the text holds
 * @throws SecretsError `BAD_INVENTORY`
 */
export function refuseUnboundedText(text: string, file: string): number {
  if (text.length > LONGEST_TEXT)
    throw new SecretsError('BAD_INVENTORY', 'it is larger than 4 MiB', { file });
  const depth = new Depth();
  let documents = 1;
  let tokens = 0;
  let content = false;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > MOST_TOKENS) throw tooMuch(file);
    if (!scalar && (token === DOCUMENT_BEGINS || token === '---')) {
      if (content) documents++;
      content = false;
    } else if (!FILLING.test(token)) {
      content = true;
    }
    if (!scalar) depth.take(token);
    depth.line += newlines(token);
    scalar = token === SCALAR_FOLLOWS;
    if (depth.tooDeep) {
      throw new SecretsError('BAD_INVENTORY', 'it is nested too deeply', { file, line: depth.line });
    }
  }
  return documents;
}

function tooMuch(file: string): SecretsError {
  return new SecretsError('BAD_INVENTORY', 'it holds more than any fleet needs: a million pieces of YAML', {
    file,
  });
}

/** How deep the brackets and the indentation go at a token. */
class Depth {
  line = 1;
  #flow = 0;
  /** Columns that indentation and `- `, `? `, `: ` of the current line have taken. */
  #indent = 0;
  #lineStart = true;

  get tooDeep(): boolean {
    return this.#flow > DEEPEST_FLOW || this.#indent > WIDEST_INDENT;
  }

  take(token: string): void {
    if (token === '[' || token === '{') this.#flow++;
    else if (token === ']' || token === '}') this.#flow = Math.max(0, this.#flow - 1);
    if (token === '\n' || token === '\r\n') {
      this.#indent = 0;
      this.#lineStart = true;
    } else if (token === DOCUMENT_BEGINS || token === BYTE_ORDER_MARK) {
      this.#lineStart = true;
    } else if (/^[ \t]+$/.test(token) || token === '-' || token === '?' || token === ':') {
      if (this.#lineStart) this.#indent += token.length;
    } else {
      this.#lineStart = false;
    }
  }
}

function newlines(token: string): number {
  let count = 0;
  for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) count++;
  return count;
}
