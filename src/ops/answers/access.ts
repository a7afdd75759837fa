import { ConfigTexts } from '../guard/configs.ts';
import type { Tree } from '../guard/snapshot.ts';
import { configChanges } from './access-configs.ts';
import { type SideFile, sideFiles } from './access-files.ts';
import type { AccessReport } from './access-model.ts';
import { NamesOfBoth } from './access-names.ts';
import { accessChanges } from './access-readers.ts';
import { type BothSides, pairSecrets, valueChanges } from './access-values.ts';

/** What is compared. */
export interface AccessSides {
  /** Every path of the tree; only configs are read of it. */
  readonly before: Tree;
  readonly after: Tree;
  /** The files that differ. */
  readonly files: readonly ChangedFile[];
}

/** A file that differs; `null` where it is not there. */
export interface ChangedFile {
  readonly path: string;
  before(): Promise<Uint8Array | null>;
  after(): Promise<Uint8Array | null>;
}

/**
 * Who gained and lost access to what between two states of a repository: by the metadata of the files, for rules are
 * only what should be. Needs no key.
 */
export async function compareAccess({ before, after, files }: AccessSides): Promise<AccessReport> {
  const [was, is] = await Promise.all([configsOf(before), configsOf(after)]);
  const names = new NamesOfBoth(was, is);
  const read = (side: 'before' | 'after') =>
    files.map(file => ({ path: file.path, read: () => file[side]() }));
  const relevant = onlyNews(
    await sideFiles(read('before'), was, names),
    await sideFiles(read('after'), is, names),
  );
  const pairs = pairSecrets(relevant);
  return {
    access: accessChanges(relevant, pairs),
    values: valueChanges(relevant, pairs).sort((a, b) => (a.secret < b.secret ? -1 : 1)),
    ...configChanges(was, is),
  };
}

async function configsOf(tree: Tree) {
  return (await ConfigTexts.of(tree)).load();
}

/** What was in clear before is nobody's news; where something is in clear now, nobody lost it. */
function onlyNews(before: ReadonlyMap<string, SideFile>, after: ReadonlyMap<string, SideFile>): BothSides {
  const isEncrypted = (file: SideFile | undefined) => file === undefined || file.kind === 'sops';
  return {
    before: new Map([...before].filter(([path]) => isEncrypted(after.get(path)))),
    after: new Map(
      [...after].filter(([path, file]) => isEncrypted(file) || before.get(path)?.kind !== file.kind),
    ),
  };
}
