import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Inventory } from './model.ts';
import { canonicalRecipient, looksLikeRecipient } from './parse-keys.ts';
import { YamlSource } from './yaml-source.ts';

/** A public key of `.sops.yaml`, and what its author wrote around it. */
export interface KeyContext {
  /** As it is written where it stands first. */
  readonly recipient: string;
  /** Its anchors; none for a key that only stands in rules. */
  readonly names: readonly string[];
  /** Names of the sections and lists that hold it, and the comments above it; in lower case. */
  readonly around: readonly string[];
  /** What the line, the key or the line above calls it, the likeliest first. */
  readonly comments: readonly string[];
  /** Counts from 1. */
  readonly line: number;
}

const RULES = 'creation_rules';
const OF_SEVERAL =
  /\b(?:hosts|machines|servers|systems|nodes|computers|devices|clients|workstations|desktops|laptops|vms|users|admins|people|persons|humans|owners|members|team)\b/i;
/** A list of keys in one text has few lines. */
const MOST_LINES = 200;

/** Every public key of the file once, in document order: named ones, and those that rules write out. */
export function keyContexts(inventory: Inventory): KeyContext[] {
  const source = new YamlSource(inventory.text, inventory.file);
  const reader = new ContextReader(source);
  reader.walk(source.root, []);
  return reader.contexts();
}

class ContextReader {
  readonly #source: YamlSource;
  readonly #lines: readonly string[];
  readonly #headings: readonly (string | null)[];
  readonly #byKey = new Map<
    string,
    KeyContext & { readonly names: string[]; readonly around: string[]; readonly comments: string[] }
  >();

  constructor(source: YamlSource) {
    this.#source = source;
    this.#lines = source.text.split('\n');
    this.#headings = headingsOf(this.#lines);
  }

  contexts(): KeyContext[] {
    return [...this.#byKey.values()];
  }

  /** The depth was bounded when the text was read. */
  walk(node: Node | null, above: readonly string[]): void {
    if (node === null) return;
    if (isMap(node)) {
      for (const { key, value } of node.items as Pair<Node, Node | null>[])
        this.walk(value, [...above, ...anchorOf(node), ...(isScalar(key) ? [String(key.value)] : [])]);
    } else if (isSeq(node)) {
      for (const item of node.items as Node[]) this.walk(item, [...above, ...anchorOf(node)]);
    } else if (isScalar(node)) {
      const [name] = anchorOf(node);
      const text = String(node.value).trim();
      const keys = looksLikeRecipient(text) ? [text] : text.split(',').map(part => part.trim());
      for (const key of keys)
        if (looksLikeRecipient(key)) this.#see(key, name ?? null, above, this.#source.lineOf(node));
    }
  }

  #see(recipient: string, name: string | null, above: readonly string[], from: number): void {
    const canonical = canonicalRecipient(recipient);
    const line = this.#lineOf(recipient, from);
    const known = this.#byKey.get(canonical) ?? { recipient, names: [], around: [], comments: [], line };
    this.#byKey.set(canonical, known);
    if (name !== null && !known.names.includes(name)) known.names.push(name);
    known.around.push(...above.map(word => word.toLowerCase()));
    // what stands above a rule is said of the rule
    const heading = above[0] === RULES ? null : (this.#headings[line - 1] ?? null);
    if (heading !== null) known.around.push(heading.toLowerCase());
    known.comments.push(...this.#commentsOn(recipient, line));
  }

  /** In a folded text the key stands further down. */
  #lineOf(recipient: string, from: number): number {
    for (let line = from; line < from + MOST_LINES; line++)
      if (this.#lines[line - 1]?.includes(recipient) === true) return line;
    return from;
  }

  #commentsOn(recipient: string, line: number): string[] {
    const text = this.#lines[line - 1] ?? '';
    const behind = /#\s*(\S.*?)\s*$/.exec(text.slice(text.indexOf(recipient) + recipient.length))?.[1];
    const [, , ...own] = recipient.startsWith('ssh-') ? recipient.split(/\s+/) : [];
    const isItem = /^\s*-\s+(?!\w+:)/.test(text);
    const above = isItem ? ownComment(this.#lines[line - 2] ?? '') : null;
    return [behind ?? '', own.join(' '), above ?? ''].filter(each => each !== '');
  }
}

/** `&users:`, which go-yaml takes for an anchor on nothing, is one named `users:` for the library. */
function anchorOf(node: Node): string[] {
  const { anchor } = node as { anchor?: string };
  return anchor === undefined ? [] : [anchor.replace(/:$/, '')];
}

/** For each line the comment right above it; one that speaks of several is above all of them, up to an empty line. */
function headingsOf(lines: readonly string[]): (string | null)[] {
  let heading: string | null = null;
  let isFresh = false;
  return lines.map(line => {
    const comment = ownComment(line);
    if (line.trim() === '') heading = null;
    else if (comment !== null) [heading, isFresh] = [comment, true];
    else if (!isFresh && heading !== null && !OF_SEVERAL.test(heading)) heading = null;
    else isFresh = false;
    return heading;
  });
}

function ownComment(line: string): string | null {
  return /^\s*#+\s*(\S.*?)\s*$/.exec(line)?.[1] ?? null;
}
