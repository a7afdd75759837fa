import { checkDepth } from '../../limits.ts';
import type { OutList, OutMap, OutNode, OutScalar } from './out-nodes.ts';
import { isMultiline } from './string-style.ts';
import { type ScalarPlace, writeScalar } from './write-scalar.ts';
import { Writer } from './writer.ts';

/** Longer keys are written as `? key`. In bytes. */
const LONGEST_SIMPLE_KEY = 128;

/** What kind of line a node stands on; decides how far its children are indented. */
type Parent = 'item' | 'other';

/**
 * Writes documents with the bytes of go-yaml v3 (`emitterc.go`), block style throughout. Comments go through
 * registers, and one that finds no place stays in its register for the next node, as there.
 */
export class Emitter {
  readonly #writer = new Writer();
  readonly #step: number;
  #indent = -1;
  #depth = 0;
  #started = false;
  #head = '';
  #line = '';
  #foot = '';
  #tail = '';
  #keyLine = '';

  /** @param step - spaces per level, 2 to 9 */
  constructor(step: number) {
    this.#step = step;
  }

  get text(): string {
    return this.#writer.text;
  }

  document(root: OutNode): void {
    if (this.#started) {
      this.#writer.indentTo(this.#indent);
      this.#writer.indicator('---', { spaced: true });
      this.#writer.indentTo(this.#indent);
    }
    this.#started = true;
    this.#meetStart(root);
    this.#putHead();
    this.#node(root, 'other');
    this.#writer.footIndent = this.#writer.openEnded ? -1 : 0;
    this.#putFoot();
    this.#writer.footIndent = -1;
    this.#writer.indentTo(this.#indent);
  }

  /** A comment register keeps what it has until something new comes. */
  #meet(head: string, line: string, foot: string, tail = ''): void {
    if (head !== '') this.#head = head;
    if (line !== '') this.#line = line;
    if (foot !== '') this.#foot = foot;
    if (tail !== '') this.#tail = tail;
  }

  /** Line and foot of a collection come with its end. */
  #meetStart(node: OutNode): void {
    if (node.kind === 'scalar') this.#meet(node.head, node.line, node.foot);
    else this.#meet(node.head, '', '');
  }

  #node(node: OutNode, parent: Parent): void {
    if (node.kind === 'scalar') this.#scalar(node, parent);
    // Go writes what waits before `[]` as well, and then the brackets in the first column, where they end the map.
    if (this.#indent < 0 || !isEmpty(node)) {
      this.#putLine();
      this.#putFoot();
    }
    if (node.kind === 'scalar') return;
    this.#depth += 1;
    checkDepth(this.#depth);
    if (node.kind === 'map' && node.entries.length === 0) this.#emptyMap(node, parent);
    else if (node.kind === 'map') this.#map(node, parent);
    else if (node.items.length === 0) this.#emptyList(node);
    else this.#list(node, parent);
    this.#depth -= 1;
  }

  #map(map: OutMap, parent: Parent): void {
    const outer = this.#enter(parent);
    let tail = '';
    for (const { key, value } of map.entries) {
      // The foot of a key stands below its whole value, so it is written before the next key.
      this.#meet(key.head, key.line, '', tail);
      tail = key.foot;
      this.#entry(key, value);
    }
    this.#meet('', map.line, map.foot, tail);
    this.#putHead();
    this.#indent = outer;
  }

  #entry(key: OutScalar, value: OutNode): void {
    this.#putHead();
    this.#writer.indentTo(this.#indent);
    if (this.#line !== '') {
      this.#keyLine = this.#line;
      this.#line = '';
    }
    const simple = isSimpleKey(key);
    if (!simple) this.#writer.indicator('?', { spaced: true, indents: true });
    this.#scalar(key, 'other');
    this.#meetStart(value);
    if (!simple) this.#writer.indentTo(this.#indent);
    this.#writer.indicator(':', { spaced: !simple, indents: !simple });
    this.#placeKeyLine(value);
    this.#node(value, 'other');
  }

  /** A line comment that was left for a key goes behind its scalar, or on the line of the key. */
  #placeKeyLine(value: OutNode): void {
    if (this.#keyLine === '') return;
    if (value.kind !== 'scalar' && !isEmpty(value)) {
      const kept = this.#line;
      this.#line = this.#keyLine;
      this.#putLine();
      this.#keyLine = this.#line;
      this.#line = kept;
    } else if (this.#line === '') {
      this.#line = this.#keyLine;
      this.#keyLine = '';
    }
  }

  #list(list: OutList, parent: Parent): void {
    const outer = this.#enter(parent);
    for (const item of list.items) {
      this.#meetStart(item);
      this.#putHead();
      this.#writer.indentTo(this.#indent);
      this.#writer.indicator('-', { spaced: true, indents: true });
      this.#node(item, 'item');
    }
    this.#meet('', list.line, list.foot);
    this.#indent = outer;
  }

  #emptyMap(map: OutMap, parent: Parent): void {
    this.#meetBracketEnd(map);
    this.#writer.indicator('{', { spaced: true, blank: true });
    const outer = this.#enter(parent, this.#step);
    this.#putHead();
    this.#indent = outer;
    this.#writer.indicator('}');
    this.#putLine();
    this.#putFoot();
  }

  #emptyList(list: OutList): void {
    this.#meetBracketEnd(list);
    this.#writer.indicator('[', { spaced: true, blank: true });
    if (this.#writer.column === 0) this.#writer.indentTo(this.#indent);
    this.#writer.indicator(']');
    this.#putLine();
    this.#putFoot();
  }

  #meetBracketEnd({ line, foot }: OutNode): void {
    this.#line = joined(this.#line, line);
    this.#foot = joined(this.#foot, foot);
  }

  #scalar(scalar: OutScalar, parent: Parent): void {
    if (scalar.tag !== '') {
      this.#writer.space();
      this.#writer.put(scalar.tag);
      this.#writer.closeToken();
    }
    const outer = this.#enter(parent, this.#step);
    const place: ScalarPlace = {
      indent: this.#indent,
      step: this.#step,
      parent: outer,
      comment: this.#line,
      endHeader: () => this.#endHeader(),
    };
    writeScalar(this.#writer, scalar, place);
    this.#indent = outer;
  }

  #endHeader(): void {
    if (this.#line === '') this.#writer.breakLine();
    else this.#putLine();
  }

  /**
   * Goes one level deeper: to the next multiple of the step, but directly behind `- ` only by its width.
   *
   * @param top - the indent of what stands at the top level
   * @returns the indent to come back to
   */
  #enter(parent: Parent, top = 0): number {
    const outer = this.#indent;
    if (outer < 0) this.#indent = top;
    else if (parent === 'item') this.#indent = outer + 2;
    else this.#indent = this.#step * Math.floor((outer + this.#step) / this.#step);
    return outer;
  }

  #putHead(): void {
    if (this.#tail !== '') {
      this.#putComment(this.#tail);
      this.#tail = '';
      this.#writer.footIndent = Math.max(0, this.#indent);
    }
    if (this.#head === '') return;
    this.#putComment(this.#head);
    this.#head = '';
  }

  #putLine(): void {
    if (this.#line === '') return;
    this.#writer.space();
    this.#writer.comment(this.#line, this.#indent);
    this.#line = '';
  }

  #putFoot(): void {
    if (this.#foot === '') return;
    this.#putComment(this.#foot);
    this.#foot = '';
    this.#writer.footIndent = Math.max(0, this.#indent);
  }

  #putComment(text: string): void {
    this.#writer.indentTo(this.#indent);
    this.#writer.comment(text, this.#indent);
  }
}

function isEmpty(node: OutNode): boolean {
  return (
    (node.kind === 'map' && node.entries.length === 0) || (node.kind === 'list' && node.items.length === 0)
  );
}

function joined(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${first}\n${second}`;
}

function isSimpleKey({ text, tag }: OutScalar): boolean {
  return !isMultiline(text) && Buffer.byteLength(text) + Buffer.byteLength(tag) <= LONGEST_SIMPLE_KEY;
}
