import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { SecretsError } from '../errors.ts';
import { type Collection, columnOf, isFlow, lineEndOf, startOfItem } from './splice.ts';
import { isNull } from './yaml-read.ts';
import { YamlSource } from './yaml-source.ts';
import type { FlowStyle } from './yaml-write.ts';

/** One top-level key of the file. */
export interface Section {
  readonly index: number;
  readonly key: Node;
  readonly value: Node | null;
}

/** The text of `.sops.yaml` while an edit is planned: where things stand and how the file writes them. */
export class ConfigText {
  readonly source: YamlSource;
  readonly eol: '\n' | '\r\n';
  /** Spaces by which a map is indented below its key. */
  readonly mapIndent: number;
  /** Spaces by which a dash is indented below its key. */
  readonly listIndent: number;
  readonly flow: FlowStyle;
  readonly root: Collection | null;

  /** @throws SecretsError `BAD_INVENTORY` where the file has a form that is not edited */
  constructor(text: string, file: string) {
    this.source = new YamlSource(text, file);
    this.eol = lineEndOf(text);
    const { root } = this.source;
    if (this.source.severalDocuments) throw this.notEditable('it holds several YAML documents');
    this.root = isMap(root) ? (root as Collection) : null;
    if (this.root !== null && isFlow(this.root))
      throw this.notEditable('its top level is written in one pair of braces');
    const style = new StyleReader(text);
    style.read(this.root, null);
    this.mapIndent = style.mapIndent ?? 2;
    this.listIndent = style.listIndent ?? 2;
    this.flow = { paddedMaps: style.paddedMaps ?? true, paddedLists: style.paddedLists ?? false };
  }

  get text(): string {
    return this.source.text;
  }

  /** A top-level key, `null` where it is absent. */
  section(name: string): Section | null {
    if (!isMap(this.root)) return null;
    const index = this.root.items.findIndex(({ key }) => isScalar(key) && String(key.value) === name);
    const pair = this.root.items[index];
    return pair === undefined ? null : { index, key: pair.key, value: pair.value };
  }

  /** Offset at which a top-level key begins. */
  startOf(section: Section): number {
    return this.root === null ? 0 : startOfItem(this.root, section.index);
  }

  /** @param wanted what a person has to write instead */
  notEditableAt(node: Node | null, reason: string, wanted: string): SecretsError {
    const line = this.source.lineOf(node);
    return new SecretsError('BAD_INVENTORY', `line ${line} cannot be edited by this tool: ${reason}`, {
      file: this.source.file,
      line,
      hint: `make this change by hand: ${wanted}`,
    });
  }

  notEditable(reason: string): SecretsError {
    return new SecretsError('BAD_INVENTORY', `the file cannot be edited by this tool: ${reason}`, {
      file: this.source.file,
      hint: 'make the change by hand; every other command works on the file as it is',
    });
  }
}

/** The list or map of a section, `null` for an absent or empty one; an alias is not looked through. */
export function collectionOf(config: ConfigText, section: Section, name: string): Collection | null {
  const { value } = section;
  if (value === null || isNull(value)) return null;
  if (!isAlias(value) && (isMap(value) || isSeq(value))) return value as Collection;
  throw config.notEditable(`${name} is neither a list nor a map`);
}

/** Finds how the file is indented and padded; the first place that shows it counts. */
class StyleReader {
  mapIndent: number | null = null;
  listIndent: number | null = null;
  paddedMaps: boolean | null = null;
  paddedLists: boolean | null = null;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param parent column of the key that holds the node; `null` at the top and in lists */
  read(node: Node | null, parent: number | null): void {
    if (!isMap(node) && !isSeq(node)) return;
    const collection = node as Collection;
    if (collection.items.length === 0) return;
    if (isFlow(collection)) this.#padding(collection);
    const column = columnOf(this.#text, startOfItem(collection, 0));
    if (parent !== null && !isFlow(collection)) this.#indent(collection, column - parent);
    if (isMap(collection)) {
      collection.items.forEach(({ value }, index) => {
        this.read(value, isFlow(collection) ? null : columnOf(this.#text, startOfItem(collection, index)));
      });
    } else {
      for (const item of collection.items) this.read(item, null);
    }
  }

  #padding(node: Collection): void {
    const padded = this.#text[(node.range?.[0] ?? 0) + 1] === ' ';
    if (isMap(node)) this.paddedMaps ??= padded;
    else this.paddedLists ??= padded;
  }

  #indent(node: Collection, width: number): void {
    if (isMap(node)) this.mapIndent ??= Math.max(width, 1);
    else this.listIndent ??= Math.max(width, 0);
  }
}
