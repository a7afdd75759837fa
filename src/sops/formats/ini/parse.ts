import { SecretsError } from '../../../errors.ts';
import { looseText, nameOfLoose, scalarOfLoose } from '../../text.ts';
import { Comment, type Item, TreeMap } from '../../tree.ts';
import { byteLength, indexOfAny, trimSpace, trimStart } from './go-text.ts';
import { Lines } from './lines.ts';
import { readValue } from './value.ts';

export const DEFAULT_SECTION = 'DEFAULT';
export const DELIMITERS = '=:';

interface Key {
  value: string;
  comment: string;
  line: number;
}

interface Section {
  readonly name: string;
  readonly comment: string;
  readonly line: number;
  readonly keys: Map<string, Key>;
}

/**
 * Reads INI text to one item per section, the section `DEFAULT` first (gopkg.in/ini.v1 `parser.go`, with
 * sections that may repeat). A section comment is the first item inside; a key's comment follows the key.
 *
 * @throws SecretsError `BAD_DOCUMENT` with the line
 */
export function parseIni(bytes: Uint8Array): TreeMap {
  return new Parser(new Lines(looseText(withoutBom(bytes)))).document();
}

function withoutBom(bytes: Uint8Array): Uint8Array {
  const [first, second, third] = bytes;
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) return bytes.subarray(2);
  return first === 0xef && second === 0xbb && third === 0xbf ? bytes.subarray(3) : bytes;
}

class Parser {
  readonly #lines: Lines;
  /** Comment lines since the last key or header, with their line breaks. */
  #comment = '';
  /** Keys named `-` are numbered within their section. */
  #counter = 1;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  document(): TreeMap {
    let section = newSection(DEFAULT_SECTION, '', 1);
    const sections = [section];
    while (!this.#lines.ended) {
      const line = trimStart(this.#lines.next());
      if (line === '') continue;
      if (line.startsWith('#') || line.startsWith(';')) {
        this.#comment += line;
      } else if (line.startsWith('[')) {
        section = this.#header(line);
        sections.push(section);
      } else {
        this.#key(line, section);
      }
    }
    return new TreeMap(sections.map(sectionItem));
  }

  #header(line: string): Section {
    const end = line.lastIndexOf(']');
    if (end < 0) throw this.#error('a section header is not closed by ]');
    const name = line.slice(1, end);
    if (name === '') throw this.#error('a section has no name');
    const rest = line.slice(end + 1);
    const comment = indexOfAny(rest, '#;');
    if (comment >= 0) this.#comment += rest.slice(comment);
    this.#counter = 1;
    return newSection(name, this.#takeComment(), this.#lines.number);
  }

  #key(line: string, section: Section): void {
    const number = this.#lines.number;
    const { name, rest } = this.#keyName(line);
    const value = readValue(rest, this.#lines);
    this.#comment += value.comment;
    if (name === '') throw this.#error('a key has no name');
    const key = name === '-' ? `#${this.#counter++}` : name;
    // Of a key that stands twice, the first place and the last value and comment count.
    section.keys.set(key, { value: value.text, comment: this.#takeComment(), line: number });
  }

  #keyName(line: string): { readonly name: string; readonly rest: string } {
    const quote = keyQuote(line);
    if (quote === null) {
      const at = indexOfAny(line, DELIMITERS);
      if (at < 0) throw this.#error('the line is neither key = value, [section] nor a comment');
      return { name: trimSpace(line.slice(0, at)), rest: line.slice(at + 1) };
    }
    const end = line.indexOf(quote, quote.length);
    if (end < 0) throw this.#error('a quoted key is not closed');
    const behind = line.slice(end + quote.length);
    const at = indexOfAny(behind, DELIMITERS);
    if (at < 0) throw this.#error('a quoted key is not followed by = or :');
    return { name: trimSpace(line.slice(quote.length, end)), rest: behind.slice(at + 1) };
  }

  #takeComment(): string {
    const comment = trimSpace(this.#comment);
    this.#comment = '';
    return comment;
  }

  #error(message: string): SecretsError {
    return new SecretsError('BAD_DOCUMENT', message, { line: this.#lines.number });
  }
}

function newSection(name: string, comment: string, line: number): Section {
  return { name, comment, line, keys: new Map() };
}

function keyQuote(line: string): string | null {
  if (line.startsWith('"""') && byteLength(line) > 6) return '"""';
  return line.startsWith('"') ? '"' : line.startsWith('`') ? '`' : null;
}

function sectionItem({ name, comment, line, keys }: Section): Item {
  const items: Item[] = commentItems(comment, line);
  for (const [key, { value, comment: own, line: at }] of keys) {
    items.push({ key: nameOfLoose(key, 'a key', at), value: scalarOfLoose(value) }, ...commentItems(own, at));
  }
  return { key: nameOfLoose(name, 'the name of a section', line), value: new TreeMap(items) };
}

/** Of a block of comment lines only the first loses its marks (`stores/ini/store.go`, stripCommentChar). */
function commentItems(comment: string, line: number): Item[] {
  if (comment === '') return [];
  const marks = comment.startsWith(';') ? /^[; ]+/ : comment.startsWith('#') ? /^[# ]+/ : /^(?!)/;
  return [{ key: new Comment(nameOfLoose(comment.replace(marks, ''), 'a comment', line)), value: null }];
}
