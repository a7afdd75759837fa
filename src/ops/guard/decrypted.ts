import { SecretsError } from '../../errors.ts';
import { Comment, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { inTurns } from './in-turns.ts';
import { type ManagedText, readManaged, readPlain } from './read-managed.ts';
import type { Flaw, Snapshot, Tree } from './snapshot.ts';

const AT_ONCE = 16;
const MARK = 'ENC[AES256_GCM,';

/**
 * Files that were encrypted in the parent commit and are not any more, whatever the rules say of them: `sops -d -i`
 * under a rule for everything, or a file that was moved out of its rule and decrypted. A new file counts as a moved one
 * where a deleted file had its name, and some of its keys.
 */
export async function decryptedFiles(snapshot: Snapshot): Promise<{ file: string; flaw: Flaw }[]> {
  const { parent, changed } = snapshot;
  if (parent === null || changed === null) return [];
  const present = new Set(snapshot.paths);
  const formerPaths = new Set(parent.paths);
  const gone = byName([...changed].filter(path => formerPaths.has(path) && !present.has(path)));
  const found = await inTurns([...changed], AT_ONCE, async file => {
    if (!present.has(file) || snapshot.links?.has(file) === true) return [];
    const former = formerPaths.has(file) ? [file] : (gone.get(nameOf(file)) ?? []);
    const bytes = former.length === 0 ? null : await snapshot.read(file);
    if (bytes === null || isMarked(bytes)) return [];
    for (const path of former)
      if (await isDecrypted(parent, path, file, bytes)) return [decrypted(file, path)];
    return [];
  });
  return found.flat();
}

async function isDecrypted(parent: Tree, path: string, file: string, bytes: Uint8Array): Promise<boolean> {
  if (parent.links?.has(path) === true) return false;
  const before = await parent.read(path);
  const text = before === null || !isMarked(before) ? null : await sopsText(path, before);
  if (text === null) return false;
  if (file === path || text.format === 'binary') return true;
  const names = new Set(text.documents.flatMap(document => [...keysOf(document)]));
  const plain = (await readPlain(file, bytes)) ?? [];
  return plain.some(document => [...keysOf(document)].some(key => names.has(key)));
}

async function sopsText(path: string, bytes: Uint8Array): Promise<ManagedText | null> {
  try {
    const text = await readManaged(path, bytes);
    return text.metadata.mac !== '' || text.metadata.groups.length > 0 ? text : null;
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

function isMarked(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK);
}

function* keysOf(value: Value | Comment | null): Generator<string> {
  if (value instanceof TreeList) for (const element of value.elements) yield* keysOf(element);
  if (!(value instanceof TreeMap)) return;
  for (const { key, value: child } of value.items) {
    if (!(key instanceof Comment)) yield key;
    yield* keysOf(child);
  }
}

function decrypted(file: string, before: string): { file: string; flaw: Flaw } {
  const was = file === before ? 'it was' : `${before} was`;
  const message = `${was} encrypted in the parent commit, and it is not any more`;
  return { file, flaw: { rule: 'managed-plaintext', message } };
}

function byName(paths: readonly string[]): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const path of paths) named.set(nameOf(path), [...(named.get(nameOf(path)) ?? []), path]);
  return named;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
