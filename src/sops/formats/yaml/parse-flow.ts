import { emptyScalar } from './empty-scalar.ts';
import { badDocument } from './failure.ts';
import type { CollectionNode, YamlNode } from './nodes.ts';
import { settleMapComments } from './settle-comments.ts';
import type { TokenStream } from './token-stream.ts';
import type { TokenType } from './tokens.ts';

/** Reads what stands in `[…]` and `{…}`. */
export class FlowParser {
  readonly #tokens: TokenStream;
  readonly #node: () => YamlNode;

  /** @param node - reads a nested node */
  constructor(tokens: TokenStream, node: () => YamlNode) {
    this.#tokens = tokens;
    this.#node = node;
  }

  /** Fills a collection; the opening bracket is the next token. */
  read(node: CollectionNode): void {
    this.#tokens.skip();
    if (node.kind === 'list') this.#list(node);
    else this.#map(node);
    const { line, foot } = this.#tokens.takeComments();
    node.line = line;
    node.foot = foot;
    if (node.kind === 'map') settleMapComments(node, false);
    this.#tokens.skip();
  }

  #list({ children }: CollectionNode): void {
    while (this.#goesOn(children, 'flow-sequence-end')) {
      children.push(this.#tokens.peek().type === 'key' ? this.#pair() : this.#node());
    }
  }

  #map({ children }: CollectionNode): void {
    while (this.#goesOn(children, 'flow-mapping-end')) {
      if (this.#tokens.peek().type !== 'key') {
        // A key alone has an empty value.
        children.push(this.#node(), emptyScalar(this.#tokens.peek().start));
        continue;
      }
      this.#tokens.skip();
      children.push(this.#part(['value', 'flow-entry', 'flow-mapping-end']));
      children.push(this.#value('flow-mapping-end'));
    }
  }

  /** Steps over the comma between entries. False at the closing bracket, which stays. */
  #goesOn(children: readonly YamlNode[], end: TokenType): boolean {
    const token = this.#tokens.peek();
    if (token.type === end) return false;
    if (children.length === 0) return true;
    if (token.type !== 'flow-entry') throw badDocument("expected ',' or a closing bracket", token.start);
    this.#tokens.skip();
    return this.#tokens.peek().type !== end;
  }

  /** `[a: b]`: a map of one entry. */
  #pair(): CollectionNode {
    const { start } = this.#tokens.skip();
    const pair: CollectionNode = { kind: 'map', children: [], start, head: '', line: '', foot: '' };
    const token = this.#tokens.peek();
    if (['value', 'flow-entry', 'flow-sequence-end'].includes(token.type)) {
      // go-yaml steps over whatever stands in the place of the key.
      this.#tokens.skip();
      pair.children.push(emptyScalar(token.end));
    } else {
      pair.children.push(this.#node());
    }
    pair.children.push(this.#value('flow-sequence-end'));
    this.#tokens.peek();
    settleMapComments(pair, false);
    return pair;
  }

  #value(end: TokenType): YamlNode {
    if (this.#tokens.peek().type !== 'value') return emptyScalar(this.#tokens.peek().start);
    this.#tokens.skip();
    return this.#part(['flow-entry', end]);
  }

  #part(ends: readonly TokenType[]): YamlNode {
    const token = this.#tokens.peek();
    return ends.includes(token.type) ? emptyScalar(token.start) : this.#node();
  }
}
