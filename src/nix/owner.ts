import type { Scope } from './scope.ts';

/** Folders that people keep one subfolder or file per machine in. */
const HOST_FOLDERS = new Set(['hosts', 'host', 'machines', 'systems', 'nodes']);
/** What lies beside the hosts and belongs to all of them. */
const SHARED =
  /^(?:default|common|shared|global|base|core|all|modules|profiles|roles|features|optional|lib|options)$|^[._]/;
const HOME = /^(?:home|homes|home-manager|hm)(?:\.nix)?$/;

/**
 * Says of a place in the repository whether it clearly belongs to another host than `host`. A folder `hosts/x`
 * is clear only where the host has one beside it or `x` is known to be a host; everything else may be anybody's.
 */
export class Ownership {
  readonly #host: string;
  /** Folders such as `hosts/` in which the host has its own place. */
  readonly #homes = new Set<string>();
  readonly #others: ReadonlySet<string>;

  /** @param others names that are known to be other hosts */
  constructor(paths: Iterable<string>, host: string, others: Iterable<string> = []) {
    this.#host = host;
    this.#others = new Set([...others].filter(name => name !== host));
    for (const path of paths) {
      for (const [folder, name] of hostPlaces(path)) if (name === host) this.#homes.add(folder);
    }
  }

  /** True where the file lies in the folder of another host. */
  isOthersFile(path: string): boolean {
    return hostPlaces(path).some(([folder, name]) => {
      if (name === this.#host) return false;
      return this.#others.has(name) || (this.#homes.has(folder) && !SHARED.test(name));
    });
  }

  /** True where the file lies in the host's own folder. */
  isOwnFile(path: string): boolean {
    return hostPlaces(path).some(([, name]) => name === this.#host);
  }

  /** True inside `nixosConfigurations.OTHER`. */
  isOthersScope(scope: Scope): boolean {
    const { owner } = scope;
    return (
      owner !== null &&
      owner !== this.#host &&
      !owner.endsWith(`@${this.#host}`) &&
      !owner.startsWith(`${this.#host}@`)
    );
  }

  /** The file where the host's own configuration begins, `null` where none is evident. */
  ownFile(paths: readonly string[]): string | null {
    const host = this.#host;
    for (const folder of this.#homes) {
      for (const tail of [`${host}/default.nix`, `${host}/configuration.nix`, `${host}.nix`]) {
        if (paths.includes(`${folder}/${tail}`)) return `${folder}/${tail}`;
      }
    }
    return paths.includes('configuration.nix') ? 'configuration.nix' : null;
  }
}

/** The machines in whose folders a file lies: `hosts/NAME/…`. What the hosts share is none. */
export function machinesOf(path: string): string[] {
  return hostPlaces(path).flatMap(([, name]) => (SHARED.test(name) ? [] : [name]));
}

/** True for what people put the modules of home-manager into. */
export function isHomeFile(path: string): boolean {
  return path.split('/').some(segment => HOME.test(segment));
}

/** Each `hosts/NAME` in a path, as the folder and the name. */
function hostPlaces(path: string): [folder: string, name: string][] {
  const segments = path.split('/');
  const found: [string, string][] = [];
  for (const [i, segment] of segments.slice(0, -1).entries()) {
    if (!HOST_FOLDERS.has(segment) || found.length === HOST_FOLDERS.size) continue;
    found.push([segments.slice(0, i + 1).join('/'), (segments[i + 1] ?? '').replace(/\.nix$/, '')]);
  }
  return found;
}
