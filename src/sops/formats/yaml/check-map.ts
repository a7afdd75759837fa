import { badDocument } from './failure.ts';
import type { CollectionNode, YamlNode } from './nodes.ts';
import { isMergeKey } from './resolve.ts';

/**
 * What sops checks in its first document by decoding it once more: no key twice, and only maps behind `<<`.
 *
 * @throws SecretsError `BAD_DOCUMENT` with the line of the second key
 */
export function checkMap(map: CollectionNode): void {
  const lines = new Map<string, number>();
  for (let i = 0; i + 1 < map.children.length; i += 2) {
    const key = map.children[i];
    const value = map.children[i + 1];
    if (key === undefined || value === undefined || (key.kind !== 'scalar' && key.kind !== 'alias')) continue;
    const name = key.kind === 'scalar' ? `s${key.text}` : `a${key.name}`;
    const line = lines.get(name);
    if (line !== undefined)
      throw badDocument(`a key stands twice in one map, first in line ${line + 1}`, key.start);
    lines.set(name, key.start.line);
    if (key.kind === 'scalar' && isMergeKey(key) && !isMergeable(value))
      throw badDocument('only a map or a list of maps can stand behind <<', value.start);
  }
}

function isMergeable(value: YamlNode): boolean {
  return value.kind === 'list' ? value.children.every(isMap) : isMap(value);
}

function isMap(node: YamlNode): boolean {
  return node.kind === 'map' || (node.kind === 'alias' && node.target.kind === 'map');
}
