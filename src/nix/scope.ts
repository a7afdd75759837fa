/**
 * Where in a Nix file a piece of code stands: the attribute path of the bindings around it, as far as anyone
 * asks for it. A path of a thousand levels costs no more than one of six.
 */
export interface Scope {
  /** The first names from the top of the file; `null` for a name that is computed, and for `let`. */
  readonly head: readonly (string | null)[];
  /** The last names. */
  readonly tail: readonly (string | null)[];
  readonly depth: number;
  /** The name below `nixosConfigurations` and its like, `null` where there is none. */
  readonly owner: string | null;
  /** True inside `home-manager`, whose `sops` is another one than that of the system. */
  readonly home: boolean;
}

const HEAD = 3;
const TAIL = 5;
const CONFIGURATIONS = new Set(['nixosConfigurations', 'darwinConfigurations', 'homeConfigurations']);

/** The top of a file. */
export const TOP: Scope = { head: [], tail: [], depth: 0, owner: null, home: false };

/** The scope of a binding `a.b.c = …` that stands in `scope`. */
export function extend(scope: Scope, names: readonly (string | null)[]): Scope {
  let { owner, home } = scope;
  let before = scope.tail.at(-1) ?? null;
  for (const name of names) {
    if (before !== null && CONFIGURATIONS.has(before)) owner = name;
    if (name === 'home-manager') home = true;
    before = name;
  }
  return {
    head: scope.head.length >= HEAD ? scope.head : [...scope.head, ...names.slice(0, HEAD)].slice(0, HEAD),
    tail: [...scope.tail, ...names.slice(-TAIL)].slice(-TAIL),
    depth: scope.depth + names.length,
    owner,
    home,
  };
}

/** The name at the end of the path, where the names before it are these: `after(scope, 'sops', 'secrets')`. */
export function after(scope: Scope, ...names: readonly string[]): string | null {
  const before = scope.tail.slice(-names.length - 1, -1);
  return before.length === names.length && names.every((name, i) => before[i] === name)
    ? (scope.tail.at(-1) ?? null)
    : null;
}

/** True where the path ends in these names. */
export function endsIn(scope: Scope, ...names: readonly string[]): boolean {
  const end = scope.tail.slice(-names.length);
  return end.length === names.length && names.every((name, i) => end[i] === name);
}
