import { isMap, isScalar, type Node, type Pair } from 'yaml';
import type { ConfigText } from './config-text.ts';
import type { Splice } from './list-splices.ts';
import { type Collection, endOfContent, isFlow, nextLine, startOfItem, startOfLine } from './splice.ts';

/** Takes an entry out of a section that is a map; `null` where it has none of that name. */
export function withoutEntry(config: ConfigText, sectionName: string, name: string): Splice | null {
  const section = config.section(sectionName);
  const map = section?.value ?? null;
  if (section === null || !isMap(map)) return null;
  const pairs = map.items as Pair<Node, Node | null>[];
  const index = pairs.findIndex(({ key }) => isScalar(key) && String(key.value) === name);
  const pair = pairs[index];
  if (pair === undefined) return null;
  const list = map as Collection;
  const end = endOfPair(config, pair);
  const start = startOfItem(list, index);
  if (!isFlow(list)) {
    if (pairs.length === 1) return emptied(config, section.key, list, end);
    return { from: startOfLine(config.text, start), to: nextLine(config.text, end), insert: '' };
  }
  if (index + 1 < pairs.length) return { from: start, to: startOfItem(list, index + 1), insert: '' };
  const before = pairs[index - 1];
  return { from: before === undefined ? start : endOfPair(config, before), to: end, insert: '' };
}

function endOfPair(config: ConfigText, pair: Pair<Node, Node | null>): number {
  return endOfContent(config.text, pair.value ?? pair.key);
}

/** `hosts:` that has lost its last entry says so: absent, every key would be taken for a host. */
function emptied(config: ConfigText, key: Node, list: Collection, end: number): Splice {
  const colon = config.text.indexOf(':', endOfContent(config.text, key)) + 1;
  const rest = config.text.slice(colon, startOfItem(list, 0));
  return { from: colon, to: end, insert: rest.includes('#') ? ` {}${rest.trimEnd()}` : ' {}' };
}
