import type { Platform } from '../workspace/model.ts';
import type { NixBinding, NixNode } from './expression.ts';
import { bindingsOf, type ModuleSource, type ModuleText, readModule } from './module-text.ts';

/** A configuration of a flake, and the modules that its list certainly holds. */
export interface FlakeHostText {
  readonly name: string;
  readonly platform: Platform;
  readonly modules: readonly ModuleText[];
}

const PLATFORMS: ReadonlyMap<string, Platform> = new Map<string, Platform>([
  ['nixosConfigurations', 'nixos'],
  ['darwinConfigurations', 'darwin'],
  ['homeConfigurations', 'home'],
]);

/** The configurations that a `flake.nix` spells out. One that a function makes has a name at best. */
export function findFlakeHosts(flake: NixNode, source: ModuleSource): FlakeHostText[] {
  return bindingsOf(flake)
    .filter(({ names }) => names.join('.') === 'outputs')
    .flatMap(({ value }) => outputs(value))
    .flatMap(binding => hostsOf([], binding, source));
}

/** The bindings of the outputs; flake-parts has them below `flake`. */
function outputs(node: NixNode): NixBinding[] {
  let found = node;
  while (found.kind === 'function' || found.kind === 'let') found = found.body;
  if (found.kind === 'set') return [...found.bindings];
  if (found.kind !== 'call') return [];
  return found.args.flatMap(bindingsOf).flatMap(({ names, value, at }) => {
    if (names[0] !== 'flake') return [];
    return names.length > 1 ? [{ names: names.slice(1), value, at }] : bindingsOf(value);
  });
}

function hostsOf(above: readonly string[], binding: NixBinding, source: ModuleSource): FlakeHostText[] {
  const path = [...above, ...binding.names];
  const [set, name, ...rest] = path;
  const platform = PLATFORMS.get(set ?? '');
  if (platform === undefined || rest.length > 0 || name === null) return [];
  if (name !== undefined) return [{ name, platform, modules: modulesOf(binding.value, source) }];
  return bindingsOf(binding.value).flatMap(inner => hostsOf([set ?? ''], inner, source));
}

/** `nixosSystem { modules = [ … ]; }` */
function modulesOf(value: NixNode, source: ModuleSource): ModuleText[] {
  if (value.kind !== 'call') return [];
  return value.args
    .flatMap(bindingsOf)
    .filter(({ names }) => names.join('.') === 'modules')
    .map(({ value: list, at }) => {
      // a module that does nothing but import what the list holds
      const imports: NixBinding = { names: ['imports'], value: list, at };
      return readModule({ kind: 'set', bindings: [imports], at }, source);
    });
}
