import type { Mark } from './cursor.ts';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export type TokenType =
  | 'stream-start'
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly start: Mark;
  readonly end: Mark;
  /** Scalar: its text. Anchor, alias: the name. Tag, tag directive: the handle. Version directive: the version. */
  readonly text: string;
  /** Tag: what follows the handle. Tag directive: the prefix. */
  readonly suffix: string;
  readonly style: ScalarStyle;
}

/** A token without content, at one place. */
export function token(type: TokenType, start: Mark, end: Mark, more: Partial<Token> = {}): Token {
  return { type, start, end, text: '', suffix: '', style: 'plain', ...more };
}

/**
 * A comment that waits to be handed out with the first token that starts at or after `owner`. The text keeps
 * the `#` of every line.
 */
export interface QueuedComment {
  kind: 'head' | 'line' | 'foot';
  readonly text: string;
  /** Index at which the search for the next token began that met the comment. */
  readonly scan: number;
  owner: Mark;
  /** Its column counts from 1 for head and foot comments. */
  readonly start: Mark;
  /** Index behind the comment. */
  readonly end: number;
}
