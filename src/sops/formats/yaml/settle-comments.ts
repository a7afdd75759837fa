import type { CollectionNode } from './nodes.ts';

/**
 * Moves foot comments to the keys that they follow (`decode.go`, mapping): a foot met with a key belongs to the
 * entry before, one met with a value or with the end of the map to its key.
 *
 * @param block - false for `{…}`, where feet stay with keys and with the map itself
 */
export function settleMapComments(map: CollectionNode, block: boolean): void {
  const { children } = map;
  for (let i = 0; i + 1 < children.length; i += 2) {
    const key = children[i];
    const value = children[i + 1];
    const prior = children[i - 2];
    if (key === undefined || value === undefined) continue;
    if (block && key.foot !== '' && prior !== undefined) {
      prior.foot = key.foot;
      key.foot = '';
    }
    if (key.foot === '' && value.foot !== '') {
      key.foot = value.foot;
      value.foot = '';
    }
  }
  const last = children.at(-2);
  if (!block || map.foot === '' || last === undefined) return;
  last.foot = map.foot;
  map.foot = '';
}
