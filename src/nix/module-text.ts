import {
  type HandEntry,
  type HandModule,
  type HandOption,
  type NixPlace,
  SETTINGS,
  type Setting,
} from '../workspace/hand-written.ts';
import {
  type Env,
  fileOf,
  insideFunction,
  insideLet,
  lookUp,
  type ModuleSource,
  readValue,
} from './module-values.ts';
import {
  generated,
  isReadable,
  mergedParts,
  PLAIN_PRIORITY,
  priorityOf,
  saysNothingOfSops,
} from './module-words.ts';
import type { NixBinding, NixNode } from './node.ts';

/** One module as its text shows it, with what it leads to. */
export interface ModuleText {
  readonly module: HandModule;
  /** Files and folders that it imports whatever happens, relative to the workspace root. */
  readonly imports: ReadonlyMap<string, NixPlace>;
  /** Modules that it imports in the same file. */
  readonly inline: readonly ModuleText[];
  /** Profiles of home-manager; {@link EVERYBODY} is in all of them. */
  readonly homes: readonly { readonly user: string; readonly text: ModuleText }[];
}

/** Stands for the user of `home-manager.sharedModules`. */
export const EVERYBODY = '*';

const SETTING_NAMES: ReadonlySet<string> = new Set(SETTINGS);
const ENTRIES = ['secrets', 'templates'] as const;

/** Reads a module: `{ config, … }: { … }`, `let … in { … }`, or a set. What else it may be says nothing. */
export function readModule(node: NixNode, source: ModuleSource): ModuleText {
  const reader = new ModuleReader(source);
  reader.read(node, null);
  return reader.text();
}

/** The bindings of a set by its name; sets that `let` or a function lead to are looked into. */
export function bindingsOf(node: NixNode): readonly NixBinding[] {
  let found = node;
  while (found.kind === 'function' || found.kind === 'let') found = found.body;
  return found.kind === 'set' ? found.bindings : [];
}

type Kind = (typeof ENTRIES)[number];
type Bound = Pick<NixBinding, 'value' | 'at'>;
type NixSet = Extract<NixNode, { kind: 'set' }>;
type Entry = HandEntry & { readonly options: Map<string, HandOption> };

class ModuleReader {
  readonly #source: ModuleSource;
  readonly #entries = { secrets: new Map<string, Entry>(), templates: new Map<string, Entry>() };
  readonly #settings = new Map<Setting, HandOption>();
  readonly #otherSettings: ({ readonly name: string } & NixPlace)[] = [];
  readonly #badNames: ({ readonly text: string } & NixPlace)[] = [];
  readonly #imports = new Map<string, NixPlace>();
  #opaque = false;
  /** True while a name has led away from the path of the bindings. */
  #derived = false;
  readonly #inline: ModuleText[] = [];
  readonly #homes: { user: string; text: ModuleText }[] = [];

  constructor(source: ModuleSource) {
    this.#source = source;
  }

  text(): ModuleText {
    const module = {
      path: this.#source.path,
      secrets: [...this.#entries.secrets.values()],
      templates: [...this.#entries.templates.values()],
      settings: this.#settings,
      badNames: this.#badNames,
      otherSettings: this.#otherSettings,
      opaque: this.#opaque,
    };
    return { module, imports: this.#imports, inline: this.#inline, homes: this.#homes };
  }

  read(node: NixNode, env: Env | null): void {
    if (node.kind === 'function') this.read(node.body, insideFunction(node.names, node.at, env));
    else if (node.kind === 'let') this.read(node.body, insideLet(node.bindings, env));
    else {
      if (!isReadable(lookUp(node, env))) this.#opaque = true;
      this.#inside([], node, env);
    }
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
    const led = value.kind === 'name' ? lookUp(value, env) : value;
    const found = generated(led, each => lookUp(each, env)) ?? led;
    if (found.kind === 'set')
      this.#following(found !== value, () => {
        for (const binding of found.bindings) this.#binding(path, binding, env);
      });
    for (const part of mergedParts(value)) this.#inside(path, part, env);
  }

  /** What a name leads to stands elsewhere than under the path of its binding. */
  #following(led: boolean, read: () => void): void {
    const before = this.#derived;
    this.#derived ||= led;
    read();
    this.#derived = before;
  }

  /** Nix would not read such a file at all; only where it is about secrets is it ours to say. */
  #bad(path: readonly string[], text: string, at: number): void {
    const ours = text.startsWith('sops.secrets.') || (path[0] === 'sops' && path[1] === 'secrets');
    if (ours) this.#badNames.push({ text: text.replace(/^sops\.secrets\./, ''), ...this.#place(at) });
  }

  #sops(path: readonly string[], value: NixNode, at: number, env: Env | null): void {
    const [first, name] = path;
    const kind = ENTRIES.find(each => each === first);
    if (kind !== undefined && name !== undefined) this.#entry(kind, path.slice(1), { value, at }, env);
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

  #entry(kind: Kind, [name = '', ...rest]: readonly string[], { value, at }: Bound, env: Env | null): void {
    const entries = this.#entries[kind];
    const entry = entries.get(name) ?? {
      attribute: name,
      options: new Map<string, HandOption>(),
      asSet: false,
      whole: null,
      named: false,
      ...this.#place(at),
    };
    entries.set(name, entry);
    const [option] = rest;
    if (option !== undefined) {
      entry.options.set(option, rest.length > 1 ? this.#unknown(at) : this.#option(value, at, env));
      return;
    }
    const { set, env: inside, byName } = setOf(value, env);
    if (set === null) {
      entries.set(name, { ...entry, whole: readValue(value, env, this.#source) });
      return;
    }
    const named = value.kind !== 'function' && set !== value && !this.#derived;
    entries.set(name, { ...entry, asSet: true, named: entry.named || named });
    this.#following(byName, () => {
      for (const binding of set.bindings) this.#ofEntry(kind, name, binding, inside);
    });
  }

  #ofEntry(kind: Kind, name: string, binding: NixBinding, env: Env | null): void {
    const names = binding.names.filter(each => each !== null);
    if (binding.value.kind === 'bad-name') this.#bad(['sops', 'secrets'], binding.value.text, binding.at);
    else if (names.length === binding.names.length && names.length > 0)
      this.#entry(kind, [name, ...names], binding, env);
  }

  #homeManager(path: readonly string[], value: NixNode, env: Env | null): void {
    const [, users, user, ...rest] = path;
    const isEverybodys = users === 'sharedModules' && user === undefined;
    if (users === undefined || (users === 'users' && user === undefined)) {
      this.#inside(path, value, env);
      return;
    }
    if (!isEverybodys && (users !== 'users' || user === undefined)) return;
    const reader = new ModuleReader(this.#source);
    const file = isEverybodys ? null : fileOf(value, env, this.#source);
    if (isEverybodys) reader.#import(value, env);
    else if (file !== null && rest.length === 0) reader.#imports.set(file, this.#place(value.at));
    else if (rest.length === 0) reader.read(value, env);
    else reader.#binding([], { names: rest, value, at: value.at }, env);
    this.#homes.push({ user: user ?? EVERYBODY, text: reader.text() });
  }

  #import(value: NixNode, env: Env | null): void {
    const found = lookUp(value, env);
    if (found.kind !== 'list') {
      this.#opaque = true;
      return;
    }
    for (const item of found.items) {
      const file = fileOf(item, env, this.#source);
      const led = lookUp(item, env);
      if (file !== null) this.#imports.set(file, this.#place(item.at));
      else if (led.kind === 'set' || led.kind === 'function') {
        const reader = new ModuleReader(this.#source);
        reader.read(led, env);
        this.#inline.push(reader.text());
      } else if (!saysNothingOfSops(led, this.#source.sopsNix)) this.#opaque = true;
    }
  }

  #option(value: NixNode, at: number, env: Env | null): HandOption {
    const derived = this.#derived;
    return {
      value: readValue(value, env, this.#source),
      priority: priorityOf(value),
      derived,
      ...this.#place(at),
    };
  }

  #unknown(at: number): HandOption {
    return {
      value: { kind: 'unknown' },
      priority: PLAIN_PRIORITY,
      derived: this.#derived,
      ...this.#place(at),
    };
  }

  #place(at: number): NixPlace {
    return { path: this.#source.path, line: this.#source.lines.of(at) };
  }
}

/** The set that an entry is, directly or by a name, `let` or a function of its own. */
function setOf(node: NixNode, env: Env | null): { set: NixSet | null; env: Env | null; byName: boolean } {
  let [found, inside, byName] = [node, env, false];
  if (found.kind === 'name') [found, byName] = [lookUp(found, env), true];
  while (found.kind === 'function' || found.kind === 'let') {
    inside =
      found.kind === 'let'
        ? insideLet(found.bindings, inside)
        : insideFunction(found.names, found.at, inside);
    found = found.body;
  }
  return { set: found.kind === 'set' ? found : null, env: inside, byName };
}
