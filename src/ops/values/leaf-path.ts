import { SecretsError } from '../../errors.ts';
import type { TreeMap } from '../../sops/tree.ts';
import { leaves } from '../../sops/tree-path.ts';

/**
 * The way to the value that a key such as `kanidm/miniflux` names in a document. A name in a file may hold a `/`
 * itself: what is there counts, and only what is not there is split.
 *
 * @throws SecretsError `AMBIGUOUS_NAME` where two ways are written the same
 */
export function leafPath(documents: readonly TreeMap[], key: string): readonly string[] {
  const [document] = documents;
  const found = new Map<string, readonly string[]>();
  for (const { path } of document === undefined ? [] : leaves(document))
    if (path.join('/') === key) found.set(JSON.stringify(path), path);
  const [only, ...others] = found.values();
  if (others.length === 0) return only ?? key.split('/');
  throw new SecretsError('AMBIGUOUS_NAME', `${JSON.stringify(key)} names ${found.size} values of the file`, {
    hint: 'a name in it holds a `/`: change it with `secrets edit FILE`',
  });
}
