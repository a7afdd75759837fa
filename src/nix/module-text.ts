import {
  type HandModule,
  type HandOption,
  type HandSecret,
  type NixPlace,
  type NixValue,
  SETTINGS,
  type Setting,
} from '../workspace/hand-written.ts';
import type { NixBinding, NixNode } from './expression.ts';
import type { Lines } from './lines.ts';
import {
  isPriority,
  mergedParts,
  PLAIN_PRIORITY,
  priorityOf,
  saysNothingOfSops,
  wordValue,
} from './module-words.ts';
import { folderOf, resolvePath } from './path.ts';

/** One module as its text shows it, with what it leads to. */
export interface ModuleText {
  readonly module: HandModule;
  /** Files and folders that it imports whatever happens, relative to the workspace root. */
  readonly imports: ReadonlyMap<string, NixPlace>;
  /** Modules that it imports in the same file. */
  readonly inline: readonly ModuleText[];
  /** Profiles of home-manager. */
  readonly homes: readonly { readonly user: string; readonly text: ModuleText }[];
}

/** The file that is read. */
export interface ModuleSource {
  readonly path: string;
  readonly lines: Lines;
  /** The folder of the flake, which is what `self` means; `null` where there is no flake. */
  readonly flakeFolder: string | null;
}

/** Names that `let` binds around a value. */
interface Env {
  readonly bindings: ReadonlyMap<string, NixNode>;
  readonly outer: Env | null;
}

const SETTING_NAMES: ReadonlySet<string> = new Set(SETTINGS);
/** A name leads to a name at most so often. */
const MAX_LOOKUPS = 4;

/** Reads a module: `{ config, … }: { … }`, `let … in { … }`, or a set. What else it may be says nothing. */
export function readModule(node: NixNode, source: ModuleSource): ModuleText {
  const reader = new ModuleReader(source);
  reader.read(node, null);
  return reader.text();
}

/** The binding of a set by its name; sets that `let` or a function lead to are looked into. */
export function bindingsOf(node: NixNode): readonly NixBinding[] {
  let found = node;
  while (found.kind === 'function' || found.kind === 'let') found = found.body;
  return found.kind === 'set' ? found.bindings : [];
}

class ModuleReader {
  readonly #source: ModuleSource;
  readonly #secrets = new Map<string, HandSecret & { readonly options: Map<string, HandOption> }>();
  readonly #templates = new Map<string, { readonly name: string } & NixPlace>();
  readonly #settings = new Map<Setting, HandOption>();
  readonly #otherSettings: ({ readonly name: string } & NixPlace)[] = [];
  readonly #badNames: ({ readonly text: string } & NixPlace)[] = [];
  readonly #imports = new Map<string, NixPlace>();
  #opaque = false;
  readonly #inline: ModuleText[] = [];
  readonly #homes: { user: string; text: ModuleText }[] = [];

  constructor(source: ModuleSource) {
    this.#source = source;
  }

  text(): ModuleText {
    const module = {
      path: this.#source.path,
      secrets: [...this.#secrets.values()],
      templates: [...this.#templates.values()],
      settings: this.#settings,
      badNames: this.#badNames,
      otherSettings: this.#otherSettings,
      opaque: this.#opaque,
    };
    return { module, imports: this.#imports, inline: this.#inline, homes: this.#homes };
  }

  read(node: NixNode, env: Env | null): void {
    if (node.kind === 'function') this.read(node.body, env);
    else if (node.kind === 'let')
      this.read(node.body, { bindings: bindingsByName(node.bindings), outer: env });
    else this.#inside([], node, env);
  }

  #binding(above: readonly string[], { names, value, at }: NixBinding, env: Env | null): void {
    const path = [...above];
    for (const name of names) {
      if (name === null) return;
      if (path.length > 0 || name !== 'config' || names.length === 1) path.push(name);
    }
    if (value.kind === 'bad-name') this.#bad(path, value.text, value.at);
    else if (path[0] === 'config' && path.length === 1) this.#inside([], value, env);
    else if (path[0] === 'imports' && path.length === 1) this.#import(value, env);
    else if (path[0] === 'sops') this.#sops(path.slice(1), value, at, env);
    else if (path[0] === 'home-manager') this.#homeManager(path, value, env);
  }

  #inside(path: readonly string[], value: NixNode, env: Env | null): void {
    if (value.kind === 'set') for (const binding of value.bindings) this.#binding(path, binding, env);
    for (const part of mergedParts(value)) this.#inside(path, part, env);
  }

  /** Nix would not read such a file at all; only where it is about secrets is it ours to say. */
  #bad(path: readonly string[], text: string, at: number): void {
    const ours = text.startsWith('sops.secrets.') || (path[0] === 'sops' && path[1] === 'secrets');
    if (ours) this.#badNames.push({ text: text.replace(/^sops\.secrets\./, ''), ...this.#place(at) });
  }

  #sops(path: readonly string[], value: NixNode, at: number, env: Env | null): void {
    const [first, name] = path;
    if (first === 'secrets' && name !== undefined) this.#secret(name, path.slice(2), value, at, env);
    else if (first === 'templates' && name !== undefined) this.#template(name, at);
    else if (SETTING_NAMES.has(path.join('.'))) {
      const setting = SETTINGS.find(each => each === path.join('.'));
      if (setting !== undefined) this.#settings.set(setting, this.#option(value, at, env));
    } else {
      // of a set the first name says enough, and what is in it is read by itself
      const names = value.kind === 'set' ? path.slice(0, 1) : path;
      if (names.length > 0) this.#otherSettings.push({ name: names.join('.'), ...this.#place(at) });
      this.#inside(['sops', ...path], value, env);
    }
  }

  #template(name: string, at: number): void {
    if (!this.#templates.has(name)) this.#templates.set(name, { name, ...this.#place(at) });
  }

  #secret(name: string, rest: readonly string[], value: NixNode, at: number, env: Env | null): void {
    const known = this.#secrets.get(name) ?? {
      attribute: name,
      options: new Map<string, HandOption>(),
      asSet: false,
      whole: null,
      ...this.#place(at),
    };
    this.#secrets.set(name, known);
    const [option] = rest;
    if (option !== undefined) {
      const nested = rest.length > 1;
      known.options.set(option, nested ? this.#unknown(at) : this.#option(value, at, env));
    } else if (value.kind === 'set') {
      this.#secrets.set(name, { ...known, asSet: true });
      for (const binding of value.bindings) {
        const names = binding.names.filter(each => each !== null);
        if (binding.value.kind === 'bad-name') this.#bad(['sops', 'secrets'], binding.value.text, binding.at);
        else if (names.length === binding.names.length)
          this.#secret(name, names, binding.value, binding.at, env);
      }
    } else this.#secrets.set(name, { ...known, whole: this.#value(value, env) });
  }

  #homeManager(path: readonly string[], value: NixNode, env: Env | null): void {
    const [, users, user, ...rest] = path;
    if (users === undefined || (users === 'users' && user === undefined)) {
      this.#inside(path, value, env);
      return;
    }
    if (users !== 'users' || user === undefined) return;
    const reader = new ModuleReader(this.#source);
    const file = this.#fileOf(value, env);
    if (file !== null && rest.length === 0) reader.#imports.set(file, this.#place(value.at));
    else if (rest.length === 0) reader.read(value, env);
    else reader.#binding([], { names: rest, value, at: value.at }, env);
    this.#homes.push({ user, text: reader.text() });
  }

  #import(value: NixNode, env: Env | null): void {
    const found = this.#lookUp(value, env);
    if (found.kind !== 'list') {
      this.#opaque = true;
      return;
    }
    for (const item of found.items) {
      const file = this.#fileOf(item, env);
      if (file !== null) this.#imports.set(file, this.#place(item.at));
      else if (item.kind === 'set' || item.kind === 'function') {
        const reader = new ModuleReader(this.#source);
        reader.read(item, env);
        this.#inline.push(reader.text());
      } else if (!saysNothingOfSops(item)) this.#opaque = true;
    }
  }

  /** `./x` and `import ./x`. */
  #fileOf(node: NixNode, env: Env | null): string | null {
    const isImport = node.kind === 'call' && node.head.kind === 'name' && node.head.names.at(-1) === 'import';
    const value = this.#value(isImport ? (node.args[0] ?? node) : node, env);
    return value.kind === 'path' ? value.file : null;
  }

  #option(value: NixNode, at: number, env: Env | null): HandOption {
    return { value: this.#value(value, env), priority: priorityOf(value), ...this.#place(at) };
  }

  #unknown(at: number): HandOption {
    return { value: { kind: 'unknown' }, priority: PLAIN_PRIORITY, ...this.#place(at) };
  }

  #value(node: NixNode, env: Env | null): NixValue {
    const found = this.#lookUp(node, env);
    switch (found.kind) {
      case 'text':
      case 'number':
        return { kind: found.kind, text: found.text };
      case 'path':
        return { kind: 'path', text: found.text, file: resolvePath(folderOf(this.#source.path), found.text) };
      case 'joined':
        return this.#inFlake(found.names, found.text);
      case 'list':
        return { kind: 'list', items: found.items.map(item => this.#value(item, env)) };
      case 'set':
        return { kind: 'set', text: '{ … }' };
      case 'name':
        return wordValue(found.names, bound(env, found.names[0] ?? null) === null);
      default:
        return { kind: 'unknown' };
    }
  }

  /** `self + "/x"`, `"${inputs.self}/x"` */
  #inFlake(names: readonly (string | null)[], text: string): NixValue {
    const { flakeFolder } = this.#source;
    const isSelf = names.at(-1) === 'self' && (names.length === 1 || names.join('.') === 'inputs.self');
    if (!isSelf || flakeFolder === null || !text.startsWith('/')) return { kind: 'unknown' };
    const file = resolvePath(flakeFolder, text.slice(1));
    return { kind: 'path', text, file };
  }

  /** What a name of `let` stands for, and what a priority is given to. */
  #lookUp(node: NixNode, env: Env | null): NixNode {
    let found = node;
    for (let tries = 0; tries < MAX_LOOKUPS; tries++) {
      const { kind } = found;
      if (kind === 'name' && found.names.length === 1) {
        const value = bound(env, found.names[0] ?? null);
        if (value === null) return found;
        found = value;
      } else if (kind === 'call' && found.args.length === 1 && isPriority(found.head))
        found = found.args[0] ?? found;
      else return found;
    }
    return { kind: 'unknown', at: node.at };
  }

  #place(at: number): NixPlace {
    return { path: this.#source.path, line: this.#source.lines.of(at) };
  }
}

function bound(env: Env | null, name: string | null): NixNode | null {
  for (let at = env; at !== null; at = at.outer) {
    const found = name === null ? undefined : at.bindings.get(name);
    if (found !== undefined) return found;
  }
  return null;
}

/** What single names of a `let` stand for. */
function bindingsByName(bindings: readonly NixBinding[]): Map<string, NixNode> {
  const byName = new Map<string, NixNode>();
  for (const { names, value } of bindings) {
    const [name = null, ...more] = names;
    if (name !== null && more.length === 0 && !byName.has(name)) byName.set(name, value);
  }
  return byName;
}
