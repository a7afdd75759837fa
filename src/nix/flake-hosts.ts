import type { Platform } from '../workspace/model.ts';
import { bindingsOf, type ModuleText, readModule } from './module-text.ts';
import type { ModuleSource } from './module-values.ts';
import { isWellKnown } from './module-words.ts';
import type { NixBinding, NixNode } from './node.ts';

/** A configuration of a flake, and the modules that its list certainly holds. */
export interface FlakeHostText {
  readonly name: string;
  readonly platform: Platform;
  readonly modules: readonly ModuleText[];
  /** True where the whole list of its modules stands there, and no function of the repository adds to it. */
  readonly whole: boolean;
}

/** What flakes call all of their inputs. */
const ALL_INPUTS = new Set(['inputs', 'self', 'attrs', 'args']);
/** Functions that take the list of modules as it is. */
const SYSTEMS = new Set(['nixosSystem', 'darwinSystem', 'homeManagerConfiguration']);

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
  if (name !== undefined) {
    const modules = modulesOf(binding.value, source);
    return [{ name, platform, modules, whole: modules.length > 0 && isSystem(binding.value) }];
  }
  return bindingsOf(binding.value).flatMap(inner => hostsOf([set ?? ''], inner, source));
}

function isSystem(value: NixNode): boolean {
  if (value.kind !== 'call' || value.head.kind !== 'name' || value.args.length !== 1) return false;
  return SYSTEMS.has(value.head.names.at(-1) ?? '');
}

/** True where a flake has, or may have, an input whose modules may say something of sops. */
export function hasForeignInput(flake: NixNode, sopsNix: ReadonlySet<string>): boolean {
  const names = bindingsOf(flake).flatMap(({ names: [first, second], value }): readonly (string | null)[] => {
    if (first === 'outputs') return value.kind === 'function' ? value.names : [];
    if (first !== 'inputs') return [];
    if (second !== undefined) return [second];
    return value.kind === 'set' ? value.bindings.map(each => each.names[0] ?? null) : [null];
  });
  return names.some(name => name === null || !(ALL_INPUTS.has(name) || isWellKnown(name, sopsNix)));
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
