import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { SecretsError } from '../errors.ts';
import { shown } from './shown.ts';
import { refuseUnboundedText } from './yaml-limits.ts';

/** go-yaml's alphabet of an anchor (`yaml_parser_scan_anchor`): anything else makes sops refuse the whole file. */
const ANCHOR = /^[A-Za-z0-9_-]+$/;

/** How many nodes may be read through aliases before the file counts as an alias bomb. */
const ALIAS_BUDGET = 1_000_000;

/**
 * The first YAML document of a text, with what reading a configuration needs: places for errors, checked
 * anchors, and aliases that are followed within a budget.
 */
export class YamlSource {
  readonly text: string;
  readonly file: string;
  /** The top node, `null` where the text holds nothing but comments. */
  readonly root: Node | null;
  /** True where more documents follow, which sops does not read. */
  readonly severalDocuments: boolean;
  /** Every usable anchor with its node, in document order. */
  readonly anchors: ReadonlyMap<string, Node>;
  readonly #lines: LineCounter;
  readonly #targets: ReadonlyMap<Node, Node>;
  #budget = ALIAS_BUDGET;

  /** @throws SecretsError `BAD_INVENTORY` with line and column, for what go-yaml would refuse */
  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    this.severalDocuments = refuseUnboundedText(text, file) > 1;
    this.#lines = new LineCounter();
    const document = parseDocument(text, {
      schema: 'failsafe',
      // quadratic in the library; duplicates are found below
      uniqueKeys: false,
      // without it go-yaml's more tolerant flow indentation would be refused
      strict: false,
      logLevel: 'silent',
      prettyErrors: false,
      keepSourceTokens: true,
      lineCounter: this.#lines,
    });
    const [error] = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]);
    if (error !== undefined) throw this.failAt(sentence(error.message), error.pos[0]);
    this.root = document.contents;
    const scan = new Scan(this);
    scan.walk(this.root);
    this.anchors = scan.anchors;
    this.#targets = scan.targets;
  }

  /** The node that an alias stands for; any other node is itself. */
  resolve(node: Node | null): Node | null {
    if (node === null || !isAlias(node)) return node;
    this.charge(1, node);
    return this.#targets.get(node) ?? null;
  }

  /** Counts nodes that are read; more than a million is an alias bomb, not a configuration. */
  charge(nodes: number, at: Node): void {
    this.#budget -= nodes;
    if (this.#budget < 0) throw this.fail('it grows beyond all bounds when its aliases are followed', at);
  }

  /** Counts from 1. */
  lineOf(node: Node | null): number {
    return this.position(node?.range?.[0] ?? 0).line;
  }

  /** Both count from 1. */
  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** An error at a node. */
  fail(message: string, at: Node | null, hint?: string): SecretsError {
    return this.failAt(message, at?.range?.[0] ?? 0, hint);
  }

  /** An error at an offset of the text. */
  failAt(message: string, offset: number, hint?: string): SecretsError {
    return new SecretsError('BAD_INVENTORY', message, { file: this.file, hint, ...this.position(offset) });
  }
}

/** One pass over all nodes in document order: anchors, aliases and doubled keys, as go-yaml judges them. */
class Scan {
  readonly anchors = new Map<string, Node>();
  readonly targets = new Map<Node, Node>();
  readonly #source: YamlSource;
  /** Collections that are being walked: an alias to one of them would hold itself. */
  readonly #open = new Set<Node>();

  constructor(source: YamlSource) {
    this.#source = source;
  }

  /** The depth is bounded by `refuseUnboundedText`. */
  walk(node: Node | null): void {
    if (node === null) return;
    if (isAlias(node)) {
      this.#follow(node, node.source);
      return;
    }
    this.#anchor(node);
    this.#open.add(node);
    if (isMap(node)) this.#walkMap(node.items as Pair<Node, Node | null>[]);
    else if (isSeq(node)) for (const item of node.items as Node[]) this.walk(item);
    this.#open.delete(node);
  }

  #walkMap(pairs: readonly Pair<Node, Node | null>[]): void {
    const seen = new Map<string, Node>();
    for (const { key, value } of pairs) {
      this.walk(key);
      const text = isScalar(key) ? String(key.value) : null;
      const first = text === null ? undefined : seen.get(text);
      if (text !== null && first !== undefined) {
        const line = this.#source.lineOf(first);
        throw this.#source.fail(`the key ${shown(text)} is there twice, first on line ${line}`, key);
      }
      if (text !== null) seen.set(text, key);
      this.walk(value);
    }
  }

  #anchor(node: Node & { anchor?: string | undefined }): void {
    const { anchor } = node;
    // `- &users:` is to go-yaml an anchor on an empty key: a label, and nothing that could be used
    if (anchor === undefined || (anchor.endsWith(':') && ANCHOR.test(anchor.slice(0, -1)))) return;
    if (!ANCHOR.test(anchor)) throw this.#refused(anchor, node);
    const first = this.anchors.get(anchor);
    if (first !== undefined) {
      const line = this.#source.lineOf(first);
      throw this.#source.fail(`the anchor ${shown(anchor)} is there twice, first on line ${line}`, node);
    }
    this.anchors.set(anchor, node);
  }

  #follow(alias: Node, name: string): void {
    if (!ANCHOR.test(name)) throw this.#refused(name, alias);
    const target = this.anchors.get(name);
    if (target === undefined) {
      throw this.#source.fail(
        `no anchor ${shown(name)} stands above this place`,
        alias,
        'an anchor has to be written before its first use',
      );
    }
    if (this.#open.has(target)) throw this.#source.fail(`the anchor ${shown(name)} contains itself`, alias);
    this.targets.set(alias, target);
  }

  #refused(anchor: string, at: Node): SecretsError {
    return this.#source.fail(
      `stock sops refuses the anchor ${shown(anchor)}`,
      at,
      'use only the letters a-z, digits, `-` and `_` in an anchor; hosts.NAME.recipient gives a host another name',
    );
  }
}

/** The library's message in the style of ours: lower case, no full stop, one line. */
function sentence(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  const text = line.replace(/\.$/, '');
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
