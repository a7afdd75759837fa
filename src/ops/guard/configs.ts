import { SecretsError } from '../../errors.ts';
import { configText } from '../../workspace/config-bytes.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { Tree } from './snapshot.ts';

const NAME = '.sops.yaml';

/** What governs a path in a tree. */
export interface Governance {
  /** The nearest config at or above the file; `null`: there is none. */
  readonly config: string | null;
  /** Why that config does not load; `null`: it does, or there is none. */
  readonly broken: SecretsError | null;
  readonly inventory: Inventory | null;
  readonly rule: Rule | null;
}

interface ConfigText {
  /** `null`: it cannot be read. */
  readonly bytes: Uint8Array | null;
  readonly isLink: boolean;
}

/** The configs of a tree as they stand, not parsed yet: that takes longer than all the rest of a small commit. */
export class ConfigTexts {
  readonly #texts: ReadonlyMap<string, ConfigText>;
  #loaded: Promise<TreeConfigs> | undefined;

  private constructor(texts: ReadonlyMap<string, ConfigText>) {
    this.#texts = texts;
  }

  static async of(tree: Tree | null): Promise<ConfigTexts> {
    const texts = new Map<string, ConfigText>();
    for (const path of tree?.paths ?? []) {
      if (!path.endsWith(NAME) || (path !== NAME && !path.endsWith(`/${NAME}`))) continue;
      texts.set(path, { bytes: (await tree?.read(path)) ?? null, isLink: tree?.links?.has(path) === true });
    }
    return new ConfigTexts(texts);
  }

  /** True where both trees hold the same configs. */
  equals(other: ConfigTexts): boolean {
    if (this.#texts.size !== other.#texts.size) return false;
    return [...this.#texts].every(([path, text]) => {
      const theirs = other.#texts.get(path);
      return theirs !== undefined && theirs.isLink === text.isLink && sameBytes(theirs.bytes, text.bytes);
    });
  }

  /** True where some pattern may have been written for modules of Nix. */
  get mentionNix(): boolean {
    return [...this.#texts.values()].some(({ bytes }) => {
      const text = Buffer.from(bytes ?? []);
      // YAML may spell a letter by its number.
      return ['nix', '\\x', '\\u', '\\U'].some(part => text.includes(part));
    });
  }

  /** Once. */
  load(): Promise<TreeConfigs> {
    this.#loaded ??= loadAll(this.#texts);
    return this.#loaded;
  }
}

function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(other);
}

async function loadAll(texts: ReadonlyMap<string, ConfigText>): Promise<TreeConfigs> {
  const loaded = new Map<string, Inventory | SecretsError>();
  for (const [path, text] of texts) loaded.set(path, await load(path, text));
  return new TreeConfigs(loaded);
}

/** The configs of a tree; each governs what lies below it, down to the next one. */
export class TreeConfigs {
  readonly #loaded: ReadonlyMap<string, Inventory | SecretsError>;

  constructor(loaded: ReadonlyMap<string, Inventory | SecretsError>) {
    this.#loaded = loaded;
  }

  /** The folders of the configs, and git's top: empty or ending in `/`. */
  folders(): string[] {
    return ['', ...[...this.#loaded.keys()].map(path => path.slice(0, -NAME.length))];
  }

  /** By path: every config, or why it does not load. */
  all(): ReadonlyMap<string, Inventory | SecretsError> {
    return this.#loaded;
  }

  /** Those that do not load, and why. */
  *broken(): Generator<[string, SecretsError]> {
    for (const [path, found] of this.#loaded) if (found instanceof SecretsError) yield [path, found];
  }

  governing(path: string): Governance {
    for (const folder of foldersAbove(path)) {
      const config = folder + NAME;
      const found = this.#loaded.get(config);
      if (found === undefined) continue;
      if (found instanceof SecretsError) return { config, broken: found, inventory: null, rule: null };
      const rule = ruleFor(found, path.slice(folder.length));
      return { config, broken: null, inventory: found, rule };
    }
    return { config: null, broken: null, inventory: null, rule: null };
  }
}

async function load(path: string, { bytes, isLink }: ConfigText): Promise<Inventory | SecretsError> {
  if (isLink) {
    return new SecretsError('BAD_INVENTORY', 'it is a symbolic link: what it says is not in the commit', {
      hint: 'commit the file itself',
    });
  }
  if (bytes === null) return new SecretsError('BAD_INVENTORY', 'it cannot be read');
  const { parseInventory } = await import('../../workspace/parse.ts');
  try {
    return parseInventory(configText(bytes, path), path);
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
}

/** The nearest first; empty or ending in `/`. */
function* foldersAbove(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    yield path.slice(0, end + 1);
  }
  yield '';
}
