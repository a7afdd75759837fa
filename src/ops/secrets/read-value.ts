import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { loadFormat } from '../../sops/document.ts';
import { TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { getPath } from '../../sops/tree-path.ts';
import type { Secret } from '../../workspace/model.ts';
import { type UnlockedFile, unlock } from '../unlock.ts';
import { leafPath } from '../values/leaf-path.ts';
import { refuseKeyOfBinary } from '../values/secret-key.ts';
import type { Workspace } from '../workspace.ts';
import { refusePending } from './pending.ts';

/**
 * The bytes of a secret as its host would find them, or of one key inside it (a variable of an env file, a
 * key of a map).
 *
 * @throws SecretsError `NO_IDENTITY`, `UNKNOWN_SECRET` (no such key), and what {@link unlock} throws
 */
export async function readValue(
  workspace: Workspace,
  secret: Secret,
  key?: string,
): Promise<Redacted<Uint8Array>> {
  refusePending(secret);
  refuseKeyOfBinary(secret, key);
  const unlocked = await unlock(workspace, secret.file, secret.format);
  const { documents } = unlocked.opened;
  const own = secret.key === null ? [] : leafPath(documents, secret.key);
  const path = [...own, ...keyPath(secret, key)];
  if (path.length === 0) return wholeFile(unlocked);
  const value = getPath(unlocked.opened.documents, path);
  if (value === undefined || value === null) {
    throw new SecretsError('UNKNOWN_SECRET', `${secret.address} has no key ${path.join('/')}`, {
      file: secret.file,
      hint: `its keys: ${keysOf(unlocked, secret).join(', ') || 'none'}`,
    });
  }
  return bytesOf(value, unlocked);
}

/** A variable name is taken as it is; in a map `/` descends. */
function keyPath(secret: Secret, key: string | undefined): string[] {
  if (key === undefined) return [];
  return secret.format === 'yaml' || secret.format === 'json' ? key.split('/') : [key];
}

async function wholeFile(unlocked: UnlockedFile): Promise<Redacted<Uint8Array>> {
  const format = await loadFormat(unlocked.file.format);
  return new Redacted(format.formatPlain(unlocked.opened.documents));
}

async function bytesOf(value: Value, unlocked: UnlockedFile): Promise<Redacted<Uint8Array>> {
  if (typeof value === 'string') return new Redacted(new TextEncoder().encode(value));
  if (value instanceof Uint8Array) return new Redacted(value);
  const format = await loadFormat(unlocked.file.format);
  if (value instanceof TreeMap) return new Redacted(format.formatPlain([value]));
  const text = new TextDecoder().decode(format.formatValue(value));
  return new Redacted(new TextEncoder().encode(value instanceof TreeList ? text : text.replace(/\n$/, '')));
}

function keysOf(unlocked: UnlockedFile, secret: Secret): string[] {
  const base =
    secret.key === null
      ? unlocked.opened.documents[0]
      : getPath(unlocked.opened.documents, secret.key.split('/'));
  if (!(base instanceof TreeMap)) return [];
  return base.items.flatMap(item => (typeof item.key === 'string' ? [item.key] : []));
}
