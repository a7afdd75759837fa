import { isMap, isScalar, type Node, type Pair } from 'yaml';
import type { ConfigText } from './config-text.ts';
import { type Bounds, withoutFlowItem, withoutLines } from './flow-splices.ts';
import type { Splice } from './splice.ts';
import {
  type Collection,
  columnOf,
  endOfColon,
  endOfContent,
  endOfLine,
  isFlow,
  startOfItem,
  startOfLine,
} from './splice.ts';

/** Takes an entry out of a section that is a map; `null` where it has none of that name. */
export function withoutEntry(config: ConfigText, sectionName: string, name: string): Splice | null {
  const section = config.section(sectionName);
  const map = section?.value ?? null;
  if (section === null || !isMap(map)) return null;
  const pairs = map.items as Pair<Node, Node | null>[];
  const index = pairs.findIndex(({ key }) => isScalar(key) && String(key.value) === name);
  if (index < 0) return null;
  const list = map as Collection;
  if (!isFlow(list) && pairs.length === 1) return emptied(config, section.key, list);
  return withoutPair(config, list, index);
}

/**
 * Takes an entry out of a map.
 *
 * @throws SecretsError `BAD_INVENTORY` where the entry shares its line with something else
 */
export function withoutPair(config: ConfigText, map: Collection, index: number): Splice {
  const { text } = config;
  const bounds = map.items.map((_, at) => boundsOfPair(text, map, at));
  if (isFlow(map)) return withoutFlowItem(text, bounds, index);
  const { start, end } = bounds[index] ?? { start: 0, end: 0 };
  if (text.slice(startOfLine(text, start), start).trim() !== '')
    throw config.notEditable('a map begins within a line');
  return withoutLines(text, start, end);
}

/** Puts an entry behind another one of a map, in its style. */
export function pairAfter(config: ConfigText, map: Collection, index: number, entry: string): Splice {
  const { start, end } = boundsOfPair(config.text, map, index);
  if (isFlow(map)) return { from: end, to: end, insert: `, ${entry}` };
  const at = endOfLine(config.text, end);
  const column = columnOf(config.text, start);
  return { from: at, to: at, insert: `${config.eol}${' '.repeat(column)}${entry}` };
}

function boundsOfPair(text: string, map: Collection, index: number): Bounds {
  const pair = map.items[index] as Pair<Node, Node | null>;
  const end = endOfContent(text, pair.value ?? pair.key);
  return { start: startOfItem(map, index), end: Math.max(end, endOfColon(map, index) ?? 0) };
}

/** `hosts:` that has lost its last entry says so: absent, every key would be taken for a host. */
function emptied(config: ConfigText, key: Node, list: Collection): Splice {
  const { end } = boundsOfPair(config.text, list, 0);
  const colon = config.text.indexOf(':', endOfContent(config.text, key)) + 1;
  const rest = config.text.slice(colon, startOfItem(list, 0));
  return { from: colon, to: end, insert: rest.includes('#') ? ` {}${rest.trimEnd()}` : ' {}' };
}
