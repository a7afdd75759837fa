import type { HandHost, NixPlace } from '../workspace/hand-written.ts';
import type { Platform } from '../workspace/model.ts';
import type { FlakeHostText } from './flake-hosts.ts';
import { EVERYBODY, type ModuleText } from './module-text.ts';
import { isHomeFile, machinesOf } from './owner.ts';

/** A host as `.sops.yaml` knows it: one of them gives a folder `hosts/NAME` its meaning. */
export interface KnownHost {
  readonly name: string;
  readonly platform: Platform;
}

/** Puts the modules of each configuration together. */
export class Reach {
  readonly #modules: ReadonlyMap<string, ModuleText>;
  readonly #paths: ReadonlySet<string>;
  readonly #foreign: boolean;

  /**
   * @param paths all files of Nix text
   * @param foreign true where the flake has inputs whose modules may say something of sops
   */
  constructor(modules: ReadonlyMap<string, ModuleText>, paths: ReadonlySet<string>, foreign: boolean) {
    this.#modules = modules;
    this.#paths = paths;
    this.#foreign = foreign;
  }

  /** The configurations of the flake, and those of which only a folder tells. */
  hosts(flake: readonly FlakeHostText[], known: readonly KnownHost[]): HandHost[] {
    const found: HandHost[] = [];
    const seen = new Set<string>();
    const own = this.#ownModules();
    for (const { name, platform, modules, whole } of flake) {
      const lying = platform === 'home' ? new Map<string, ModuleText>() : (own.get(name) ?? new Map());
      found.push(...this.#configuration(name, platform, modules, lying, !whole && this.#foreign));
      seen.add(name);
    }
    for (const [name, lying] of own) {
      const host = known.find(each => each.name === name || isAround(each.name, name));
      if (seen.has(name) || host === undefined || host.platform === 'home') continue;
      found.push(...this.#configuration(name, host.platform, [], lying, this.#foreign));
    }
    return found;
  }

  /** What lies in the folder of a machine is of that machine. */
  #ownModules(): Map<string, Map<string, ModuleText>> {
    const own = new Map<string, Map<string, ModuleText>>();
    for (const [path, text] of this.#modules) {
      if (isHomeFile(path)) continue;
      for (const name of machinesOf(path)) own.set(name, (own.get(name) ?? new Map()).set(path, text));
    }
    return own;
  }

  /** A configuration, and the profiles inside it. */
  #configuration(
    name: string,
    platform: Platform,
    roots: readonly ModuleText[],
    lying: ReadonlyMap<string, ModuleText>,
    opaque: boolean,
  ): HandHost[] {
    const entries = [...lying].filter(([path]) => isEntry(path, name)).map(([, text]) => text);
    const all = this.#closure([...roots, ...lying.values()]);
    const certain = this.#closure([...roots, ...entries]).texts;
    const everybody = all.texts.flatMap(each => each.homes).filter(({ user }) => user === EVERYBODY);
    const homes = new Map<string, ModuleText[]>();
    for (const { user, text } of all.texts.flatMap(each => each.homes)) {
      if (user === EVERYBODY) continue;
      homes.set(user, [...(homes.get(user) ?? everybody.map(each => each.text)), text]);
    }
    return [
      { name, platform, inside: null, ...seenOf(all, certain, opaque) },
      ...[...homes].map(([user, those]): HandHost => {
        const inside = this.#closure(those);
        return { name: user, platform: 'home', inside: name, ...seenOf(inside, inside.texts, opaque) };
      }),
    ];
  }

  #closure(roots: readonly ModuleText[]): Closure {
    const found = new Set<ModuleText>(roots);
    const imports = new Map<string, NixPlace>();
    const unread: string[] = [];
    for (const text of found) {
      for (const inner of text.inline) found.add(inner);
      for (const [path, place] of text.imports) {
        if (!imports.has(path)) imports.set(path, place);
        const file = [path, path === '' ? 'default.nix' : `${path}/default.nix`].find(each =>
          this.#paths.has(each),
        );
        const module = file === undefined ? undefined : this.#modules.get(file);
        if (module !== undefined) found.add(module);
        else if (file === undefined) unread.push(path);
      }
    }
    const texts = [...found];
    return { texts, imports, unread, opaque: texts.some(({ module }) => module.opaque) };
  }
}

interface Closure {
  readonly texts: readonly ModuleText[];
  readonly imports: ReadonlyMap<string, NixPlace>;
  readonly unread: readonly string[];
  readonly opaque: boolean;
}

function seenOf(
  { texts, imports, unread, opaque }: Closure,
  certain: readonly ModuleText[],
  isOpaque: boolean,
) {
  return {
    modules: texts.map(({ module }) => module),
    certain: new Set(certain.map(({ module }) => module)),
    opaque: opaque || isOpaque,
    imports,
    unread,
  };
}

/** The file of a machine's folder where its configuration begins. */
function isEntry(path: string, host: string): boolean {
  return (
    ['default.nix', 'configuration.nix'].some(file => path.endsWith(`/${host}/${file}`)) ||
    path.endsWith(`/${host}.nix`)
  );
}

/** `host_megumu` and `megumu-ssh` are around `megumu`. */
function isAround(anchor: string, name: string): boolean {
  return anchor.split(/[-_]/).length > 1 && (anchor.endsWith(name) || anchor.startsWith(name));
}
