import { isMap } from 'yaml';
import { type ConfigText, collectionOf, type Section } from './config-text.ts';
import {
  type Collection,
  columnOf,
  endOfColon,
  endOfContent,
  endOfLine,
  isFlow,
  lineAt,
  nextLine,
  splice,
  startOfItem,
  startOfLine,
} from './splice.ts';

/** The sections in the order in which a fresh file has them; an anchor has to stand above its uses. */
const ORDER = ['keys', 'admins', 'hosts', 'groups', 'secrets', 'creation_rules'] as const;

export type SectionName = (typeof ORDER)[number];

/** What is put into a section: the text of a value, for a list of one line each, in both styles. */
export interface NewItem {
  /** Lines of the item without indentation; the first begins with the dash or the key. */
  readonly block: readonly string[];
  /** The item between brackets. */
  readonly flow: string;
}

/**
 * The text with one more item at the end of a section, which is made where it is missing.
 *
 * @param indent spaces before the item in a section that has none yet
 */
export function appendToSection(
  config: ConfigText,
  name: SectionName,
  item: NewItem,
  indent: number,
): string {
  const section = config.section(name);
  if (section === null) return insertSection(config, name, [`${name}:`, ...indented(item.block, indent)]);
  const collection = collectionOf(config, section, name);
  if (collection === null || collection.items.length === 0)
    return fillSection(config, section, collection, item, indent);
  return appendItem(config, collection, item);
}

/** The text with one more item at the end of a list or map that has some. */
export function appendItem(config: ConfigText, collection: Collection, item: NewItem): string {
  const { text, eol } = config;
  if (isFlow(collection)) {
    const [start = 0] = collection.range ?? [];
    if (collection.items.length === 0) return splice(text, start + 1, start + 1, item.flow);
    const end = endOfLastItem(text, collection);
    return splice(text, end, end, `, ${item.flow}`);
  }
  const column = columnOf(text, startOfItem(collection, 0));
  const end = endOfLine(text, endOfContent(text, collection));
  return splice(
    text,
    end,
    end,
    indented(item.block, column)
      .map(line => eol + line)
      .join(''),
  );
}

/** The text with an item before another one of a list, above the comments that belong to that one. */
export function insertItem(
  config: ConfigText,
  list: Collection,
  index: number,
  item: NewItem,
  blank: boolean,
): string {
  const { text, eol } = config;
  const start = startOfItem(list, index);
  if (isFlow(list)) return splice(text, start, start, `${item.flow}, `);
  const column = columnOf(text, start);
  if (text.slice(startOfLine(text, start), start).trim() !== '')
    throw config.notEditable('a list begins within a line');
  const at = aboveComments(text, startOfLine(text, start));
  const lines = indented(item.block, column)
    .map(line => line + eol)
    .join('');
  return splice(text, at, at, lines + (blank ? eol : ''));
}

/** Offset behind the last value of a bracketed list or map. */
function endOfLastItem(text: string, collection: Collection): number {
  const last = collection.items.length - 1;
  const item = isMap(collection)
    ? (collection.items[last]?.value ?? collection.items[last]?.key)
    : collection.items[last];
  const end = item === null || item === undefined ? 0 : endOfContent(text, item);
  return Math.max(end, endOfColon(collection, last) ?? 0);
}

/** A section whose value is null, `[]` or `{}`. */
function fillSection(
  config: ConfigText,
  section: Section,
  empty: Collection | null,
  item: NewItem,
  indent: number,
): string {
  const { text, eol, root } = config;
  const colon = root === null ? null : endOfColon(root, section.index);
  if (colon === null) throw config.notEditable('a key at the top level has no colon');
  const lines = indented(item.block, indent)
    .map(line => eol + line)
    .join('');
  const [, emptyEnd = colon] = empty?.range ?? [];
  const kept = text.slice(0, colon) + text.slice(emptyEnd);
  if (empty !== null && text.slice(colon, emptyEnd).includes('\n'))
    throw config.notEditable('empty brackets on several lines');
  const end = endOfLine(kept, colon);
  return splice(kept, end, end, lines);
}

/** The text with a section that it lacks, at its place in the order. */
export function insertSection(config: ConfigText, name: SectionName, lines: readonly string[]): string {
  const { text, eol, root } = config;
  if (root === null || root.items.length === 0) {
    const separator = text === '' || text.endsWith('\n') ? '' : eol;
    return text + separator + lines.map(line => line + eol).join('');
  }
  const index = ORDER.indexOf(name);
  const before = ORDER.slice(0, index).findLast(other => config.section(other) !== null);
  if (before !== undefined) return sectionAfter(config, config.section(before), lines);
  if (name === 'keys') return sectionBefore(config, 0, lines);
  const after = ORDER.slice(index + 1).find(other => config.section(other) !== null);
  const next = after === undefined ? null : config.section(after);
  return next === null
    ? sectionAfter(config, lastSection(config), lines)
    : sectionBefore(config, next.index, lines);
}

function lastSection(config: ConfigText): Section | null {
  const index = (config.root?.items.length ?? 0) - 1;
  const pair = isMap(config.root) ? config.root.items[index] : undefined;
  return pair === undefined ? null : { index, key: pair.key, value: pair.value };
}

function sectionAfter(config: ConfigText, section: Section | null, lines: readonly string[]): string {
  const { text, eol, root } = config;
  if (section === null || root === null) throw config.notEditable('it has no section');
  const content = Math.max(
    endOfContent(text, section.value ?? section.key),
    endOfColon(root, section.index) ?? 0,
  );
  const end = pastIndentedComments(text, endOfLine(text, content));
  const following = lineAt(text, nextLine(text, end));
  const dense = nextLine(text, end) < text.length && following.trim() !== '';
  const gap = dense ? eol : eol + eol;
  return splice(text, end, end, gap + lines.join(eol));
}

function sectionBefore(config: ConfigText, index: number, lines: readonly string[]): string {
  const { text, eol, root } = config;
  const start = startOfLine(text, root === null ? 0 : startOfItem(root, index));
  if (root !== null && start !== startOfItem(root, index))
    throw config.notEditable('its first key stands within a line');
  const above = aboveComments(text, start);
  // comments at the very top are about the file, not about its first key
  const at = text.slice(0, above).replace('\ufeff', '').trim() === '' ? start : above;
  return splice(text, at, at, lines.map(line => line + eol).join('') + eol);
}

/** Start of the comment lines that stand directly above a line. */
function aboveComments(text: string, start: number): number {
  let at = start;
  while (at > 0) {
    const previous = startOfLine(text, at - 1);
    if (previous >= at || !/^[ \t]*#/.test(lineAt(text, previous))) break;
    at = previous;
  }
  return at;
}

/** End of the last of the indented comment lines that follow a line: they belong to the section above them. */
function pastIndentedComments(text: string, end: number): number {
  let at = end;
  for (;;) {
    const next = nextLine(text, at);
    if (next >= text.length || !/^[ \t]+#/.test(lineAt(text, next))) return at;
    at = endOfLine(text, next);
  }
}

function indented(lines: readonly string[], columns: number): string[] {
  return lines.map(line => (line === '' ? '' : ' '.repeat(columns) + line));
}
