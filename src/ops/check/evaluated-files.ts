import { lstat, readFile, realpath } from 'node:fs/promises';
import { SecretsError } from '../../errors.ts';
import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { EvaluatedFile } from '../../workspace/flake-host.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import type { ManagedFile } from '../../workspace/secrets.ts';
import type { Draft } from '../draft.ts';
import { isBrokenSops } from '../drift/governed.ts';
import { managedFile } from '../scan-files.ts';

/** A larger file of the store is no sops file. */
const MAX_STORE_BYTES = 4 * 1024 * 1024;

/** What a declared file is. */
export interface DeclaredFile {
  /** Relative to the workspace root; `null`: it is not of this repository. */
  readonly path: string | null;
  /** `broken`: it has sops metadata, and does not load. `unknown`: it lies where it cannot be looked at. */
  readonly state: 'sops' | 'no-sops' | 'broken' | 'missing' | 'unknown';
  readonly managed: ManagedFile | null;
  /** Canonical recipients. */
  readonly readers: ReadonlySet<string>;
  /** The keys of YAML and JSON by their path joined with `/`; those that hold a `/` themselves are not among them. */
  readonly keys: ReadonlySet<string>;
  /** Paths under which keys lie: maps and lists. */
  readonly maps: ReadonlySet<string>;
}

const NOTHING = {
  managed: null,
  readers: new Set<string>(),
  keys: new Set<string>(),
  maps: new Set<string>(),
};

/** The files that evaluated configurations name, each read once. */
export class DeclaredFiles {
  readonly #draft: Draft;
  readonly #known = new Map<string, DeclaredFile>();
  /** Files of the repository by their mac, which no two of them share. */
  #byMac: Map<string, ManagedFile> | undefined;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** Reads what is not known yet. */
  async look(file: EvaluatedFile): Promise<DeclaredFile> {
    const known = this.#known.get(file.shown);
    if (known !== undefined) return known;
    const found = await this.#read(file);
    this.#known.set(file.shown, found);
    return found;
  }

  /** What {@link look} found before. */
  known(file: EvaluatedFile): DeclaredFile | null {
    return this.#known.get(file.shown) ?? null;
  }

  async #read({ path, shown, inStore }: EvaluatedFile): Promise<DeclaredFile> {
    if (path !== null) return this.#readOwn(path);
    const bytes = inStore ? await readStoreFile(shown) : null;
    if (bytes === null) return { path: null, state: 'unknown', ...NOTHING };
    const managed = await managedFile(shown, bytes);
    if (managed === null) return { path: null, state: await stateOf(bytes, shown), ...NOTHING };
    // a file that was copied to the store by itself has lost its folder
    this.#byMac ??= new Map(this.#draft.files.map(file => [file.metadata?.mac ?? file.path, file]));
    const own = this.#byMac.get(managed.metadata?.mac ?? '');
    return own === undefined ? described(null, managed) : described(own.path, own);
  }

  async #readOwn(path: string): Promise<DeclaredFile> {
    const known = this.#draft.managedFile(path);
    if (known?.metadata !== undefined) return described(path, known);
    const file = await this.#readQuietly(path);
    if (file === 'unknown') return { path, state: 'unknown', ...NOTHING };
    if (file === null) return { path, state: 'missing', ...NOTHING };
    const managed = await managedFile(path, file);
    if (managed !== null) return described(path, managed);
    return { path, state: await stateOf(file, path), ...NOTHING };
  }

  async #readQuietly(path: string): Promise<Uint8Array | null | 'unknown'> {
    try {
      return (await this.#draft.read(path))?.bytes ?? null;
    } catch (error) {
      if (error instanceof SecretsError) return 'unknown';
      throw error;
    }
  }
}

/** What is no sops file may have been one. */
async function stateOf(bytes: Uint8Array, path: string): Promise<'broken' | 'no-sops'> {
  return (await isBrokenSops(bytes, path)) ? 'broken' : 'no-sops';
}

function described(path: string | null, managed: ManagedFile): DeclaredFile {
  const readers = managed.metadata === undefined ? [] : recipientsOf(managed.metadata);
  const keys = new Set<string>();
  const maps = new Set<string>();
  for (const leaf of managed.leaves ?? []) {
    if (leaf.some(part => part.includes('/'))) continue;
    keys.add(leaf.join('/'));
    for (let depth = leaf.length - 1; depth > 0; depth--) {
      const above = leaf.slice(0, depth).join('/');
      if (maps.has(above)) break;
      maps.add(above);
    }
  }
  return { path, state: 'sops', managed, readers: new Set(readers.map(canonicalRecipient)), keys, maps };
}

/** A regular file of the store itself, which a link in it may not leave. */
async function readStoreFile(path: string): Promise<Uint8Array | null> {
  try {
    const store = /^.*?\/store(?=\/)/.exec(path)?.[0];
    const real = await realpath(path);
    if (store === undefined || !real.startsWith(`${await realpath(store)}/`)) return null;
    const found = await lstat(real);
    return found.isFile() && found.size <= MAX_STORE_BYTES ? await readFile(real) : null;
  } catch {
    return null;
  }
}
