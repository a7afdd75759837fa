import { checkDepth } from '../../limits.ts';
import type { Mark } from './cursor.ts';
import { emptyScalar } from './empty-scalar.ts';
import { badDocument } from './failure.ts';
import type { AliasNode, CollectionNode, DocumentNode, ScalarNode, YamlNode } from './nodes.ts';
import { FlowParser } from './parse-flow.ts';
import { settleMapComments } from './settle-comments.ts';
import { TagHandles } from './tag-handles.ts';
import { TokenStream } from './token-stream.ts';
import type { Token, TokenType } from './tokens.ts';

/** How a node may begin. */
interface Context {
  readonly block: boolean;
  /** True for keys and values: a list may stand in their own column. */
  readonly sameColumn: boolean;
  /**
   * For what stands behind a dash, with a comment between: how much of the waiting head comment is from before
   * the dash. `null` where nothing stands between.
   */
  readonly commented: number | null;
}

const ROOT: Context = { block: true, sameColumn: false, commented: null };
const ITEM: Context = ROOT;
const ENTRY: Context = { block: true, sameColumn: true, commented: null };
const FLOW: Context = { block: false, sameColumn: false, commented: null };
const NO_CONTENT = new Set<TokenType>([
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end',
]);

/** Whose comments a parser places. */
export interface ParserOptions {
  /**
   * True for a text that sops wrote. go-yaml writes the head comment of `{…}` in `- - {…}` behind the first dash,
   * and takes it for the comment of the inner list when it reads it back: a stock sops moves the comment, or
   * loses one, each time it writes the file. With this, the comment stays where it is.
   */
  readonly asWritten: boolean;
}

/**
 * Reads documents as trees of nodes with the comments where go-yaml v3 attaches them (`parserc.go`, `decode.go`).
 * Anchors hold until the end of the text, as there.
 *
 * @throws SecretsError `BAD_DOCUMENT` with line and column
 */
export class Parser {
  readonly #tokens: TokenStream;
  readonly #handles = new TagHandles();
  readonly #anchors = new Map<string, YamlNode>();
  readonly #flow: FlowParser;
  readonly #asWritten: boolean;
  #depth = 0;
  #first = true;

  constructor(text: string, { asWritten }: ParserOptions) {
    this.#asWritten = asWritten;
    this.#tokens = new TokenStream(text);
    this.#flow = new FlowParser(this.#tokens, () => this.#node(FLOW));
    this.#tokens.peek();
    this.#tokens.skip();
  }

  /** The next document, `null` behind the last one. */
  next(): DocumentNode | null {
    const implicit = this.#first;
    this.#first = false;
    if (!implicit) while (this.#tokens.peek().type === 'document-end') this.#tokens.skip();
    const { type } = this.#tokens.peek();
    if (type === 'stream-end') return null;
    const bare = implicit && !['version-directive', 'tag-directive', 'document-start'].includes(type);
    const head = bare ? this.#tokens.takeDocumentHead() : this.#documentStart();
    const root = !bare && NO_CONTENT.has(this.#tokens.peek().type) ? this.#empty() : this.#node(ROOT);
    return { root, head, foot: this.#documentEnd() };
  }

  #documentStart(): '' {
    this.#handles.read(this.#tokens);
    const token = this.#tokens.peek();
    if (token.type !== 'document-start') throw badDocument("expected '---' before a document", token.start);
    this.#tokens.skip();
    return '';
  }

  #documentEnd(): string {
    if (this.#tokens.peek().type === 'document-end') this.#tokens.skip();
    this.#handles.reset();
    const { head, foot } = this.#tokens.takeComments();
    return foot === '' ? head : foot;
  }

  #node(context: Context): YamlNode {
    this.#depth += 1;
    checkDepth(this.#depth);
    const node = this.#nodeInside(context);
    this.#depth -= 1;
    return node;
  }

  #nodeInside(context: Context): YamlNode {
    const first = this.#tokens.peek();
    if (first.type === 'alias') return this.#alias(first);
    const { anchor, tag } = this.#properties();
    const token = this.#tokens.peek();
    if (context.sameColumn && token.type === 'block-entry')
      return this.#collection('list', '', first.start, anchor, list => this.#listInColumn(list));
    if (token.type === 'scalar') return this.#scalar(token, tag, anchor);
    if (token.type === 'flow-sequence-start' || token.type === 'flow-mapping-start')
      return this.#flowCollection(token, anchor);
    if (context.block && token.type === 'block-sequence-start')
      return this.#collection('list', this.#tokens.takeStem(), first.start, anchor, list =>
        this.#list(list, context.commented),
      );
    if (context.block && token.type === 'block-mapping-start')
      return this.#collection('map', this.#tokens.takeStem(), first.start, anchor, map => this.#map(map));
    if (anchor === undefined && tag === '') throw badDocument('a value is missing', token.start);
    return this.#anchored(emptyScalar(first.start, tag), anchor);
  }

  #alias(token: Token): AliasNode {
    const target = this.#anchors.get(token.text);
    if (target === undefined) throw badDocument('an alias refers to no anchor', token.start);
    const node: AliasNode = {
      kind: 'alias',
      name: token.text,
      target,
      start: token.start,
      ...this.#tokens.takeComments(),
    };
    this.#tokens.skip();
    return node;
  }

  #properties(): { anchor: string | undefined; tag: string } {
    let anchor: string | undefined;
    let tag: Token | undefined;
    for (let token = this.#tokens.peek(); ; token = this.#tokens.peek()) {
      if (token.type === 'anchor' && anchor === undefined) anchor = token.text;
      else if (token.type === 'tag' && tag === undefined) tag = token;
      else break;
      this.#tokens.skip();
    }
    return { anchor, tag: tag === undefined ? '' : this.#handles.expand(tag) };
  }

  #scalar(token: Token, tag: string, anchor: string | undefined): YamlNode {
    const { text, style, start } = token;
    const node: ScalarNode = { kind: 'scalar', text, style, tag, start, ...this.#tokens.takeComments() };
    this.#tokens.skip();
    return this.#anchored(node, anchor);
  }

  #flowCollection(token: Token, anchor: string | undefined): CollectionNode {
    const kind = token.type === 'flow-mapping-start' ? 'map' : 'list';
    const { head } = this.#tokens.takeComments();
    return this.#collection(kind, head, token.start, anchor, node => this.#flow.read(node));
  }

  /** The anchor of a collection is known inside of it: an alias may then point to what holds it. */
  #collection(
    kind: 'map' | 'list',
    head: string,
    start: Mark,
    anchor: string | undefined,
    fill: (node: CollectionNode) => void,
  ): CollectionNode {
    const node: CollectionNode = { kind, children: [], start, head, line: '', foot: '' };
    this.#anchored(node, anchor);
    fill(node);
    return node;
  }

  #anchored(node: YamlNode, anchor: string | undefined): YamlNode {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #list({ children }: CollectionNode, commented: number | null): void {
    this.#tokens.skip();
    for (let token = this.#tokens.peek(); token.type !== 'block-end'; token = this.#tokens.peek()) {
      if (token.type !== 'block-entry') throw badDocument("expected '-' or the end of the list", token.start);
      const kept = this.#asWritten && children.length === 0 ? commented : null;
      children.push(this.#item(['block-entry', 'block-end'], kept));
    }
    this.#tokens.skip();
  }

  #listInColumn({ children }: CollectionNode): void {
    while (this.#tokens.peek().type === 'block-entry')
      children.push(this.#item(['block-entry', 'key', 'value', 'block-end'], null));
  }

  /**
   * @param outer - `null` where a comment before the dash belongs to what follows it; else the comment belongs
   *   into what follows, and only so much of it, from before an outer dash, to what follows
   */
  #item(ends: readonly TokenType[], outer: number | null): YamlNode {
    const before = this.#tokens.headLength;
    const dash = this.#tokens.skip();
    this.#tokens.splitStem(outer ?? before);
    if (ends.includes(this.#tokens.peek().type)) return emptyScalar(dash.end);
    const kept = outer === null ? 0 : lengthBehind(outer, before);
    const commented = this.#tokens.headLength > kept ? kept : null;
    return this.#node({ ...ITEM, commented });
  }

  #map(node: CollectionNode): void {
    this.#tokens.skip();
    for (let token = this.#tokens.peek(); token.type !== 'block-end'; token = this.#tokens.peek()) {
      if (token.type !== 'key') throw badDocument('expected a key', token.start);
      this.#entryPart(node);
      const hasValue = this.#tokens.peek().type === 'value';
      if (hasValue) this.#entryPart(node);
      else node.children.push(this.#empty());
    }
    const { line, foot } = this.#tokens.takeComments();
    node.line = line;
    node.foot = foot;
    settleMapComments(node, true);
    this.#tokens.skip();
  }

  /** What follows the key or value token. */
  #entryPart({ children }: CollectionNode): void {
    const indicator = this.#tokens.skip();
    const ends: TokenType[] = ['key', 'value', 'block-end'];
    const isEmpty = ends.includes(this.#tokens.peek().type);
    children.push(isEmpty ? emptyScalar(indicator.end) : this.#node(ENTRY));
  }

  #empty(): ScalarNode {
    return emptyScalar(this.#tokens.peek().start);
  }
}

/** What is left of a comment without its first lines and the line break behind them. */
function lengthBehind(first: number, whole: number): number {
  return first === 0 ? whole : Math.max(0, whole - first - 1);
}
