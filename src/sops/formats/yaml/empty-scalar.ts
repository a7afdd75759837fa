import type { Mark } from './cursor.ts';
import type { ScalarNode } from './nodes.ts';

/** The node where nothing is written: null, and without comments. */
export function emptyScalar(start: Mark, tag = ''): ScalarNode {
  return { kind: 'scalar', text: '', style: 'plain', tag, start, head: '', line: '', foot: '' };
}
