import { SecretsError } from '../../src/errors.ts';
import { yamlFormat } from '../../src/sops/formats/yaml.ts';
import { Comment, type Item, TreeList, TreeMap, type Value } from '../../src/sops/tree.ts';

/** Reads plaintext that holds one document. */
export function readYamlText(text: string | Uint8Array): TreeMap {
  const [document, ...others] = yamlFormat.parsePlain(Buffer.from(text));
  if (document === undefined || others.length > 0) throw new Error('the text does not hold one document');
  return document;
}

/** What the key `a` of a text holds. */
export function valueOfA(text: string | Uint8Array): Value | null {
  const item = readYamlText(text).items.find(({ key }) => key === 'a');
  if (item === undefined) throw new Error('the text has no key a');
  return item.value;
}

/** What is printed for documents, with four spaces per level unless told otherwise. */
export function yamlTextOf(documents: TreeMap | readonly TreeMap[], indent?: number): string {
  const list = documents instanceof TreeMap ? [documents] : documents;
  return Buffer.from(yamlFormat.formatPlain(list, { indent })).toString();
}

/** A text after it was read and printed again. */
export function throughYaml(text: string | Uint8Array, indent?: number): string {
  return yamlTextOf(yamlFormat.parsePlain(Buffer.from(text)), indent);
}

/** How reading a text fails, as `CODE line:column`; `'read'` where it does not. */
export function yamlFailure(text: string | Uint8Array): string {
  try {
    yamlFormat.parsePlain(Buffer.from(text));
    return 'read';
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return `${error.code} ${error.line ?? '-'}:${error.column ?? '-'}`;
  }
}

/**
 * A tree in one line: `#text` for a comment, `#>text` for one behind a value; the elements of lists in brackets,
 * the items of maps in braces.
 */
export function outline(value: Value | Comment | null): string {
  if (value instanceof Comment) return `#${value.inline ? '>' : ''}${value.text}`;
  if (value instanceof TreeList) return `[${value.elements.map(outline).join(', ')}]`;
  if (value instanceof TreeMap) return `{${value.items.map(itemOutline).join(', ')}}`;
  return String(value);
}

function itemOutline({ key, value }: Item): string {
  return key instanceof Comment ? outline(key) : `${key}: ${outline(value)}`;
}
