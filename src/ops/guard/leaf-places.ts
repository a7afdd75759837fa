import { SecretsError } from '../../errors.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import type { YamlNode } from '../../sops/formats/yaml/nodes.ts';
import { looseText } from '../../sops/text.ts';
import type { SelectedLeaf } from './leaf-flaws.ts';

/** From 1, in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const NOWHERE: Place = { line: 1, column: 1 };
const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Where leaves stand in the text of a file. Leaves are counted as the walk over the tree counts them: values but nulls,
 * in the order of the text, metadata left out.
 */
export async function leafPlaces(
  bytes: Uint8Array,
  format: FormatName,
  leaves: readonly SelectedLeaf[],
): Promise<Place[]> {
  if (leaves.length === 0) return [];
  const text = looseText(bytes);
  const values = await valuePlaces(bytes, text, format);
  const comments = leaves.some(({ place }) => typeof place === 'string') ? text.split('\n') : [];
  return leaves.map(({ place }) =>
    typeof place === 'number' ? (values[place] ?? NOWHERE) : commentPlace(comments, place),
  );
}

async function valuePlaces(bytes: Uint8Array, text: string, format: FormatName): Promise<Place[]> {
  switch (format) {
    case 'yaml':
      return yamlPlaces(bytes);
    case 'json':
    case 'binary':
      return jsonPlaces(text);
    case 'dotenv':
      return linePlaces(text, line => line !== '' && !/^(#|sops_)/.test(line));
    case 'ini':
      return linePlaces(text.replace(/^\[sops\][\s\S]*/m, ''), line => !/^\s*($|[;#[])/.test(line));
  }
}

async function yamlPlaces(bytes: Uint8Array): Promise<Place[]> {
  const { Parser } = await import('../../sops/formats/yaml/parser.ts');
  const { sourceText } = await import('../../sops/formats/yaml/source.ts');
  const { isNull } = await import('../../sops/formats/yaml/resolve.ts');
  const offsets: number[] = [];
  const visit = (node: YamlNode, at: YamlNode, isTop: boolean): void => {
    if (node.kind === 'alias') visit(node.target, at, isTop);
    else if (node.kind === 'list')
      for (const child of node.children) visit(child, at === node ? child : at, false);
    else if (node.kind === 'scalar') {
      if (!isNull(node)) offsets.push(at.start.index);
    } else {
      for (let i = 0; i + 1 < node.children.length; i += 2) {
        const [key, value] = [node.children[i], node.children[i + 1]];
        if (key === undefined || value === undefined) continue;
        if (isTop && key.kind === 'scalar' && key.text === 'sops') continue;
        visit(value, at === node ? value : at, false);
      }
    }
  };
  const text = sourceText(bytes);
  try {
    const parser = new Parser(text, { asWritten: true });
    for (let document = parser.next(); document !== null; document = parser.next())
      visit(document.root, document.root, true);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
  }
  return characterPlaces(text, offsets);
}

/**
 * Lines as an editor counts them: YAML itself ends one at more characters than the line feed.
 *
 * @param offsets in characters
 */
function characterPlaces(text: string, offsets: readonly number[]): Place[] {
  const wanted = new Map<number, Place>(offsets.map(offset => [offset, NOWHERE]));
  let [index, line, column] = [0, 1, 1];
  for (const character of text) {
    if (wanted.has(index)) wanted.set(index, { line, column });
    if (character === '\n') [line, column] = [line + 1, 0];
    column++;
    index++;
  }
  return offsets.map(offset => wanted.get(offset) ?? NOWHERE);
}

function jsonPlaces(text: string): Place[] {
  const places: Place[] = [];
  const lines = new LineCounter(text);
  let depth = 0;
  let metadataFrom: number | null = null;
  let isOfMetadata = false;
  for (const match of text.matchAll(JSON_TOKEN)) {
    const [token] = match;
    if (token === '{' || token === '[') {
      depth++;
      if (isOfMetadata && metadataFrom === null) metadataFrom = depth;
      isOfMetadata = false;
    } else if (token === '}' || token === ']') {
      if (metadataFrom === depth) metadataFrom = null;
      depth--;
    } else if (token !== ',' && token !== ':' && token !== 'null' && metadataFrom === null) {
      if (isKey(text, match.index + token.length)) isOfMetadata = depth === 1 && token === '"sops"';
      else places.push(lines.at(match.index));
    }
  }
  return places;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text[at] ?? '')) at++;
  return text[at] === ':';
}

function linePlaces(text: string, counts: (line: string) => boolean): Place[] {
  return text.split('\n').flatMap((line, index) => {
    const value = line.search(/[=:]/) + 1;
    return counts(line) ? [{ line: index + 1, column: value + 1 + leadingBlanks(line, value) }] : [];
  });
}

function leadingBlanks(line: string, from: number): number {
  return line.length - from - line.slice(from).trimStart().length;
}

function commentPlace(lines: readonly string[], text: string): Place {
  const [first = ''] = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const column = line.indexOf(first);
    if (column > 0 && /[#;]/.test(line.slice(0, column))) return { line: index + 1, column: column + 1 };
  }
  return NOWHERE;
}

/** Lines of offsets that only rise. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #start = 0;
  #end: number;

  constructor(text: string) {
    this.#text = text;
    this.#end = this.#endFrom(0);
  }

  at(offset: number): Place {
    while (this.#end < offset) {
      this.#line++;
      this.#start = this.#end + 1;
      this.#end = this.#endFrom(this.#start);
    }
    return { line: this.#line, column: offset - this.#start + 1 };
  }

  #endFrom(start: number): number {
    const end = this.#text.indexOf('\n', start);
    return end < 0 ? Number.POSITIVE_INFINITY : end;
  }
}
