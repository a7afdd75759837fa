import type { TreeMap } from '../../tree.ts';
import { badDocument } from './failure.ts';
import { Parser, type ParserOptions } from './parser.ts';
import { sourceText } from './source.ts';
import { TreeBuilder } from './to-tree.ts';

/**
 * Reads a YAML file into the trees that sops makes of it, comments in their places.
 *
 * @param options - whether sops wrote the text
 * @returns one tree per document, at least one
 * @throws SecretsError `BAD_DOCUMENT` with line and column, never with text of the file
 */
export function readYaml(bytes: Uint8Array, options: ParserOptions): TreeMap[] {
  const parser = new Parser(sourceText(bytes), options);
  const builder = new TreeBuilder();
  const documents: TreeMap[] = [];
  for (let document = parser.next(); document !== null; document = parser.next())
    documents.push(builder.document(document, documents.length === 0));
  if (documents.length === 0)
    throw badDocument('the file holds no document', undefined, 'an empty document is written {}');
  return documents;
}
