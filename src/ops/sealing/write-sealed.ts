import { SecretsError } from '../../errors.ts';
import { readSopsFile, type SopsFile, writeSopsFile } from '../../sops/document.ts';
import { isEncryptedValue } from '../../sops/encrypted-text.ts';
import { open } from '../../sops/open.ts';
import { Comment, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { leaves } from '../../sops/tree-path.ts';

/**
 * The bytes of a file that was just encrypted, read back and decrypted. That each value opens in its place and
 * that the MAC over all of them holds says that the bytes give what was encrypted.
 *
 * @param former the encrypted file that this one replaces; `null` for a new one. Only names whose value stood in
 * clear there may have one in clear here: a selection rule must not reveal a value
 * @throws SecretsError `RULE_CONFLICT` naming what would be in clear; `INTERNAL` where the bytes do not decrypt;
 * nothing was written then
 */
export async function writeSealed(
  file: SopsFile,
  dataKey: Uint8Array,
  former: SopsFile | null,
): Promise<Uint8Array> {
  refuseRevealed(file, former);
  const bytes = await writeSopsFile(file);
  try {
    open(await readSopsFile(bytes, file.format), dataKey);
  } catch (cause) {
    throw new SecretsError('INTERNAL', 'what was encrypted does not decrypt again; nothing was written', {
      cause,
    });
  }
  return bytes;
}

function refuseRevealed(file: SopsFile, former: SopsFile | null): void {
  const known = new Set(former?.documents.flatMap(clearLeaves).map(({ id }) => id));
  const revealed = file.documents.flatMap(clearLeaves).find(({ id }) => !known.has(id));
  if (revealed === undefined) return;
  throw new SecretsError('RULE_CONFLICT', `${revealed.shown} would stand in clear in the file`, {
    hint:
      'the selection (encrypted_regex, a suffix such as _unencrypted, a comment rule) does not cover it: ' +
      'change the rule in .sops.yaml, or the name',
  });
}

/** What an attacker could read without a key, apart from empty values. */
function clearLeaves(document: TreeMap): { id: string; shown: string }[] {
  const found: { id: string; shown: string }[] = [];
  for (const { path, value } of leaves(document)) {
    if (value === null || value === '' || (typeof value === 'string' && isEncryptedValue(value))) continue;
    found.push({ id: JSON.stringify(path), shown: JSON.stringify(path.join('/')) });
  }
  for (const text of commentsIn(document)) {
    if (text.trim() === '' || isEncryptedValue(text)) continue;
    found.push({ id: JSON.stringify(['#', text]), shown: 'a comment' });
  }
  return found;
}

function commentsIn(value: Value | null): string[] {
  if (value instanceof TreeList)
    return value.elements.flatMap(each => (each instanceof Comment ? [each.text] : commentsIn(each)));
  if (!(value instanceof TreeMap)) return [];
  return value.items.flatMap(({ key, value: child }) =>
    key instanceof Comment ? [key.text] : commentsIn(child),
  );
}
