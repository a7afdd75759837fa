import type { Mark } from './cursor.ts';
import type { ScalarStyle } from './tokens.ts';

/** The comments of a node, each with the `#` of every line, `''` where there is none. */
export interface NodeComments {
  head: string;
  line: string;
  foot: string;
}

interface NodeBase extends NodeComments {
  readonly start: Mark;
}

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly text: string;
  readonly style: ScalarStyle;
  /** As written, in full (`tag:yaml.org,2002:int`); `''` where there is none. */
  readonly tag: string;
}

/** Keys and values alternate in the children of a map. */
export interface CollectionNode extends NodeBase {
  readonly kind: 'map' | 'list';
  readonly children: YamlNode[];
}

export interface AliasNode extends NodeBase {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode;
}

export type YamlNode = ScalarNode | CollectionNode | AliasNode;

export interface DocumentNode {
  readonly root: YamlNode;
  readonly head: string;
  readonly foot: string;
}
