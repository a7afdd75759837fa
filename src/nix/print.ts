import { SecretsError } from '../errors.ts';

/**
 * The Nix expressions that an emitted module consists of. `path` holds text that is a legal path literal
 * already; `call` is a function applied to an attribute set; `join` is `path + "text"`.
 */
export type NixExpr =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'join'; readonly path: string; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly NixExpr[] }
  | { readonly kind: 'attrs'; readonly entries: readonly NixEntry[] }
  | { readonly kind: 'call'; readonly name: string; readonly entries: readonly NixEntry[] };

/** `a.b.c = value;` */
export type NixEntry = readonly [name: readonly string[], value: NixExpr];

/** The width that nixfmt breaks lines at. */
const WIDTH = 100;

const BARE_NAME = /^[a-zA-Z_][a-zA-Z0-9_'-]*$/;
const KEYWORDS = new Set(['if', 'then', 'else', 'assert', 'with', 'let', 'in', 'rec', 'inherit', 'or']);
const ESCAPED = /[\\"\n\r\t]|\$(?=\{)/g;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A Nix string literal, always in double quotes: an indented string would lose leading blanks and cannot end
 * in a single quote. A raw CR would be read as LF, so control characters that have an escape get it.
 *
 * @throws SecretsError `BAD_OPTION` for a NUL or half of a surrogate pair, which no Nix string can hold
 */
export function printString(text: string): string {
  if (text.includes('\0'))
    throw new SecretsError('BAD_OPTION', 'text that holds a NUL cannot be written in Nix');
  if (!isWellFormed(text)) {
    throw new SecretsError('BAD_OPTION', 'text that is not valid Unicode cannot be written in Nix');
  }
  return `"${text.replace(ESCAPED, found => ESCAPES[found] ?? `\\${found}`)}"`;
}

/** A method of strings that the library types of es2023 do not know yet. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/**
 * One attribute name, bare where Nix allows it and quoted otherwise.
 *
 * @throws SecretsError as {@link printString}
 */
export function printAttrName(name: string): string {
  return BARE_NAME.test(name) && !KEYWORDS.has(name) ? name : printString(name);
}

/** `a.b."c/d"` */
export function printAttrPath(names: readonly string[]): string {
  return names.map(printAttrName).join('.');
}

/**
 * An expression as nixfmt lays it out: sets that hold something and lists of two or more are broken into
 * lines, a list of one stays on its line where it fits, strings and paths are never broken.
 *
 * @param indent how deep the line is indented on which the expression begins
 * @param column how many columns of that line are taken, the semicolon that follows included
 * @throws SecretsError as {@link printString}
 */
export function printExpr(expr: NixExpr, indent = 0, column = indent): string {
  switch (expr.kind) {
    case 'string':
      return printString(expr.text);
    case 'bool':
      return String(expr.value);
    case 'path':
      return expr.text;
    case 'join':
      return `${expr.path} + ${printString(expr.text)}`;
    case 'list':
      return printList(expr.items, indent, column);
    case 'attrs':
      return printSet(expr.entries, indent);
    case 'call':
      return `${expr.name} ${printSet(expr.entries, indent)}`;
  }
}

function printList(items: readonly NixExpr[], indent: number, column: number): string {
  const [first] = items;
  if (first === undefined) return '[ ]';
  const single = `[ ${printItem(first, indent)} ]`;
  if (items.length === 1 && !single.includes('\n') && column + columns(single) <= WIDTH) return single;
  const lines = items.map(item => `${blanks(indent + 2)}${printItem(item, indent + 2)}\n`);
  return `[\n${lines.join('')}${blanks(indent)}]`;
}

/** What is more than one term needs parentheses among the elements of a list. */
function printItem(item: NixExpr, indent: number): string {
  const text = printExpr(item, indent);
  return item.kind === 'join' || item.kind === 'call' ? `(${text})` : text;
}

function printSet(entries: readonly NixEntry[], indent: number): string {
  if (entries.length === 0) return '{ }';
  return `{\n${printEntries(entries, indent + 2)}${blanks(indent)}}`;
}

/** The lines of a set without its braces. */
export function printEntries(entries: readonly NixEntry[], indent: number): string {
  return entries.map(([path, value]) => `${blanks(indent)}${printEntry(path, value, indent)}\n`).join('');
}

function printEntry(path: readonly string[], value: NixExpr, indent: number): string {
  const start = `${printAttrPath(path)} =`;
  const text = printExpr(value, indent, indent + columns(start) + 2);
  const line = `${start} ${text};`;
  // an operator is the one thing here that nixfmt moves to a line of its own
  if (value.kind !== 'join' || indent + columns(line) <= WIDTH) return line;
  const inner = blanks(indent + 2);
  if (indent + 2 + columns(text) + 1 <= WIDTH) return `${start}\n${inner}${text};`;
  return `${start}\n${inner}${value.path}\n${inner}+ ${printString(value.text)};`;
}

/** nixfmt counts characters, not UTF-16 units. */
function columns(text: string): number {
  return [...text].length;
}

function blanks(count: number): string {
  return ' '.repeat(count);
}
