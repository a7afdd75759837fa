import { type Node, Scalar } from 'yaml';
import type { Splice } from './splice.ts';

/** One public key in a scalar that holds several, with commas between. */
interface KeyToken {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** The keys of a scalar in any of YAML's styles; empty where escapes stand in it. */
export function keyTokens(text: string, node: Node): KeyToken[] {
  const [from, to] = contentRange(text, node);
  const source = text.slice(from, to);
  if (source.includes('\\')) return [];
  const tokens: KeyToken[] = [];
  let at = from;
  for (const part of source.split(',')) {
    const key = part.trim();
    const start = at + part.length - part.trimStart().length;
    if (key !== '') tokens.push({ key: key.replaceAll(/\s+/g, ' '), from: start, to: start + key.length });
    at += part.length + 1;
  }
  return tokens;
}

/** Without quotes, and without the header of a block scalar. */
function contentRange(text: string, node: Node): [number, number] {
  const [start = 0, end = 0] = node.range ?? [];
  const stop = start + text.slice(start, end).trimEnd().length;
  const type = node instanceof Scalar ? node.type : undefined;
  if (type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE) return [start + 1, stop - 1];
  if (type !== Scalar.BLOCK_FOLDED && type !== Scalar.BLOCK_LITERAL) return [start, stop];
  const line = text.indexOf('\n', start);
  return line < 0 || line >= stop ? [stop, stop] : [line + 1, stop];
}

/** Puts a key behind another one, parted from it as the others are. */
export function keyAfter(text: string, tokens: readonly KeyToken[], index: number, key: string): Splice {
  const token = tokens[index];
  const at = token?.to ?? 0;
  const other = tokens[index + 1] ?? token;
  const former = tokens[index + 1] === undefined ? tokens[index - 1] : token;
  const between = other === undefined || former === undefined ? ',' : text.slice(former.to, other.from);
  return { from: at, to: at, insert: (/^\s*,\s*$/.test(between) ? between : ',') + key };
}

/** Takes a key out of a scalar that has others. */
export function withoutKeyToken(tokens: readonly KeyToken[], index: number): Splice {
  const token = tokens[index];
  const former = tokens[index - 1];
  const next = tokens[index + 1];
  if (former !== undefined) return { from: former.to, to: token?.to ?? former.to, insert: '' };
  return { from: token?.from ?? 0, to: next?.from ?? token?.to ?? 0, insert: '' };
}
