import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from '../errors.ts';
import { readSopsFile } from '../sops/document.ts';
import { formatOfPath } from '../sops/formats/of-path.ts';
import { leaves } from '../sops/tree-path.ts';
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

/** What a plan needs to know of an encrypted file that it read or is about to write; `null`: no sops file. */
export async function managedFile(path: string, bytes: Uint8Array): Promise<ManagedFile | null> {
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(METADATA_MARK) < 0) return null;
  const format = formatOfPath(path);
  try {
    const file = await readSopsFile(bytes, format);
    const document = file.documents[0];
    const keyed = KEYED.has(format) && document !== undefined;
    const { metadata } = file;
    return { path, format, leaves: keyed ? Array.from(leaves(document), leaf => leaf.path) : null, metadata };
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
