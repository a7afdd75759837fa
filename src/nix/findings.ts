import type { Platform } from '../workspace/model.ts';
import { namesFile } from './file-match.ts';
import type { Literal } from './frame.ts';
import { Lines } from './lines.ts';
import { isHomeFile } from './owner.ts';
import { folderOf, resolvePath } from './path.ts';
import { after, endsIn, type Scope } from './scope.ts';
import { tokenize } from './tokens.ts';
import { type LiteralContext, type Visitor, walk } from './walk.ts';

/** A tracked Nix file; the path is relative to the workspace root, with `/`. */
export interface NixFile {
  readonly path: string;
  readonly text: string;
}

/** A line of a file. */
export interface Place {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
}

/** One of the settings that say which key decrypts on a host. */
export interface KeySource extends Place {
  readonly option: 'age.keyFile' | 'age.sshKeyPaths';
  /** What it is set to, `null` where that is computed. */
  readonly paths: readonly string[] | null;
}

/** A binding of `sops.secrets.NAME` or of one of its options. */
interface HandDeclaration extends Place {
  readonly name: string;
  /** `null` where the whole secret is bound. */
  readonly option: string | null;
  /** True where the value is no plain set, so that nobody sees what is in it. */
  readonly computed: boolean;
}

/** Everything about sops-nix that one file says to one host. */
export interface Findings {
  readonly declarations: HandDeclaration[];
  /** By name: where `sops.secrets.NAME` or its placeholder is used. */
  readonly uses: Map<string, Place[]>;
  /** Names that occur as a word, and the line; a use where the file takes `config.sops.secrets` as a whole. */
  readonly words: Map<string, Place>;
  takesAll: boolean;
  readonly keySources: KeySource[];
  defaultSopsFile: boolean;
  /** `sops.defaultSopsFile`, relative to the workspace root, where it is a path literal. */
  defaultFile: string | null;
  readonly moduleImports: Place[];
  readonly emittedImports: Place[];
}

export interface FileQuery {
  readonly platform: Platform;
  readonly emittedPath: string | null;
  /** Names whose plain occurrence is of interest. */
  readonly secrets: ReadonlySet<string>;
  /** Names under which the flake has sops-nix. */
  readonly inputs: ReadonlySet<string>;
  readonly isOthersScope: (scope: Scope) => boolean;
}

const MODULE_SETS: Readonly<Record<Platform, ReadonlySet<string>>> = {
  nixos: new Set(['nixosModules', 'nixosModule']),
  darwin: new Set(['darwinModules', 'darwinModule']),
  home: new Set(['homeManagerModules', 'homeManagerModule', 'homeModules', 'homeModule']),
};
/** The same modules by their place in the sources of sops-nix, for repositories without flakes. */
const MODULE_PATHS: Readonly<Record<Platform, string>> = {
  nixos: '/modules/sops',
  darwin: '/modules/nix-darwin',
  home: '/modules/home-manager',
};
/** A list of keys that is longer than this is as good as computed. */
const KEY_PATHS = 16;
/** Wrappers that change how a value is merged, not what it is. */
const PRIORITIES = new Set(['mkForce', 'mkDefault', 'mkBefore', 'mkAfter']);
/** Functions that take a folder and import what is in it. */
const FOLDER_READERS = new Set(['readDir', 'listFilesRecursive', 'import-tree', 'umport', 'listNixFiles']);

/** Reads one file. Never throws; linear in the length of the text. */
export function findIn(file: NixFile, query: FileQuery): Findings {
  const visitor = new FileVisitor(file, query);
  walk(tokenize(file.text), visitor);
  return visitor.found;
}

class FileVisitor implements Visitor {
  readonly found: Findings = {
    declarations: [],
    uses: new Map(),
    words: new Map(),
    takesAll: false,
    keySources: [],
    defaultSopsFile: false,
    defaultFile: null,
    moduleImports: [],
    emittedImports: [],
  };
  readonly #file: NixFile;
  readonly #query: FileQuery;
  readonly #lines: Lines;
  readonly #homeFile: boolean;

  constructor(file: NixFile, query: FileQuery) {
    this.#file = file;
    this.#query = query;
    this.#lines = new Lines(file.text);
    this.#homeFile = isHomeFile(file.path);
  }

  binding(scope: Scope, at: number, plainSet: boolean): void {
    if (!this.#concerns(scope) || !this.#ownNamespace(scope)) return;
    if (endsIn(scope, 'sops', 'defaultSopsFile')) this.found.defaultSopsFile = true;
    const source = keySourceOf(scope);
    if (source !== null) this.found.keySources.push({ option: source, paths: [], ...this.#place(at) });
    this.#declared(scope, at, !plainSet);
  }

  inherited(scope: Scope, at: number): void {
    if (!this.#concerns(scope)) return;
    this.#word(scope.tail.at(-1) ?? null, at);
    if (this.#ownNamespace(scope)) this.#declared(scope, at, true);
  }

  selection(names: readonly (string | null)[], scope: Scope, at: number): void {
    if (!this.#concerns(scope)) return;
    for (const name of names) this.#word(name, at);
    this.#used(names, at);
    if (this.#isModule(names)) this.found.moduleImports.push(this.#place(at));
    const source = keySourceOf(scope);
    const last = this.found.keySources.at(-1);
    if (PRIORITIES.has(names.at(-1) ?? '')) return;
    if (source !== null && last?.option === source)
      this.found.keySources.splice(-1, 1, { ...last, paths: null });
  }

  literal(literal: Literal, scope: Scope, context: LiteralContext): void {
    if (!this.#concerns(scope)) return;
    const { path } = this.#file;
    const plain = plainText(literal);
    this.#word(plain, literal.at);
    if (this.#importsEmitted(literal, context)) this.found.emittedImports.push(this.#place(literal.at));
    if (this.#isModulePath(literal)) this.found.moduleImports.push(this.#place(literal.at));
    if (!this.#ownNamespace(scope)) return;
    if (endsIn(scope, 'sops', 'defaultSopsFile') && literal.kind === 'path') {
      this.found.defaultFile = plain === null ? null : resolvePath(folderOf(path), plain);
    }
    this.#keyPath(scope, plain);
    // sops.secrets = lib.genAttrs [ "a" "b" ] (…)
    if (context.inList && plain !== null && endsIn(scope, 'sops', 'secrets')) {
      this.found.declarations.push({ name: plain, option: null, computed: true, ...this.#place(literal.at) });
    }
  }

  #declared(scope: Scope, at: number, computed: boolean): void {
    const { tail } = scope;
    for (const [depth, option] of [
      [3, false],
      [4, true],
    ] as const) {
      const [sops, secrets, name, inner] = tail.slice(-depth);
      if (sops !== 'sops' || secrets !== 'secrets' || name === undefined || name === null) continue;
      if (tail.at(-depth - 1) === 'options') continue;
      this.found.declarations.push({
        name,
        option: option ? (inner ?? '') : null,
        computed,
        ...this.#place(at),
      });
    }
  }

  #used(names: readonly (string | null)[], at: number): void {
    for (let i = names.indexOf('sops'); i !== -1; i = names.indexOf('sops', i + 1)) {
      if (names[i + 1] !== 'secrets' && names[i + 1] !== 'placeholder') continue;
      const name = names[i + 2] ?? null;
      if (name === null) {
        this.found.takesAll = true;
        continue;
      }
      const places = this.found.uses.get(name) ?? [];
      places.push(this.#place(at));
      this.found.uses.set(name, places);
    }
  }

  #word(name: string | null, at: number): void {
    if (name === null || !this.#query.secrets.has(name) || this.found.words.has(name)) return;
    this.found.words.set(name, this.#place(at));
  }

  /** `inputs.sops-nix.nixosModules.sops`; a computed set may be the right one. */
  #isModule(names: readonly (string | null)[]): boolean {
    const at = names.findIndex(name => name !== null && this.#query.inputs.has(name));
    const set = names[at + 1];
    if (at === -1 || set === undefined) return false;
    return set === null || MODULE_SETS[this.#query.platform].has(set);
  }

  #isModulePath(literal: Literal): boolean {
    const wanted = MODULE_PATHS[this.#query.platform];
    if (literal.kind === 'search') return literal.parts[0]?.startsWith(`<sops-nix${wanted}`) === true;
    return (
      literal.parts.length === 2 && literal.parts[0] === null && literal.parts[1]?.startsWith(wanted) === true
    );
  }

  #importsEmitted(literal: Literal, context: LiteralContext): boolean {
    const { emittedPath } = this.#query;
    if (emittedPath === null) return false;
    const { path } = this.#file;
    if (namesFile(literal, path, emittedPath)) return true;
    const reads = context.appliedTo !== null && FOLDER_READERS.has(context.appliedTo);
    return reads && literal.kind === 'path' && namesFile(literal, path, folderOf(emittedPath));
  }

  #keyPath(scope: Scope, text: string | null): void {
    const source = keySourceOf(scope);
    const last = this.found.keySources.at(-1);
    if (source === null || last?.option !== source || last.paths === null) return;
    const paths = text === null || last.paths.length >= KEY_PATHS ? null : [...last.paths, text];
    this.found.keySources.splice(-1, 1, { ...last, paths });
  }

  #concerns(scope: Scope): boolean {
    return !this.#query.isOthersScope(scope);
  }

  /** The `sops` of a home-manager profile inside a system is not that of the system. */
  #ownNamespace(scope: Scope): boolean {
    return this.#query.platform === 'home' || !(scope.home || this.#homeFile);
  }

  #place(at: number): Place {
    return { path: this.#file.path, line: this.#lines.of(at) };
  }
}

function keySourceOf(scope: Scope): KeySource['option'] | null {
  const name = after(scope, 'sops', 'age');
  return name === 'keyFile' || name === 'sshKeyPaths' ? `age.${name}` : null;
}

function plainText(literal: Literal): string | null {
  if (literal.kind === 'search') return null;
  return literal.parts.length === 0 ? '' : literal.parts.length === 1 ? (literal.parts[0] ?? null) : null;
}
