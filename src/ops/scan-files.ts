import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from '../errors.ts';
import { formatOfPath } from '../sops/formats/of-path.ts';
import { readAnySopsFile } from '../sops/read-any.ts';
import { type Leaf, leaves } from '../sops/tree-path.ts';
import type { Inventory } from '../workspace/model.ts';
import { ruleFor } from '../workspace/rules.ts';
import type { ManagedFile } from '../workspace/secrets.ts';
import { readWorkFile } from './files.ts';
import { errnoOf } from './transaction/system-error.ts';

/** Formats whose keys are secrets of their own; the others are delivered as whole files. */
const KEYED = new Set(['yaml', 'json']);
const METADATA_MARK = Buffer.from('sops');
const EMITTED_BY_US = /\.(nix|md|pub)$/;

/**
 * Those of `paths` that a rule governs and that carry sops metadata, with the paths of their leaves. A file
 * that cannot be read as a sops file is left out here: it is no secret, and `check` says why.
 */
export async function scanManagedFiles(
  root: string,
  inventory: Inventory,
  paths: readonly string[],
): Promise<ManagedFile[]> {
  const nested = nestedRoots(paths);
  const governed = paths.filter(path => isCandidate(inventory, path, nested));
  const files = await Promise.all(governed.map(path => scanFile(root, path)));
  return files.filter(file => file !== null);
}

/** Folders below the root that have a `.sops.yaml` of their own, with a final `/`. */
function nestedRoots(paths: readonly string[]): string[] {
  return paths.filter(path => path.endsWith('/.sops.yaml')).map(path => path.slice(0, -'.sops.yaml'.length));
}

function isCandidate(inventory: Inventory, path: string, nested: readonly string[]): boolean {
  if (EMITTED_BY_US.test(path) || nested.some(folder => path.startsWith(folder))) return false;
  return ruleFor(inventory, path) !== null;
}

/** A link is another name of a file that has one: following it would list a secret twice. */
export function isLink(root: string, path: string): boolean {
  try {
    return lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch (error) {
    // git still lists what was below a folder that became a file
    if (errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

async function scanFile(root: string, path: string): Promise<ManagedFile | null> {
  if (isLink(root, path)) return null;
  const bytes = await readQuietly(root, path);
  return bytes === null ? null : managedFile(path, bytes);
}

async function readQuietly(root: string, path: string): Promise<Uint8Array | null> {
  try {
    return (await readWorkFile(root, path))?.bytes ?? null;
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

/** What the type tag of an encrypted value, or a value in clear, is to the installer. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'a number',
  float: 'a number',
  bool: 'true or false',
  time: 'a date, which arrives in another form',
};
const TYPE_TAG = /,type:([a-z]+)\]$/;

/** The installer takes strings alone; whole lists and values in clear of other types break all secrets of a host. */
function oddLeaves(found: readonly Leaf[]): Map<string, string> | undefined {
  const odd = new Map<string, string>();
  for (const { path, value } of found) {
    const what = oddity(value);
    if (what !== null) odd.set(path.join('/'), what);
  }
  return odd.size === 0 ? undefined : odd;
}

function oddity(value: Leaf['value']): string | null {
  if (typeof value === 'string') return TYPES[TYPE_TAG.exec(value)?.[1] ?? ''] ?? null;
  if (value === null) return 'nothing (null)';
  return value instanceof Uint8Array ? null : 'no string';
}

/** What a plan needs to know of an encrypted file that it read or is about to write; `null`: no sops file. */
export async function managedFile(path: string, bytes: Uint8Array): Promise<ManagedFile | null> {
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(METADATA_MARK) < 0) return null;
  try {
    const { format, documents, metadata } = await readAnySopsFile(bytes, formatOfPath(path));
    const document = documents[0];
    const keyed = KEYED.has(format) && document !== undefined;
    if (!keyed) return { path, format, leaves: null, metadata };
    const found = Array.from(leaves(document));
    return { path, format, leaves: found.map(leaf => leaf.path), metadata, odd: oddLeaves(found) };
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
