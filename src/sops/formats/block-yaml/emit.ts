import { positional } from '../../numbers.ts';
import { Comment, Float, type Item, Time, TreeList, TreeMap, type Value } from '../../tree.ts';
import { flowScalar, literalBlock } from './scalar.ts';
import { styleOf } from './style.ts';

/** go-yaml writes longer keys in the explicit form. */
const LONGEST_SIMPLE_KEY = 128;

/** Documents as go-yaml writes them, `---` between them. */
export function emitDocuments(documents: readonly TreeMap[], step: number): string {
  return documents.map(document => emitDocument(document, step)).join('---\n');
}

function emitDocument(document: TreeMap, step: number): string {
  const body = new Emitter(step).document(document);
  return body;
}

/** One value as a document of its own. */
export function emitNode(value: Value | null, step: number): string {
  if (value instanceof TreeMap) return emitDocument(value, step);
  if (value instanceof TreeList) {
    const lines = new Emitter(step).list(value, 0);
    return lines.length === 0 ? '[]\n' : `${lines.join('\n')}\n`;
  }
  return `${new Emitter(step).scalar(value, 0)}\n`;
}

class Emitter {
  readonly #step: number;

  constructor(step: number) {
    this.#step = step;
  }

  document(map: TreeMap): string {
    const lines = this.map(map, 0);
    const hasKeys = map.items.some(item => typeof item.key === 'string');
    if (!hasKeys) lines.push('{}');
    return `${lines.join('\n')}\n`;
  }

  /** The lines of a block map; each begins with its indent. */
  map(map: TreeMap, column: number): string[] {
    const pad = ' '.repeat(column);
    const lines: string[] = [];
    let inline: Comment[] = [];
    for (const { key, value } of map.items) {
      if (key instanceof Comment) {
        if (key.inline) inline.push(key);
        else lines.push(...commentLines(key, pad));
        continue;
      }
      lines.push(...this.#entry({ key, value }, column, inline));
      inline = [];
    }
    return [...lines, ...inline.flatMap(comment => commentLines(comment, pad))];
  }

  #entry({ key, value }: Item, column: number, inline: readonly Comment[]): string[] {
    const pad = ' '.repeat(column);
    const text = typeof key === 'string' ? key : '';
    const simple = Buffer.byteLength(text) <= LONGEST_SIMPLE_KEY && !text.includes('\n');
    if (simple) {
      const quoted = text === '<<' ? '!!merge <<' : flowScalar(text);
      return this.#value(`${pad}${quoted}:`, value, column, inline);
    }
    const keyText =
      styleOf(text, true) === 'literal'
        ? literalBlock(text, column + this.#next(column) - column, this.#step)
        : flowScalar(text);
    return [`${pad}? ${keyText}`, ...this.#value(`${pad}:`, value, column, inline)];
  }

  /** What stands behind `key:` or `-`. */
  #value(head: string, value: Value | null, column: number, inline: readonly Comment[]): string[] {
    const next = this.#next(column);
    const above = value instanceof TreeMap || value instanceof TreeList ? inline : inline.slice(1);
    const before = above.flatMap(comment => commentLines(comment, ' '.repeat(column)));
    const tail = above.length === inline.length ? '' : ` ${hash(inline[0])}`;
    if (value instanceof TreeMap) {
      if (isEmpty(value.items)) return [...before, ...this.map(value, column), `${head} {}`];
      return [...before, head, ...this.map(value, next)];
    }
    if (value instanceof TreeList) {
      if (value.elements.length === 0) return [...before, `${head} []`];
      return [...before, head, ...this.list(value, next)];
    }
    const text = this.scalar(value, next);
    return [
      ...before,
      text.startsWith('|') && tail !== ''
        ? text.replace('\n', `${tail}\n`).replace(/^/, `${head} `)
        : `${head} ${text}${tail}`,
    ];
  }

  list(list: TreeList, column: number): string[] {
    const pad = ' '.repeat(column);
    const lines: string[] = [];
    let inline: Comment[] = [];
    for (const element of list.elements) {
      if (element instanceof Comment) {
        if (element.inline) inline.push(element);
        else lines.push(...commentLines(element, pad));
        continue;
      }
      lines.push(...this.#element(element, column, inline));
      inline = [];
    }
    return [...lines, ...inline.flatMap(comment => commentLines(comment, pad))];
  }

  /** Directly inside `- ` the next level is two columns further, whatever the indent is. */
  #element(element: Value | null, column: number, inline: readonly Comment[]): string[] {
    const pad = ' '.repeat(column);
    const inner = column + 2;
    if (element instanceof TreeMap && !isEmpty(element.items))
      return this.#behindDash(this.map(element, inner), pad, inner);
    if (element instanceof TreeList && element.elements.length > 0)
      return this.#behindDash(this.list(element, inner), pad, inner);
    if (element instanceof TreeMap) return [`${pad}- {}`];
    if (element instanceof TreeList) return [`${pad}- []`];
    const tail = inline[0] === undefined ? '' : ` ${hash(inline[0])}`;
    return [`${pad}- ${this.scalar(element, inner)}${tail}`];
  }

  /** The first line that is no comment takes the dash; comments before it stand above. */
  #behindDash(lines: readonly string[], pad: string, inner: number): string[] {
    const first = lines.findIndex(line => !line.startsWith(`${' '.repeat(inner)}#`));
    const above = lines.slice(0, first).map(line => pad + line.slice(inner));
    const [head = '', ...rest] = lines.slice(first);
    return [...above, `${pad}- ${head.slice(inner)}`, ...rest];
  }

  scalar(value: Value | null, column: number): string {
    if (value === null) return 'null';
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
    if (value instanceof Float) return floatText(value.value);
    if (value instanceof Time) return value.text;
    if (value instanceof Uint8Array) return `!!binary ${Buffer.from(value).toString('base64')}`;
    if (typeof value !== 'string') return '';
    if (value === '<<') return '!!merge <<';
    return styleOf(value, true) === 'literal' ? literalBlock(value, column, this.#step) : flowScalar(value);
  }

  /** Every level rounds up to the next multiple of the indent. */
  #next(column: number): number {
    return (Math.floor(column / this.#step) + 1) * this.#step;
  }
}

function isEmpty(items: readonly Item[]): boolean {
  return !items.some(item => typeof item.key === 'string');
}

function commentLines(comment: Comment, pad: string): string[] {
  return comment.text.split('\n').map(line => `${pad}#${line}`);
}

function hash(comment: Comment | undefined): string {
  return comment === undefined ? '' : `#${comment.text.replaceAll('\n', ' ')}`;
}

/** Go's `%g` with the shortest digits: scientific for exponents below -4 and from 21 on. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return positional(value);
  const sign = value < 0 ? '-' : '';
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
